"""`gangway plan`: make a plan, show it, have it looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking, table
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.rules.slip import Slip, slip_of
from gangway.rollout.plans.rules.state import count

app = typer.Typer(no_args_is_help=True, help="The rollout plan: twelve weeks that close themselves on evidence.")
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


class NoHost(Refusal):
    code = "plans.no_host"
    message = "No company is set up yet."
    next_step = "Apply a partner file first: gangway partner apply partners.csv"


class NoPlan(Refusal):
    code = "plans.no_plan"
    message = "No rollout plan runs yet."
    next_step = "Start one: gangway plan new --kickoff 2026-03-02"


@app.command("new")
def new(
    kickoff: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="Day of the kickoff.")],
    template: Annotated[str, typer.Option(help="A shipped template, or the path of your own YAML file.")] = "essential",
    zone: Annotated[str, typer.Option(help="Time zone of the plan; the host's own when empty.")] = "",
    title: Annotated[str, typer.Option(help="Title of the plan.")] = "",
    replace: Annotated[bool, typer.Option(help="Archive the plan that runs.")] = False,
    as_json: AsJson = False,
) -> None:
    """Make a plan from a template.

    Example: gangway plan new --kickoff 2026-03-02 --zone Europe/Berlin
    """
    with speaking(), _at_host() as host:
        path = Path(template)
        definition = queries.template_file(path) if path.suffix else queries.shipped_template(template)
        now = clock.now()
        actions.new_plan(
            definition=definition,
            kickoff_on=kickoff.date(),
            zone=zone or host.zone,
            title=title,
            replace=replace,
            actor=Actor.operator(),
            now=now,
        )
        actions.evaluate_plan(actor=Actor.operator(), now=now)
        _show(as_json)


@app.command("show")
def show(as_json: AsJson = False) -> None:
    """Show the plan that runs: every milestone, its state and why.

    Example: gangway plan show --json
    """
    with speaking(), _at_host():
        _show(as_json)


@app.command("evaluate")
def evaluate(as_json: AsJson = False) -> None:
    """Ask every criterion now and store what was seen.

    Example: gangway plan evaluate
    """
    with speaking(), _at_host():
        plan = _running()
        looked = actions.evaluate_plan(actor=Actor.operator(), now=clock.now())
        counts = count(row.state for row in queries.milestones(plan.id) if not row.is_check)
        document = {"asked": looked.asked, "stored": looked.stored, "changed": looked.changed, "words": counts.words}
        emit(document, as_json, lambda: _say(looked, counts.words))


@contextmanager
def _at_host() -> Iterator[partners.PartnerRow]:
    host = partners.host_partner()
    if host is None:
        raise NoHost()
    with scopes.one(host.id):
        yield host


def _running() -> queries.PlanRow:
    plan = queries.current_plan()
    if plan is None:
        raise NoPlan()
    return plan


def _say(looked: actions.Looked, words: str) -> None:
    console.print(f"{looked.asked} criteria asked, {looked.stored} evaluations stored. {words}.")
    for key, state in looked.changed.items():
        console.print(f"  {key}: {state}")


def _show(as_json: bool) -> None:
    plan = _running()
    now = clock.now()
    rows = queries.milestones(plan.id)
    slip = slip_of(queries.tasks(rows), now)
    emit(_document(plan, rows, slip, now), as_json, lambda: _table(plan, rows, slip, now))


def _table(plan: queries.PlanRow, rows: tuple[queries.MilestoneRow, ...], slip: Slip, now: datetime) -> None:
    console.print(f"{plan.title}: week {plan.week(now)} of 12. {count(t.state for t in queries.tasks(rows)).words}.")
    console.print(slip.words)
    table(
        [
            {"week": row.week, "track": row.track, "milestone": row.title, "state": row.state, "why": row.why}
            for row in rows
            if not row.is_check
        ]
    )


def _document(
    plan: queries.PlanRow, rows: tuple[queries.MilestoneRow, ...], slip: Slip, now: datetime
) -> dict[str, Any]:
    gates = queries.gates(plan, {row.key: row.state for row in rows})
    return {
        "id": plan.id,
        "title": plan.title,
        "template": f"{plan.template.key}/{plan.template.version}",
        "kickoff_on": plan.kickoff_on,
        "zone": plan.zone,
        "week": plan.week(now),
        "evaluated_at": plan.evaluated_at,
        "slip": slip.words,
        "expected_end": slip.expected_end,
        "milestones": [_milestone(row) for row in rows if not row.is_check],
        "checklist": [_milestone(row) for row in rows if row.is_check],
        "gates": [
            {
                "key": gate.line.key,
                "on": gate.on,
                "verdict": gate.verdict.verdict,
                "words": gate.verdict.words,
                "decision": gate.decision.choice if gate.decision else None,
            }
            for gate in gates
        ],
    }


def _milestone(row: queries.MilestoneRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "week": row.week,
        "track": row.track,
        "title": row.title,
        "owner": row.owner,
        "due_at": row.due_at,
        "state": row.state,
        "why": row.why,
        "criteria": [
            {
                "key": criterion.key,
                "asks": criterion.asks,
                "result": criterion.result,
                "value": criterion.latest.value if criterion.latest else None,
                "n": criterion.latest.n if criterion.latest else None,
                "as_of": criterion.latest.as_of if criterion.latest else None,
            }
            for criterion in row.criteria
        ],
    }
