"""What a connection lives on and runs out: which of it counts, when both sides are told, how long their link holds.
Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum, auto

STEPS = (60, 30, 7)  # days before the end, at each of which both sides are told once
RENEWAL_LIFE = timedelta(days=14)
CERTIFICATES_AT_ONCE = 10


class Credential(StrEnum):
    """What runs out: a certificate the provider signs with, our secret at the provider, a token of a directory."""

    CERTIFICATE = auto()
    SECRET = auto()
    TOKEN = auto()


@dataclass(frozen=True, slots=True)
class Ending:
    """What a connection lives on. `name` tells it from the one after it: a fingerprint, a day, the id of a token;
    `tail`: the last four signs of a token or fingerprint, by which people know it; `waiting`: those of a newer token
    that was taken and that the directory has not shown yet."""

    what: Credential
    name: str
    ends_at: datetime
    tail: str = ""
    waiting: str = ""

    def days(self, now: datetime) -> int:
        """Whole days that are left; negative once it ran out."""
        return (self.ends_at - now) // timedelta(days=1)

    def soon(self, now: datetime) -> bool:
        """Whether it is time to say so, or too late."""
        return self.ends_at - now <= timedelta(days=STEPS[0])


def end_of(day: date) -> datetime:
    """When something that holds until a day ends: at noon UTC, so that it is the same day to almost everybody."""
    return datetime.combine(day, time(12), UTC)


def step_due(ends_at: datetime, now: datetime, told: Collection[int]) -> int | None:
    """The step to tell now; None before the first one, where it was told, and once it ran out.

    Who is late is told the nearest step alone, not those that were missed.
    """
    left = ends_at - now
    reached = [step for step in STEPS if timedelta(0) < left <= timedelta(days=step)]
    if not reached or min(reached) in told:
        return None
    return min(reached)


@dataclass(frozen=True, slots=True)
class Holding:
    """A token that holds. `used_at`: when the directory last showed it."""

    name: str
    ends_at: datetime
    tail: str
    used_at: datetime | None


def token_that_counts(holding: Sequence[Holding]) -> Holding | None:
    """The token a directory lives on: the one it showed last. A new one that it does not show yet saves nobody."""
    used = [one for one in holding if one.used_at is not None]
    if used:
        return max(used, key=lambda one: (one.used_at, one.ends_at))
    return max(holding, key=lambda one: one.ends_at, default=None)


def token_that_waits(holding: Sequence[Holding], counts: Holding) -> Holding | None:
    """A token that was taken to follow the one that counts, and that the directory has not shown yet."""
    if counts.used_at is None:
        return None
    new = [one for one in holding if one.used_at is None and one.ends_at > counts.ends_at]
    return max(new, key=lambda one: one.ends_at, default=None)
