"""Whom a nudge is for, by the days since a person's clock began. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid5


class Nudge(StrEnum):
    """After three days to who has not come in, after seven to who came in and has not begun, after fourteen to both."""

    COME_IN = "come_in"
    START = "start"
    LAST = "last"


@dataclass(frozen=True, slots=True)
class Turn:
    """When a nudge is due: from this age of the clock on, and not past the next one's."""

    begins: timedelta
    ends: timedelta

    def clocks(self, now: datetime) -> tuple[datetime, datetime]:
        """The clocks it is due for at `now`: (after, until]."""
        return now - self.ends, now - self.begins


TURNS: Mapping[Nudge, Turn] = {
    Nudge.COME_IN: Turn(timedelta(days=3), timedelta(days=7)),
    Nudge.START: Turn(timedelta(days=7), timedelta(days=14)),
    Nudge.LAST: Turn(timedelta(days=14), timedelta(days=21)),
}
NUDGED_FOR = max(turn.ends for turn in TURNS.values())


def is_for(nudge: Nudge, *, came_in: bool, started: bool) -> bool:
    """Whether a person who stands there is still meant by a nudge."""
    match nudge:
        case Nudge.COME_IN:
            return not came_in and not started
        case Nudge.START:
            return came_in and not started
        case Nudge.LAST:
            return not started


def cause_of(wave_id: UUID, nudge: Nudge) -> UUID:
    """What groups the letters of one nudge of one wave."""
    return uuid5(wave_id, nudge.value)


def letter_key(nudge: Nudge) -> str:
    return f"launches.nudge_{nudge.value}"
