"""Messages: which are due, what became of them, the list that staff read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.kernel import secrets
from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.kernel.said import content
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_key
from gangway.messaging.models import Message, Suppression
from gangway.messaging.queries.letters import Rendered, letter, render
from gangway.messaging.queries.words import STATE_WORDS, state_words
from gangway.messaging.rules import OPEN_STATES, Priority, State


@dataclass(frozen=True, slots=True)
class DueMessage:
    partner_id: UUID
    id: UUID


def due_messages(now: datetime, limit: int, *, urgent: bool | None = None) -> list[DueMessage]:
    """What may go out now, most urgent first; also what a worker that died was sending. One statement, any scope.

    urgent: only what somebody waits for (sign-in codes), or only the rest.
    """
    found = due(now)
    if urgent is not None:
        found &= Q(priority__lte=Priority.SIGN_IN) if urgent else Q(priority__gt=Priority.SIGN_IN)
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = Message.objects.filter(found).order_by("priority", "not_before", "id").values_list("partner_id", "id")
        return [DueMessage(*row) for row in rows[:limit]]


def due(now: datetime) -> Q:
    """The condition of a letter that may be claimed."""
    waiting = Q(state=State.QUEUED, not_before__lte=now)
    abandoned = Q(state=State.SENDING, lease_until__lt=now)
    return Q(state__in=OPEN_STATES) & (waiting | abandoned)


def urgent_waiting(limit: int) -> bool:
    """Whether more than `limit` letters of the first priority (codes) wait to be sent, at all partners together."""
    with scopes.unscoped(scopes.Reason.METRICS):
        waiting = Message.objects.filter(state__in=OPEN_STATES, priority=Priority.SIGN_IN).order_by("priority")
        return bool(waiting[limit : limit + 1].exists())


def is_suppressed(address: str) -> bool:
    """Whether this mailbox is known not to exist."""
    return Suppression.objects.filter(mailbox=mailbox_digest(address)).exists()


def mailbox_digest(address: str) -> bytes:
    return secrets.digest(f"mailbox:{mail_key(address)}")


# ---------------------------------------------------------------- what became of a message


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as staff see it. `subject` and `text` are filled where words were asked for and may be read."""

    id: UUID
    partner_slug: str
    person_id: UUID | None
    to: str
    name: str
    letter: str
    title: str
    state: State
    at: datetime
    attempts: int
    reason: str
    has_secret: bool
    subject: str = ""
    text: str = ""

    @property
    def state_words(self) -> str:
        return state_words(self.state)


def message(message_id: UUID, *, secrets_shown: bool) -> MessageRow:
    """One message with its words. Refuses with NotFound outside the scope.

    `secrets_shown` is for the operator alone: who reads a sign-in code can sign in as its person, so without it the
    words of a letter that carries a secret stay closed.
    """
    row = Message.objects.select_related("person", "partner").filter(pk=message_id).first()
    if row is None:
        raise NotFound
    return _row(row, words=secrets_shown or not row.secret)


def read_letter(message_id: UUID) -> Rendered:
    """The words of one message in all their forms, secrets included. NotFound outside the scope."""
    row = Message.objects.filter(pk=message_id).first()
    if row is None:
        raise NotFound
    return render(row)


def messages(
    *, address: str = "", state: str = "", limit: int = 1000, words: bool = False, robots: bool = True
) -> Iterator[MessageRow]:
    """The messages of the open scope, youngest first. `words` renders subject and text, secrets included; without
    `robots` none to those of rehearsals."""
    found = Message.objects.select_related("person", "partner").order_by("-queued_at", "-id")
    if not robots:
        found = found.exclude(partner__kind="shell")
    if address:
        found = found.filter(person__email_key=mail_key(address))
    if state:
        found = found.filter(state=state)
    for row in found[:limit]:
        yield _row(row, words=words)


def to_robots() -> bool:
    """Whether the open scope holds letters to the robots of rehearsals."""
    return bool(Message.objects.filter(partner__kind="shell").exists())


def _row(row: Message, *, words: bool) -> MessageRow:
    kind = letter(row.letter_key)
    readable = words and (kind.elsewhere or bool(row.person and row.person.email))
    rendered = render(row, html=False) if readable else Rendered("", "")
    return MessageRow(
        id=row.id,
        partner_slug=row.partner.slug,
        person_id=row.person_id,
        to=_to(row),
        name=_name(row),
        letter=row.letter_key,
        title=content(kind.title),
        state=State(row.state),
        at=row.sent_at or row.ended_at or row.queued_at,
        attempts=row.attempts,
        reason=row.last_error,
        has_secret=bool(row.secret),
        subject=rendered.subject,
        text=rendered.text,
    )


def _to(row: Message) -> str:
    if letter(row.letter_key).elsewhere:
        return gettext("a private mailbox")
    return (row.person.email if row.person else "") or ""


def _name(row: Message) -> str:
    return row.person.name if row.person else gettext("Somebody nobody knows")


# ---------------------------------------------------------------- the list


def _rows() -> QuerySet[Message]:
    rows: QuerySet[Message] = Message.objects.exclude(partner__kind="shell").select_related("person", "partner")
    return rows


def _cells(row: Message) -> dict[str, Any]:
    return {
        "href": reverse("messaging:message", args=[row.id]),
        "to": _to(row),
        "person": _name(row),
        "partner": row.partner.name,
        "letter": content(letter(row.letter_key).title),
        "state": gettext(STATE_WORDS[row.state]),
        "at": row.sent_at or row.ended_at or row.queued_at,
        "reason": row.last_error,
    }


MAIL_LIST = ListSpec(
    key="mail",
    noun=(_("letter"), _("letters")),
    rows=_rows,
    columns=(
        Column("to", _("To")),
        Column("person", _("Person"), "person"),
        Column("partner", _("Partner")),
        Column("letter", _("Letter")),
        Column("state", _("State"), "state"),
        Column("at", _("When"), "instant"),
        Column("reason", _("Reason")),
    ),
    cells=_cells,
    order=("-queued_at", "-id"),
    search=("person__sort_key", "person__email_key"),
    filters=(
        Filter(
            "state",
            _("State"),
            tuple(STATE_WORDS.items()),
            lambda rows, value: rows.filter(state=value),
        ),
    ),
)
