"""The letters of one person: which wait, and which kinds they declined."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel.said import content
from gangway.messaging.models import Message, OptOut
from gangway.messaging.queries.letters import letter
from gangway.messaging.rules import OPEN_STATES, Category

# The kinds of letters a person may do without.
DECLINABLE = tuple(kind for kind in Category if kind.may_be_declined)


@dataclass(frozen=True, slots=True)
class WaitingLetter:
    """A letter that has not gone out yet. `title`: what staff call it, in English (a msgid)."""

    id: UUID
    title: str
    queued_at: datetime


def waiting_letters(person_id: UUID) -> tuple[WaitingLetter, ...]:
    """What would still go out to a person the scope reaches, oldest first; at most 100."""
    rows = Message.objects.filter(person=person_id, state__in=list(OPEN_STATES)).order_by("queued_at", "id")
    return tuple(WaitingLetter(row.id, content(letter(row.letter_key).title), row.queued_at) for row in rows[:100])


def declined(person_id: UUID) -> frozenset[str]:
    """The categories of letters that a person the scope reaches wants no more of."""
    return frozenset(OptOut.objects.filter(person=person_id).values_list("category", flat=True))
