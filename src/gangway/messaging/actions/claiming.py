"""Due letters are claimed: a worker alone may send them until its lease ends. What must not go out is said so here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F, Q

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.messaging.actions.recording import finish, mailbox_of, put_back, settle
from gangway.messaging.models import Message, OptOut, Suppression
from gangway.messaging.queries.messages import due, mailbox_digest
from gangway.messaging.queries.readers import readers_of
from gangway.messaging.queries.words import GONE
from gangway.messaging.rules import (
    LEASE,
    WEEK,
    Category,
    Fate,
    Gone,
    Outcome,
    Recipient,
    State,
    next_daytime,
    next_turn,
    why_cancelled,
)
from gangway.people.queries import PersonRow

DISTURBING = [category for category in Category if category.may_be_declined]
AT_NIGHT = "It is night where its reader is; it waits for the morning."
OFTEN_ENOUGH = "Its reader got letters lately; it waits for its turn."
GONE_MAILBOX = Outcome(Fate.BOUNCED, GONE, 550)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A letter that this worker alone may send until the lease ends."""

    message: Message
    lease: UUID
    mailbox: str
    name: str


@dataclass(frozen=True, slots=True)
class _Readers:
    """What is known of the readers of some letters, read at once; `persons`: by letter."""

    persons: Mapping[UUID, PersonRow]
    declined: frozenset[tuple[UUID, str]]
    suppressed: frozenset[bytes]
    gone: dict[UUID, list[Gone]]

    def recipient(self, row: Message) -> Recipient:
        person = self.persons[row.pk]
        mailbox = mailbox_of(row, person)
        return Recipient(
            access_epoch=person.access_epoch,
            may_receive=person.may_come_in or (bool(row.mailbox) and person.state != "erased"),
            mailbox=mailbox,
            declined=(row.person_id, row.category) in self.declined,
            suppressed=bool(mailbox) and mailbox_digest(mailbox) in self.suppressed,
        )


@action("messaging.message.claim")
def claim(*, message_ids: Sequence[UUID], actor: Actor, now: datetime) -> list[Claimed]:
    """Take due letters of the open scope's partner, in the order given; a handful of statements for any number.

    Missing are those that another worker took, and those that must not go out (now): that is recorded.
    """
    rows = _take(message_ids, now)
    readers = _readers(rows, now)
    return [claimed for row in rows if (claimed := _let_out(row, readers, now))]


def _take(message_ids: Sequence[UUID], now: datetime) -> list[Message]:
    """Those that nobody else has. Locked in one order, and past what others are taking just now."""
    skip = connection.features.has_select_for_update_skip_locked
    free = Message.objects.filter(due(now), pk__in=message_ids).order_by("pk").select_for_update(skip_locked=skip)
    mine, lease = list(free.values_list("pk", flat=True)), uuid4()
    Message.objects.filter(pk__in=mine).update(
        state=State.SENDING, lease=lease, lease_until=now + LEASE, attempts=F("attempts") + 1
    )
    found = {row.pk: row for row in Message.objects.filter(pk__in=mine)}
    return [found[pk] for pk in message_ids if pk in found]


def _readers(rows: Sequence[Message], now: datetime) -> _Readers:
    persons = readers_of(rows)
    disturbed = {persons[row.pk].id for row in rows if Category(row.category).may_be_declined}
    addresses = {mailbox_of(row, persons[row.pk]) for row in rows} - {""}
    mailboxes = [mailbox_digest(address) for address in addresses]
    declined = OptOut.objects.filter(person_id__in=disturbed).values_list("person_id", "category")
    suppressed = Suppression.objects.filter(mailbox__in=mailboxes).values_list("mailbox", flat=True)
    return _Readers(
        persons=persons,
        declined=frozenset(declined) if disturbed else frozenset(),
        suppressed=frozenset(bytes(digest) for digest in suppressed),
        gone=_gone(disturbed, {row.pk for row in rows}, now),
    )


def _gone(persons: set[UUID], apart_from: set[UUID], now: datetime) -> dict[UUID, list[Gone]]:
    """The nudges and reports of the last week by person. Locked, so that two workers cannot both pass."""
    gone: dict[UUID, list[Gone]] = {person: [] for person in persons}
    if persons:
        theirs = Message.objects.filter(person_id__in=persons, category__in=DISTURBING)
        lately = Q(state=State.SENDING) | Q(state__in=[State.SENT, State.KEPT, State.BOUNCED], ended_at__gt=now - WEEK)
        rows = theirs.filter(Q(state=State.QUEUED) | lately).order_by("pk").select_for_update()
        for row in rows:
            if row.pk not in apart_from and State(row.state) is not State.QUEUED:
                gone[row.person_id].append(Gone(Category(row.category), row.ended_at or now))
    return gone


def _let_out(row: Message, readers: _Readers, now: datetime) -> Claimed | None:
    recipient, person = readers.recipient(row), readers.persons[row.pk]
    assert row.lease is not None
    cancelled = why_cancelled(recipient, queued_epoch=row.access_epoch, not_after=row.not_after, now=now)
    if cancelled:
        finish(row, State.CANCELLED, cancelled, now)
        return None
    if recipient.suppressed:
        settle(row, GONE_MAILBOX, now)
        return None
    lately = readers.gone.get(person.id, [])
    if _waits(row, person.zone, lately, now):
        return None
    lately.append(Gone(Category(row.category), now))
    return Claimed(row, row.lease, recipient.mailbox, person.name)


def _waits(row: Message, zone: str, lately: list[Gone], now: datetime) -> bool:
    """Put a letter back that would disturb its reader now: by night, or too soon after others."""
    category = Category(row.category)
    turn = next_turn(category, lately if category.may_be_declined else [], now)
    later = next_daytime(turn, zone) if row.quiet else turn
    if later <= now:
        return False
    row.attempts -= 1
    until = later if row.not_after is None else min(later, row.not_after)
    put_back(row, until, OFTEN_ENOUGH if turn > now else AT_NIGHT)
    return True
