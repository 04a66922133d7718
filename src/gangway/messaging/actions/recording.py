"""What became of letters is recorded: by the try to send one, and by what came back later."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.messaging.events import MessageBounced, MessageSent
from gangway.messaging.models import Message, Suppression
from gangway.messaging.queries.letters import letter
from gangway.messaging.queries.messages import mailbox_digest
from gangway.messaging.queries.readers import reader_of
from gangway.messaging.rules import OPEN_STATES, Fate, Outcome, State, back_off, next_state
from gangway.people.queries import PersonRow

CARRIER = Actor.job("messaging.send_due")


@action("messaging.message.record")
def record_delivery(*, message_id: UUID, lease: UUID, outcome: Outcome, actor: Actor, now: datetime) -> State:
    """Write down what one try led to, and tell the house of a sent or bounced letter; the new state.

    That a server took the letter is true whoever holds the lease by now; anything else counts only under the lease.
    """
    row = Message.objects.select_for_update().get(pk=message_id)
    if row.state not in OPEN_STATES or (row.lease != lease and outcome.fate is not Fate.SENT):
        return State(row.state)
    return settle(row, outcome, now)


@action("messaging.message.come_back")
def come_back(*, message_id: UUID, outcome: Outcome, actor: Actor, now: datetime) -> bool:
    """A letter that a mail server had taken came back after all; whether that was news. Told twice is once.

    `outcome` is a bounce. A letter that is being sent may come back before its sender has written that it was taken.
    """
    row = Message.objects.select_for_update().get(pk=message_id)
    if row.state not in (State.SENT, State.SENDING):
        return False
    gone = reader_of(row).email if outcome.dead and not letter(row.letter_key).elsewhere else None
    finish(row, State.BOUNCED, outcome.reason, now)
    _tell(row, State.BOUNCED, outcome, now)
    _suppress(gone, outcome.reason, now)
    audit.record(
        actor=actor,
        verb="messaging.message.come_back",
        object_type="messaging.message",
        object_id=row.id,
        changes={"code": outcome.code, "dead": outcome.dead},
        now=now,
    )
    return True


def settle(row: Message, outcome: Outcome, now: datetime) -> State:
    """Bring a locked letter to the state that an outcome leads to, and tell the house."""
    state = next_state(outcome, row.attempts)
    if state is State.QUEUED:
        put_back(row, now + back_off(row.attempts), outcome.reason)
        return state
    gone = mailbox_of(row, reader_of(row)) if outcome.dead else None
    finish(row, state, outcome.reason, now)
    _tell(row, state, outcome, now)
    _suppress(gone, outcome.reason, now)
    return state


def _tell(row: Message, state: State, outcome: Outcome, now: datetime) -> None:
    if row.person_id is None:
        return  # a stranger's: there is nobody of whom it could be told
    facts: dict[str, Any] = {
        "message_id": row.id,
        "person_id": row.person_id,
        "letter_key": row.letter_key,
        "state": state.value,
    }
    if state is State.SENT:
        publish(MessageSent(**facts), subject_id=row.person_id, now=now, actor=CARRIER)
    if state is State.BOUNCED:
        publish(MessageBounced(**facts, code=outcome.code), subject_id=row.person_id, now=now, actor=CARRIER)


def put_back(row: Message, not_before: datetime, reason: str) -> None:
    """Let a letter wait for another time."""
    row.not_before = not_before
    _set(row, State.QUEUED, reason)


def finish(row: Message, state: State, reason: str, now: datetime) -> None:
    row.ended_at = now
    row.sent_at = now if state is State.SENT else row.sent_at  # one that came back had been sent
    if state is not State.KEPT:
        row.secret = row.mailbox = ""
    _set(row, state, "" if state in (State.SENT, State.KEPT) else reason)


def _set(row: Message, state: State, reason: str) -> None:
    row.state, row.last_error, row.lease, row.lease_until = state, reason, None, None
    row.save()


def mailbox_of(row: Message, person: PersonRow) -> str:
    """Where a letter goes: its own mailbox, else its person's; "" where there is none."""
    return secrets.unseal(row.mailbox) if row.mailbox else person.email or ""


def _suppress(address: str | None, reason: str, now: datetime) -> None:
    if address:
        Suppression.objects.get_or_create(mailbox=mailbox_digest(address), defaults={"reason": reason, "at": now})
