"""Criteria whose facts are the plan's own, and the asking of any criterion."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from django.urls import reverse

from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said, together
from gangway.rollout.plans import queries
from gangway.rollout.plans.rules import raci as raci_rules
from gangway.rollout.plans.rules.gates import CHOICE_WORDS, Choice

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a criterion answered. finding None: nobody registered it, or its query failed (then `failed` says how)."""

    criterion: Criterion | None
    finding: Finding | None
    failed: str = ""


Asked = tuple[str, str]  # a criterion's key, and its parameters as sorted JSON


def asked(key: str, parameters: Mapping[str, Any]) -> Asked:
    """The identity of a question: the same key with the same parameters is asked once for all milestones."""
    return key, json.dumps(parameters, sort_keys=True)


def collect(plan: queries.PlanRow, uses: Iterable[Asked], now: datetime) -> dict[Asked, Answer]:
    """Ask every criterion once, in the scope that is open. A query that fails proves nothing, and is logged."""
    registry = queries.registry()
    return {use: _ask(registry.get(use[0]), plan, json.loads(use[1]), now) for use in set(uses)}


def _ask(criterion: Criterion | None, plan: queries.PlanRow, parameters: dict[str, Any], now: datetime) -> Answer:
    if criterion is None:
        return Answer(None, None)
    told = {**criterion.defaults, **parameters}
    asking = Asking(host_id=plan.partner_id, plan_id=plan.id, now=now, parameters=told)
    try:
        return Answer(criterion, criterion.query(asking))
    except Exception as error:
        log.exception("criterion.failed", criterion=criterion.key)
        return Answer(criterion, None, failed=type(error).__name__)


def kickoff_held(asking: Asking) -> Finding:
    """People with an A who confirmed, signed in, that they attended."""
    accountable = raci_rules.accountable(queries.matrix(queries.raci(asking.plan_id)))
    rows = queries.attendance(asking.plan_id)
    present = [row for row in rows if str(row.person_id) in accountable]
    return Finding(
        holds=len(present) >= asking.number("minimum", 1),
        value=len(present),
        n=len(rows),
        words=said("{n} of {m} accountable people confirmed that they attended.", n=len(present), m=len(accountable)),
        breaks=said("It ends when nobody who confirmed holds an A any more."),
        link=reverse("plans:kickoff"),
    )


def raci_whole(asking: Asking) -> Finding:
    """Exactly one named A in every row, and somebody named on the partners' side."""
    rows = queries.matrix(queries.raci(asking.plan_id))
    faults = [c for c in raci_rules.complaints(rows) if c.fault in raci_rules.BREAKS_WHOLE]
    good = raci_rules.whole_rows(rows)
    words = said("{n} of {m} rows have exactly one named A.", n=good, m=len(rows))
    contact = said("The partners' side has a contact.")
    return Finding(
        holds=raci_rules.whole(rows),
        value=good,
        n=len(rows),
        words=together(words, _nameless(faults[0]) if faults else contact),
        breaks=said("It ends when a row loses its A, gets a second one, or no partner-side contact is left."),
        link=reverse("plans:raci"),
    )


def _nameless(fault: raci_rules.Complaint) -> str:
    """A fault without the names of people: an evaluation is kept for good, and people may be erased."""
    if fault.fault is raci_rules.Fault.TWO_AS:
        return said("The row {row} has more than one A.", row=fault.row)
    if fault.fault is raci_rules.Fault.A_NEVER_SIGNED_IN:
        return said("The A of the row {row} never signed in.", row=fault.row)
    return fault.words


def gate_decided(asking: Asking) -> Finding:
    """The latest decision at a gate is go."""
    choices = queries.gate_choices(asking.plan_id, str(asking.parameters["gate"]))
    latest = choices[0] if choices else ""
    return Finding(
        holds=latest == Choice.GO,
        value=len(choices),
        n=len(choices),
        words=said("Decided: {choice}.", choice=CHOICE_WORDS[Choice(latest)])
        if latest
        else said("Decided: nothing yet."),
        breaks=said("It ends when the gate is decided again, to extend or to hold."),
        link=reverse("plans:gates"),
    )


def checklist_complete(asking: Asking) -> Finding:
    """Every line of the final checklist is proven or attested."""
    lines = [row for row in queries.milestones(asking.plan_id) if row.is_check]
    closed = [row for row in lines if row.state.closed]
    return Finding(
        holds=len(closed) == len(lines),
        value=len(closed),
        n=len(lines),
        words=said("{n} of {m} lines are proven or attested.", n=len(closed), m=len(lines)),
        breaks=said("It ends when a line decays."),
        link=reverse("plans:checklist"),
    )


CRITERIA = (
    Criterion(
        key="plans.kickoff_held",
        words="At least {minimum} person with an A in the RACI confirmed, signed in, that they attended the kickoff",
        query=kickoff_held,
        defaults={"minimum": 1},
    ),
    Criterion(
        key="plans.raci_whole",
        words="Every row of the RACI has exactly one A, a named person, and a contact on the partners' side is named",
        query=raci_whole,
    ),
    Criterion(
        key="plans.gate_decided",
        words="The accountable person decided “go” at the gate “{gate}”",
        query=gate_decided,
    ),
    Criterion(
        key="plans.checklist_complete",
        words="Every line of the final checklist is proven or attested",
        query=checklist_complete,
    ),
)
