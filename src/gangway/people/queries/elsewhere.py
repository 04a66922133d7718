"""By which names other systems know people."""

from collections.abc import Collection
from uuid import UUID

from gangway.people.models import ExternalId


def person_elsewhere(source: str, value: str) -> UUID | None:
    """Whom a system (`source`) means by this name, among the people the scope reaches; None: nobody."""
    found: UUID | None = (
        ExternalId.objects.filter(source=source, value=value).values_list("person_id", flat=True).first()
    )
    return found


def named_elsewhere(source: str, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of them whom a system knows by a name already."""
    rows = ExternalId.objects.filter(source=source, person__in=person_ids)
    return frozenset(rows.values_list("person_id", flat=True))
