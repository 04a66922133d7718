"""Gates: what the evidence says now, and what was decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gangway.kernel.said import unpack
from gangway.rollout.plans.models import Decision
from gangway.rollout.plans.queries.plans import PlanRow
from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.gates import CHOICE_WORDS, Choice, GateVerdict, gate_verdict
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.rules.template import GateLine


@dataclass(frozen=True, slots=True)
class DecisionRow:
    choice: str
    verdict: str
    verdict_words: str
    choice_words: str
    reason: str
    person: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class GateRow:
    """A gate of the plan. `decision` is the latest; `decided` how many there were."""

    line: GateLine
    on: date
    verdict: GateVerdict
    decision: DecisionRow | None
    decided: int


def gates(plan: PlanRow, states: Mapping[str, State]) -> tuple[GateRow, ...]:
    """Every gate of a plan; states: milestone key → state."""
    latest: dict[str, DecisionRow] = {}
    counts: dict[str, int] = {}
    for row in Decision.objects.filter(plan_id=plan.id).select_related("person").order_by("decided_at", "id"):
        latest[row.gate] = DecisionRow(
            row.choice,
            row.verdict,
            unpack(row.verdict_said or row.verdict_words),
            CHOICE_WORDS[Choice(row.choice)],
            row.reason,
            row.person.name,
            row.decided_at,
        )
        counts[row.gate] = counts.get(row.gate, 0) + 1
    return tuple(
        GateRow(
            line,
            clock.k_day(plan.kickoff_on, line.day),
            gate_verdict(line.needs, states),
            latest.get(line.key),
            counts.get(line.key, 0),
        )
        for line in plan.template.gates
    )


def gate_choices(plan_id: UUID, gate: str) -> tuple[str, ...]:
    """Every decision at a gate, the latest first."""
    found = Decision.objects.filter(plan_id=plan_id, gate=gate).order_by("-decided_at", "-id")
    return tuple(found.values_list("choice", flat=True))
