"""Whom to talk to at a partner."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from gangway.partners.models import Contact


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: UUID
    name: str
    email: str
    main: bool


def contacts(partner_id: UUID) -> tuple[ContactRow, ...]:
    """Whom to talk to at a partner, the main contact first."""
    rows = Contact.objects.filter(partner=partner_id).exclude(name="", email="").order_by("-main", "name", "id")
    return tuple(ContactRow(row.id, row.name, row.email, row.main) for row in rows)


def main_contacts(partner_ids: Iterable[UUID]) -> dict[UUID, ContactRow]:
    """The main contact of each of these partners that has one with a name or an address. One statement."""
    rows = Contact.objects.filter(partner__in=list(partner_ids), main=True).exclude(name="", email="")
    return {row.tenant_id: ContactRow(row.id, row.name, row.email, row.main) for row in rows}
