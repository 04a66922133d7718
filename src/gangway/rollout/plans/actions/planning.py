"""Make a plan from a template."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.rollout.plans.models import Milestone, MilestoneCriterion, Plan, RaciCell, RaciRow
from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.raci import Holder, Letter
from gangway.rollout.plans.rules.template import MilestoneLine, RaciLine, Template, TemplateUnfit, read


class PlanRuns(Refusal):
    """One plan runs at a time."""

    code = "plans.plan_runs"
    message = "The plan “{title}” already runs, since its kickoff on {kickoff_on}."
    next_step = "Archive it and start anew with --replace; nothing of it is lost."


@action("plans.plan.new")
def new_plan(
    *,
    definition: Mapping[str, Any],
    kickoff_on: date,
    zone: str,
    title: str = "",
    replace: bool = False,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Copy a template into a plan of the host, in scope `one(host)`. Refuses an unfit template or zone, PlanRuns."""
    template = _fit(definition)
    if not clock.known_zone(zone):
        raise Invalid(
            field="zone", problem="“{zone}” is no time zone.", mend="Name one such as Europe/Berlin.", zone=zone[:60]
        )
    _make_room(replace, now)
    plan = Plan.objects.create(
        template_key=template.key,
        template_version=template.version,
        title=title.strip()[:200] or f"{template.title} rollout",
        definition=definition,
        kickoff_on=kickoff_on,
        zone=zone,
        created_at=now,
    )
    _lay_milestones(plan, template.milestones, now)
    _lay_raci(plan, template.raci)
    audit.record(
        actor=actor,
        verb="plans.plan.new",
        object_type="plan",
        object_id=plan.pk,
        changes={"template": f"{template.key}/{template.version}", "kickoff_on": str(kickoff_on), "zone": zone},
        now=now,
    )
    plan_id: UUID = plan.pk
    return plan_id


def running_plan(plan_id: UUID) -> Plan:
    """The running plan, locked until the action ends: one writer per plan at a time. NotFound."""
    plan: Plan | None = Plan.objects.select_for_update().filter(pk=plan_id, archived_at=None).first()
    if plan is None:
        raise NotFound()
    return plan


def _fit(definition: Mapping[str, Any]) -> Template:
    try:
        return read(definition)
    except TemplateUnfit as unfit:
        raise Invalid(field="template", problem=str(unfit), mend="Mend the template and try again.") from unfit


def _make_room(replace: bool, now: datetime) -> None:
    running = Plan.objects.select_for_update().filter(archived_at=None).first()
    if running is None:
        return
    if not replace:
        raise PlanRuns(title=running.title, kickoff_on=running.kickoff_on)
    running.archived_at = now
    running.save(update_fields=["archived_at"])


def _lay_milestones(plan: Plan, lines: Iterable[MilestoneLine], now: datetime) -> None:
    rows = [
        Milestone(
            plan=plan,
            key=line.key,
            week=line.week,
            track=line.track,
            title=line.title,
            owner=line.owner,
            deliverable=line.deliverable,
            may_attest=line.attest,
            is_check=line.check,
            position=position,
            due_at=clock.due_at(plan.kickoff_on, line.week, plan.zone),
            state_since=now,
        )
        for position, line in enumerate(lines)
    ]
    Milestone.objects.bulk_create(rows)
    MilestoneCriterion.objects.bulk_create(
        MilestoneCriterion(milestone=row, key=use.key, position=n, parameters=dict(use.parameters), words=use.words)
        for row, line in zip(rows, lines, strict=True)
        for n, use in enumerate(line.criteria)
    )


def _lay_raci(plan: Plan, lines: Iterable[RaciLine]) -> None:
    for position, line in enumerate(lines):
        row = RaciRow.objects.create(plan=plan, key=line.key, title=line.title, words=line.words, position=position)
        RaciCell.objects.bulk_create(
            RaciCell(row=row, letter=letter, holder=_starter(letter), label=label)
            for letter, labels in line.cells.items()
            for label in labels
        )


def _starter(letter: Letter) -> Holder:
    """A template names jobs for those who work, groups for those who are told."""
    return Holder.GROUP if letter is Letter.INFORMED else Holder.JOB
