"""Why a light is as it is, in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gangway.kernel.said import said, together
from gangway.rollout.plans.rules.state import Result, State

RESULT_WORDS = {
    Result.MET: said("holds"),
    Result.UNMET: said("does not hold"),
    Result.THIN: said("too few to tell"),
    Result.STALE: said("too old"),
    Result.UNSEEN: said("not visible to Gangway yet"),
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a criterion asks, what was seen, and how it was judged."""

    asks: str
    result: Result
    seen: str = ""
    fades_at: datetime | None = None


def seen_words(result: Result, words: str, n: int, minimum_n: int) -> str:
    """The sentence stored with an evaluation: what was seen, and why that is not enough."""
    if result is Result.THIN and minimum_n > 1:
        return together(words, said("That is {n}; fewer than {minimum} prove nothing.", n=n, minimum=minimum_n))
    if result is Result.STALE:
        return together(words, said("The youngest of it is too old."))
    return words


def why(state: State, criteria: Sequence[Judged], *, vouched_by: str = "", reason: str = "") -> str:
    """The sentence under a milestone's light."""
    if state is State.ATTESTED:
        return said("{name} vouches for it: “{reason}” Gangway has not seen it itself.", name=vouched_by, reason=reason)
    if state is State.PROVEN:
        return together(*(one.seen for one in criteria))
    if not criteria:
        return said("Nothing that Gangway sees could prove it. Somebody may vouch for it.")
    open_ones = [one for one in criteria if one.result is not Result.MET]
    first = open_ones[0] if open_ones else criteria[0]
    words = first.seen or unseen_words(first.asks)
    return said("No longer proven: {why}", why=words) if state is State.DECAYED else words


def unseen_words(asks: str) -> str:
    """What a criterion waits for while nothing was seen."""
    return said("Waits for: {what}.", what=asks)
