"""What a letter may become, when it is tried again, and whether it may still go out. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    """queued → sending → sent | kept | bounced | failed | cancelled; deferred letters go back to queued.

    A letter that came back later goes from sent to bounced.
    """

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    KEPT = "kept"
    BOUNCED = "bounced"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN_STATES = (State.QUEUED, State.SENDING)


class Category(StrEnum):
    """What kind of letter it is; decides who may decline it, and when it may go out."""

    SIGN_IN = "sign_in"  # asked for a minute ago: nobody opts out of it
    SERVICE = "service"  # the account, the award, a leaver's receipt
    NUDGE = "nudge"  # reminders, which a person may decline
    REPORT = "report"  # status letters, which a person may decline

    @property
    def may_be_declined(self) -> bool:
        return self in (Category.NUDGE, Category.REPORT)


class Priority:
    """Lower goes first."""

    SIGN_IN = 0
    NORMAL = 50
    BULK = 90


LEASE = timedelta(minutes=2)
BACK_OFF = (1, 2, 5, 15, 30, 60)  # minutes
GIVE_UP_AFTER = 30  # tries: a little more than a day


def back_off(attempts: int) -> timedelta:
    """How long to wait after the n-th try: a minute at first, an hour in the end."""
    return timedelta(minutes=BACK_OFF[min(max(attempts, 1), len(BACK_OFF)) - 1])


class Fate(StrEnum):
    SENT = "sent"
    KEPT = "kept"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one try led to. `dead` says that the mailbox itself is gone, so no letter goes there again."""

    fate: Fate
    reason: str = ""
    code: int | None = None
    dead: bool = False


SENT = Outcome(Fate.SENT, "250 accepted", 250)
KEPT = Outcome(Fate.KEPT)
UNWANTED = Outcome(Fate.CANCELLED, "They acted meanwhile; the letter is no longer needed.")


def next_state(outcome: Outcome, attempts: int) -> State:
    """The state that an outcome leads to after this many tries."""
    if outcome.fate is Fate.DEFERRED:
        return State.FAILED if attempts >= GIVE_UP_AFTER else State.QUEUED
    return State(outcome.fate.value)


# ---------------------------------------------------------------- may it still go out


@dataclass(frozen=True, slots=True)
class Recipient:
    """The facts about a person at the moment of sending."""

    access_epoch: int
    may_receive: bool
    mailbox: str
    declined: bool = False
    suppressed: bool = False


def why_cancelled(recipient: Recipient, *, queued_epoch: int, not_after: datetime | None, now: datetime) -> str:
    """Why a queued letter must not go out any more, in words for staff; "" where it may."""
    if not recipient.may_receive or recipient.access_epoch != queued_epoch:
        return "The person's access changed after this was queued."
    if not recipient.mailbox:
        return "The person has no mail address."
    if recipient.declined:
        return "The person declined letters of this kind."
    if not_after is not None and now >= not_after:
        return "It could not go out in time, and would be useless now."
    return ""
