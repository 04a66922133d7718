"""How far a person came on their way in, and when they may be written to again. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum


class Arrival(StrEnum):
    """Where somebody stands; those who are stuck first, as lists show them."""

    RETURNED = "returned"  # the letter came back, or was given up
    NO_ADDRESS = "no_address"
    UNINVITED = "uninvited"
    WAITING = "waiting"  # the letter has not left the house
    WRITTEN = "written"  # a mail server took it
    CAME_IN = "came_in"
    SUSPENDED = "suspended"
    LEFT = "left"


ORDER = tuple(Arrival)
STUCK = (Arrival.RETURNED, Arrival.NO_ADDRESS)
OUTSIDE = (*STUCK, Arrival.UNINVITED, Arrival.WAITING, Arrival.WRITTEN)
GONE = ("left", "erased")

# Which states of the last inviting letter mean what; every other one (taken back, none) means "not invited".
BY_LETTER = {
    Arrival.RETURNED: ("bounced", "failed"),
    Arrival.WAITING: ("queued", "sending", "kept"),
    Arrival.WRITTEN: ("sent",),
}

AGAIN_AFTER_SENT = timedelta(days=1)
AGAIN_AFTER_RETURN = timedelta(hours=1)


def arrival(*, state: str, came_in: bool, has_address: bool, letter: str | None) -> Arrival:
    """state: of the person; letter: the state of the last letter that invited them, None where there was none."""
    if state in GONE:
        return Arrival.LEFT
    if state == "suspended":
        return Arrival.SUSPENDED
    if came_in:
        return Arrival.CAME_IN
    if not has_address:
        return Arrival.NO_ADDRESS
    return next((where for where, letters in BY_LETTER.items() if letter in letters), Arrival.UNINVITED)


def again_at(letter: str | None, at: datetime | None) -> datetime | None:
    """When the next invitation may go after a letter that ended at `at`; None: at once.

    One a day while nobody knows that it was lost, so that nobody is written to by every colleague; an hour after it
    came back.
    """
    if at is None or letter not in ("sent", "bounced", "failed"):
        return None
    return at + (AGAIN_AFTER_SENT if letter == "sent" else AGAIN_AFTER_RETURN)
