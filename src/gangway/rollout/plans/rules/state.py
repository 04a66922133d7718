"""What a criterion's finding is worth, and the state of a milestone. Missing or thin evidence is never a pass."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gangway.kernel.said import N_, said


class Result(StrEnum):
    """The judgement over one criterion."""

    MET = "met"
    UNMET = "unmet"
    THIN = "thin"  # fewer seen than the criterion asks for
    STALE = "stale"  # true once, but the youngest fact is too old
    UNSEEN = "unseen"  # Gangway has no query for it yet, or the query failed


class State(StrEnum):
    """The four states of a milestone. Only the first may be green."""

    PROVEN = "proven"
    ATTESTED = "attested"
    UNPROVEN = "unproven"
    DECAYED = "decayed"

    @property
    def closed(self) -> bool:
        """Nothing more is asked of its owner."""
        return self in (State.PROVEN, State.ATTESTED)


def judge(
    *, holds: bool, n: int, minimum_n: int, newest_at: datetime | None, freshness: timedelta | None, now: datetime
) -> Result:
    """Judge what a query saw. A predicate over too few things is thin, even where it holds of all of them."""
    if n < max(minimum_n, 1):
        return Result.THIN
    if not holds:
        return Result.UNMET
    if freshness is not None and (newest_at is None or now - newest_at > freshness):
        return Result.STALE
    return Result.MET


def milestone_state(
    results: Sequence[Result], *, may_attest: bool, attested_at: datetime | None, proven_at: datetime | None
) -> State:
    """The state from the criteria's results.

    attested_at: when a standing attestation was given; proven_at: when it was last seen proven.
    Without criteria nothing is proven. An attestation counts only where the template allows it, and only if it was
    given after the proof was lost: nobody vouched for what broke later.
    """
    if results and all(result is Result.MET for result in results):
        return State.PROVEN
    if may_attest and attested_at is not None and (proven_at is None or attested_at > proven_at):
        return State.ATTESTED
    return State.UNPROVEN if proven_at is None else State.DECAYED


STATE_WORDS = {
    State.PROVEN: said("Proven"),
    State.ATTESTED: said("Attested"),
    State.UNPROVEN: said("Unproven"),
    State.DECAYED: said("Decayed"),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """The part of the last stored evaluation that decides whether the next one is stored."""

    result: Result
    value: float | None
    n: int | None
    definition: str
    day: date


def worth_storing(last: Stored | None, new: Stored) -> bool:
    """An evaluation is stored when result, value, n or definition changed, and once a day."""
    return last is None or last != new


@dataclass(frozen=True, slots=True)
class Count:
    """How many milestones stand where."""

    proven: int
    attested: int
    unproven: int
    decayed: int

    @property
    def total(self) -> int:
        return self.proven + self.attested + self.unproven + self.decayed

    @property
    def words(self) -> str:
        """`7 of 12 proven, 2 attested, 1 decayed`: attested is counted apart, never as proven."""
        return said(self._text, proven=self.proven, total=self.total, attested=self.attested, decayed=self.decayed)

    @property
    def sentence(self) -> str:
        """The same, ended."""
        return said("{counts}.", counts=self.words)

    @property
    def _text(self) -> str:
        if self.attested and self.decayed:
            return N_("{proven} of {total} proven, {attested} attested, {decayed} decayed")
        if self.attested:
            return N_("{proven} of {total} proven, {attested} attested")
        return N_("{proven} of {total} proven, {decayed} decayed") if self.decayed else N_("{proven} of {total} proven")


def count(states: Iterable[State]) -> Count:
    seen = list(states)
    return Count(**{state.value: seen.count(state) for state in State})
