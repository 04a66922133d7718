"""What a wave and the launches in it may become, and how long a wave may be undone. Pure.

    wave     draft → going → sent | undone
    launch   planned ⇄ held;  planned → going → launched | undone;  planned | held → removed

A wave is `going` from the moment somebody sends it until its undo window ends and every launch in it is confirmed.
"""

from datetime import datetime, timedelta
from enum import StrEnum

UNDO_WINDOW = timedelta(minutes=10)
PIECE = 500  # people in one transaction
PARTNERS_IN_A_WAVE = 500


class WaveState(StrEnum):
    DRAFT = "draft"
    GOING = "going"
    SENT = "sent"
    UNDONE = "undone"


class LaunchState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    GOING = "going"
    LAUNCHED = "launched"
    UNDONE = "undone"
    REMOVED = "removed"


WAITING = (LaunchState.PLANNED, LaunchState.HELD)


class Quiet(StrEnum):
    """What a wave does about the night at its readers'."""

    WAIT = "wait"
    IGNORE = "ignore"


def may_undo(state: WaveState, letters_from: datetime | None, now: datetime) -> bool:
    """Whether the undo window is open. It ends before the first letter may go."""
    return state is WaveState.GOING and letters_from is not None and now < letters_from


def key_of(name: str, taken: frozenset[str]) -> str:
    """A key for a wave of this name that no other has: `wave-1`, `wave-1-2`."""
    bare = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.casefold())
    stem = "-".join(part for part in bare.split("-") if part)[:50] or "wave"
    if stem not in taken:
        return stem
    return next(key for n in range(2, len(taken) + 3) if (key := f"{stem}-{n}") not in taken)
