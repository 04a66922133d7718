"""What came back: which letter it is about, and what people answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from gangway.kernel import secrets
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_key
from gangway.messaging.models import Message, Reply, ReturnBox
from gangway.messaging.rules import State, parse_mailbox_url
from gangway.people import queries as people

LATELY = timedelta(days=5)  # how long servers go on trying, and so how late a letter may come back


@dataclass(frozen=True, slots=True)
class ReturnedLetter:
    """A letter something is said about. `to_reader`: what is said is about the mailbox the letter went to."""

    partner_id: UUID
    person_id: UUID | None
    message_id: UUID
    to_reader: bool


def returned_letter(letters: Sequence[UUID], address: str) -> ReturnedLetter | None:
    """Routing: the letter that one of these ids names, over all partners; the one to `address` first."""
    key = _key(address)
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = Message.objects.filter(pk__in=list(letters)).select_related("person").order_by("queued_at")
        found = [ReturnedLetter(row.partner_id, row.person_id, row.pk, _is_of(row, key)) for row in rows]
    return next((one for one in found if one.to_reader), found[0] if found else None)


def last_letter_to(address: str, now: datetime) -> ReturnedLetter | None:
    """Routing: the letter that was last sent to a mailbox within five days. Only for what is proven to be so."""
    persons = [person_id for _, person_id in people.persons_of_mailbox(address)]
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = Message.objects.filter(person_id__in=persons, state=State.SENT, sent_at__gt=now - LATELY)
        row = rows.order_by("-sent_at", "-id").first()
    return ReturnedLetter(row.partner_id, row.person_id, row.pk, to_reader=True) if row else None


def _is_of(row: Message, key: str) -> bool:
    return row.person is not None and row.person.email_key == key


def _key(address: str) -> str:
    try:
        return mail_key(address)
    except Invalid:
        return ""


def box_digest(name: str) -> bytes:
    return secrets.digest(f"box:{name}")


def box_problem(name: str) -> str:
    """Why the mailbox could not be read the last time, in words; "" where it was."""
    return str(ReturnBox.objects.filter(box=box_digest(name)).values_list("problem", flat=True).first() or "")


def reading_problem() -> str:
    """Why the mailbox that this installation reads could not be read the last time; "" where it was, or none is set."""
    try:
        url = parse_mailbox_url(settings.BOUNCE_IMAP_URL)
    except ValueError as error:
        return str(error)
    return box_problem(url.name) if url else ""


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """What somebody answered to a letter."""

    id: UUID
    person_id: UUID
    message_id: UUID
    from_reader: bool
    text: str
    received_at: datetime


def replies_to(message_id: UUID) -> tuple[ReplyRow, ...]:
    """The answers to one letter of the open scope, oldest first."""
    rows = Reply.objects.filter(message_id=message_id).order_by("received_at", "id")
    return tuple(
        ReplyRow(row.pk, row.person_id, row.message_id, row.from_reader, row.text, row.received_at) for row in rows
    )
