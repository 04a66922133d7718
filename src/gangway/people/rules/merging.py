"""Whether two accounts of one human may become one, and become two again. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from gangway.people.rules import COMES_IN, State

UNDO_LIFE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Account:
    """A person as a merge sees them."""

    id: UUID
    state: str
    managed_by: str = ""
    synthetic: bool = False


class Hindrance(StrEnum):
    """Why two accounts are not merged."""

    SAME = "same"  # it is one account
    STAFF = "staff"  # of the channel team
    OWN = "own"  # of whoever asks
    CLOSED = "closed"  # one of them may not come in, or is a robot
    DIRECTORIES = "directories"  # a directory looks after each of them
    DIRECTORY = "directory"  # it looks after the one that would go


def hindrance(stays: Account, gone: Account, *, at_host: bool, asked_by: UUID | None) -> Hindrance | None:
    """The first reason against merging `gone` into `stays`, two people of one partner; None: they may be merged."""
    both = (stays, gone)
    reasons = {
        Hindrance.STAFF: at_host,
        Hindrance.SAME: stays.id == gone.id,
        Hindrance.OWN: asked_by in {one.id for one in both},
        Hindrance.CLOSED: any(one.synthetic or one.state not in COMES_IN for one in both),
        Hindrance.DIRECTORIES: all(one.managed_by for one in both),
        Hindrance.DIRECTORY: bool(gone.managed_by),
    }
    return next((reason for reason, holds in reasons.items() if holds), None)


class Late(StrEnum):
    """Why a merge is not undone."""

    OVER = "over"  # the time for it
    ERASED = "erased"  # one of them
    CLOSED = "closed"  # the one who stayed may not come in any more
    TAKEN = "taken"  # somebody else has the mail address by now


def late(stays: Account, gone: Account, *, until: datetime, taken: bool, now: datetime) -> Late | None:
    """The first reason against undoing a merge; None: it may be undone."""
    reasons = {
        Late.ERASED: State.ERASED.value in (stays.state, gone.state),
        Late.OVER: now >= until,
        Late.CLOSED: stays.state not in COMES_IN,
        Late.TAKEN: taken,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
