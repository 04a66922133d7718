"""What messaging keeps of people to whom nothing was sent yet: letters that wait. See kernel.wiring.LetGo.

Both run inside the transaction that undoes an import, which tells of it.
"""

from collections.abc import Sequence
from uuid import UUID

from gangway.messaging.models import Message
from gangway.messaging.rules import State

TABLES = (Message,)
UNSENT = (State.QUEUED, State.KEPT, State.CANCELLED)


def alive(person_ids: Sequence[UUID]) -> set[UUID]:
    """Those of these people to whom a letter went, or is just going."""
    rows = Message.objects.filter(person_id__in=person_ids).exclude(state__in=UNSENT)
    return set(rows.values_list("person_id", flat=True))


def forget(person_ids: Sequence[UUID]) -> None:
    """Delete the letters of people who are not alive here."""
    Message.objects.filter(person_id__in=person_ids).delete()
