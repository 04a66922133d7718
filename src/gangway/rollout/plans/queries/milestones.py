"""Milestones with their criteria, and the history of what was seen."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.refusal import NotFound
from gangway.kernel.said import content, said, unpack
from gangway.rollout.plans.models import Attestation, Evaluation, Milestone, MilestoneCriterion
from gangway.rollout.plans.queries.criteria import registry
from gangway.rollout.plans.rules.state import Result, State
from gangway.rollout.plans.rules.why import Judged, why


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """What was seen once."""

    result: Result
    words: str
    value: float | None
    n: int | None
    breaks: str
    link: str
    fades_at: datetime | None
    as_of: datetime
    query: str
    definition: str


@dataclass(frozen=True, slots=True)
class CriterionRow:
    """A criterion of a milestone: what it asks, the last judgement, and the evaluation stored last."""

    id: UUID
    key: str
    asks: str
    parameters: Mapping[str, Any]
    result: Result
    asked_at: datetime | None
    registered: bool
    latest: EvaluationRow | None

    @property
    def judged(self) -> Judged:
        seen = self.latest.words if self.latest else ""
        return Judged(self.asks, self.result, seen, self.latest.fades_at if self.latest else None)


@dataclass(frozen=True, slots=True)
class AttestationRow:
    person_id: UUID
    person: str
    reason: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """A milestone as pages show it. `owner` is the key of its RACI row."""

    id: UUID
    key: str
    week: int
    track: str
    title: str
    owner: str
    deliverable: str
    may_attest: bool
    is_check: bool
    due_at: datetime
    state: State
    state_since: datetime
    proven_at: datetime | None
    criteria: tuple[CriterionRow, ...]
    attestation: AttestationRow | None

    @property
    def why(self) -> str:
        """The sentence under its light."""
        given = self.attestation
        judged = [criterion.judged for criterion in self.criteria]
        return why(self.state, judged, vouched_by=given.person if given else "", reason=given.reason if given else "")


def milestones(plan_id: UUID) -> tuple[MilestoneRow, ...]:
    """Every milestone of a plan in its order: week, then position. Three statements."""
    rows = Milestone.objects.filter(plan_id=plan_id).order_by("week", "position")
    return tuple(_with_evidence(list(rows)))


def milestone(plan_id: UUID, key: str) -> MilestoneRow:
    """One milestone by its key. NotFound."""
    row = Milestone.objects.filter(plan_id=plan_id, key=key).first()
    if row is None:
        raise NotFound()
    return _with_evidence([row])[0]


def history(milestone_id: UUID, limit: int = 50) -> tuple[tuple[str, EvaluationRow], ...]:
    """(what was asked, what was seen), the latest first."""
    found = Evaluation.objects.filter(criterion__milestone_id=milestone_id).select_related("criterion")
    known = registry()
    return tuple((_asks(row.criterion, known), evaluation_row(row)) for row in found.order_by("-as_of", "-id")[:limit])


def evaluation_row(row: Evaluation) -> EvaluationRow:
    kept = row.said or {"words": row.words, "breaks": row.breaks}
    return EvaluationRow(
        result=Result(row.result),
        words=unpack(kept["words"]),
        value=row.value,
        n=row.n,
        breaks=unpack(kept["breaks"]),
        link=row.link,
        fades_at=row.fades_at,
        as_of=row.as_of,
        query=row.query,
        definition=row.definition,
    )


def _with_evidence(rows: list[Milestone]) -> list[MilestoneRow]:
    ids = [row.pk for row in rows]
    known = registry()
    criteria: dict[UUID, list[CriterionRow]] = defaultdict(list)
    uses = MilestoneCriterion.objects.filter(milestone_id__in=ids).select_related("evaluation")
    for use in uses.order_by("position"):
        criteria[use.milestone_id].append(_criterion(use, known))
    given = Attestation.objects.filter(milestone_id__in=ids, withdrawn_at=None).select_related("person")
    attested = {
        row.milestone_id: AttestationRow(row.person_id, row.person.name, row.reason, row.given_at) for row in given
    }
    return [_row(row, tuple(criteria[row.pk]), attested.get(row.pk)) for row in rows]


def _criterion(use: MilestoneCriterion, known: Mapping[str, Any]) -> CriterionRow:
    return CriterionRow(
        id=use.pk,
        key=use.key,
        asks=_asks(use, known),
        parameters=use.parameters,
        result=Result(use.result),
        asked_at=use.asked_at,
        registered=use.key in known,
        latest=evaluation_row(use.evaluation) if use.evaluation_id else None,
    )


def _asks(use: MilestoneCriterion, known: Mapping[str, Any]) -> str:
    registered = known.get(use.key)
    return registered.say(use.parameters) if registered else said(use.words or use.key, **use.parameters)


def _row(row: Milestone, criteria: tuple[CriterionRow, ...], attestation: AttestationRow | None) -> MilestoneRow:
    return MilestoneRow(
        id=row.pk,
        key=row.key,
        week=row.week,
        track=row.track,
        title=content(row.title),
        owner=row.owner,
        deliverable=content(row.deliverable),
        may_attest=row.may_attest,
        is_check=row.is_check,
        due_at=row.due_at,
        state=State(row.state),
        state_since=row.state_since,
        proven_at=row.proven_at,
        criteria=criteria,
        attestation=attestation,
    )
