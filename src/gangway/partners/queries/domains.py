"""Mail domains that partners have proven: what lets a directory or a stranger speak for an address.

A proof counts for the partner that made it alone: neither for its parent nor for the partners below it, and for no
domain below the proven one. Routing reads: partners_of_domain.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_domain
from gangway.partners.models import VerifiedDomain
from gangway.partners.rules import State


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A proven mail domain, in its ASCII form."""

    name: str
    verified_at: datetime


def domain_proven(partner_id: UUID, address: str) -> bool:
    """Whether this very partner has proven the domain of a mail address. False for what is no address."""
    domain = _domain(address)
    return bool(domain) and VerifiedDomain.objects.filter(partner=partner_id, name=domain).exists()


def partners_of_domain(address: str) -> list[UUID]:
    """Routing: the active partners that have proven the domain of a mail address, oldest first; none for no address."""
    domain = _domain(address)
    if not domain:
        return []
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = VerifiedDomain.objects.filter(name=domain, partner__state=State.ACTIVE)
        return list(rows.order_by("partner_id").values_list("partner_id", flat=True))


def domains(partner_id: UUID) -> tuple[DomainRow, ...]:
    """The domains that a partner has proven, by name."""
    rows = VerifiedDomain.objects.filter(partner=partner_id).order_by("name")
    return tuple(DomainRow(row.name, row.verified_at) for row in rows)


def domain_names(partner_ids: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The same of many partners, the names alone. One statement."""
    found: dict[UUID, tuple[str, ...]] = {}
    rows = VerifiedDomain.objects.filter(partner__in=list(partner_ids)).order_by("name", "id")
    for partner_id, name in rows.values_list("partner_id", "name"):
        found[partner_id] = (*found.get(partner_id, ()), name)
    return found


def _domain(address: str) -> str:
    try:
        return mail_domain(address)
    except Invalid:
        return ""
