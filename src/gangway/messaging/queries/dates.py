"""When letters were taken or came back, for projections that rebuild themselves from what is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Min, Q

from gangway.messaging.models import Message
from gangway.messaging.rules import State


@dataclass(frozen=True, slots=True)
class LetterDates:
    """The letters of some kinds to one person: the first and last that a mail server took, the last that came back."""

    first_sent_at: datetime | None
    last_sent_at: datetime | None
    last_bounced_at: datetime | None


def letter_dates(letter_keys: Iterable[str], person_ids: Iterable[UUID]) -> Mapping[UUID, LetterDates]:
    """One entry per person of the open scope who was sent such a letter. One statement."""
    rows = (
        Message.objects.filter(letter_key__in=list(letter_keys), person_id__in=list(person_ids))
        .values("person_id")
        .annotate(first=Min("sent_at"), last=Max("sent_at"), bounced=Max("ended_at", filter=Q(state=State.BOUNCED)))
        .order_by()
    )
    return {row["person_id"]: LetterDates(row["first"], row["last"], row["bounced"]) for row in rows}
