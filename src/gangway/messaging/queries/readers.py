"""Who reads a letter: a person, or a stranger at a mailbox, of whom the letter itself says all that is known."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from gangway.messaging.models import Message
from gangway.people import queries as people
from gangway.people.queries import PersonRow


def readers_of(rows: Iterable[Message]) -> Mapping[UUID, PersonRow]:
    """Message → its reader. One statement, however many they are."""
    letters = list(rows)
    persons = people.persons(row.person_id for row in letters if row.person_id)
    return {row.pk: persons[row.person_id] if row.person_id else _stranger(row) for row in letters}


def reader_of(row: Message) -> PersonRow:
    return readers_of([row])[row.pk]


def _stranger(row: Message) -> PersonRow:
    return PersonRow(
        id=row.pk,
        partner_id=row.tenant_id,
        state="invited",
        name="",
        email=None,
        locale=row.locale,
        zone="UTC",
        access_epoch=row.access_epoch,
        synthetic=False,
        managed_by="",
        invited_at=row.queued_at,
        activated_at=None,
    )
