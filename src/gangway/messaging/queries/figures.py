"""How many letters stand where, and where each person's last one stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message
from gangway.messaging.queries.words import plain_reason, state_words
from gangway.messaging.rules import OPEN_STATES, State


@dataclass(frozen=True, slots=True)
class PartnerLetters:
    """How many of some letters of one partner ended how, and when the first and last were sent."""

    partner_id: UUID
    queued: int
    sent: int
    kept: int
    bounced: int
    failed: int
    cancelled: int
    first_sent_at: datetime | None
    last_sent_at: datetime | None

    @property
    def all(self) -> int:
        return self.queued + self.sent + self.kept + self.bounced + self.failed + self.cancelled


def letters_of_partners(letter_key: str) -> list[PartnerLetters]:
    """One row per partner of the open scope that has such messages. One statement."""
    return _by_partner(Message.objects.filter(letter_key=letter_key))


def letters_of_cause(cause: UUID) -> list[PartnerLetters]:
    """What became of the letters of one cause: one row per partner of the open scope that has any. One statement.

    `sent` counts what a mail server took; whether it came back later is known only where `bounces_known()`.
    """
    return _by_partner(Message.objects.filter(cause=cause))


def _by_partner(letters: QuerySet[Message]) -> list[PartnerLetters]:
    figures: Mapping[str, Any] = {
        "queued": Count("id", filter=Q(state__in=OPEN_STATES)),
        **{
            state.value: Count("id", filter=Q(state=state))
            for state in (State.SENT, State.KEPT, State.BOUNCED, State.FAILED, State.CANCELLED)
        },
        "first_sent_at": Min("sent_at"),
        "last_sent_at": Max("sent_at"),
    }
    rows: Iterable[Any] = letters.values("partner_id").annotate(**figures).order_by("partner_id")
    return [PartnerLetters(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class LetterState:
    """Where the last letter of some kinds to a person stands. `reason`: why it is not sent, in words; else ""."""

    message_id: UUID
    person_id: UUID | None
    letter_key: str
    state: State
    reason: str
    queued_at: datetime
    at: datetime

    @property
    def words(self) -> str:
        """Where it stands, in the reader's language; with the reason, and what we cannot know."""
        return state_words(self.state, self.reason)

    @property
    def plain_reason(self) -> str:
        """Why it did not arrive, without a server's codes; "" where nothing went wrong."""
        return plain_reason(self.state, self.reason)


def letter_states(person_ids: Iterable[UUID], letter_keys: Iterable[str]) -> Mapping[UUID, LetterState]:
    """Person → their youngest letter of these kinds; people who got none are missing. One statement."""
    youngest = Window(RowNumber(), partition_by="person_id", order_by=[F("queued_at").desc(), F("id").desc()])
    rows = Message.objects.filter(person_id__in=set(person_ids), letter_key__in=set(letter_keys))
    return {row.person_id: _state(row) for row in rows.annotate(n=youngest).filter(n=1)}


def letters_of_outer_person(letter_keys: Iterable[str]) -> QuerySet[Any]:
    """The letters of these kinds to the person of the outer row, youngest first, to be used inside its statement.

    Contexts above read by it: state, last_error, queued_at, sent_at, ended_at.
    """
    mine = Message.objects.filter(
        partner_id=OuterRef("partner_id"), person_id=OuterRef("pk"), letter_key__in=set(letter_keys)
    )
    rows: QuerySet[Any] = mine.order_by("-queued_at", "-id")
    return rows


def _state(row: Message) -> LetterState:
    return LetterState(
        message_id=row.id,
        person_id=row.person_id,
        letter_key=row.letter_key,
        state=State(row.state),
        reason=row.last_error,
        queued_at=row.queued_at,
        at=row.sent_at or row.ended_at or row.queued_at,
    )


def state_counts() -> Mapping[str, int]:
    """State → how many messages of the open scope stand there; letters to robots count nowhere."""
    counted = dict(Message.objects.exclude(partner__kind="shell").order_by().values_list("state").annotate(Count("id")))
    return {state.value: counted.get(state.value, 0) for state in State}


def counts_by_state() -> Mapping[str, int]:
    """The same over all partners, for metrics and the operator's page; numbers only."""
    with scopes.unscoped(scopes.Reason.METRICS):
        return state_counts()
