"""Partner types and tiers. Those of the host are offered; a partner's own are nobody else's business."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery

from gangway.kernel.tenancy import scopes
from gangway.partners.models import Partner, PartnerType, Tier
from gangway.partners.rules import Kind


def offered(model: type[PartnerType] | type[Tier]) -> QuerySet[Any]:
    """The types or tiers that partners may have: the host's."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        host_id = Partner.objects.filter(kind=Kind.HOST).values_list("pk", flat=True).first()
    rows: QuerySet[Any] = model.objects.filter(owner=host_id)
    return rows


def types() -> tuple[tuple[str, str], ...]:
    """(key, name) of every partner type."""
    return tuple(offered(PartnerType).order_by("name").values_list("key", "name"))


def tiers() -> tuple[tuple[str, str], ...]:
    """(key, name) of every tier, lowest first."""
    return tuple(offered(Tier).order_by("rank").values_list("key", "name"))


@dataclass(frozen=True, slots=True)
class WordRow:
    """A type or a tier, and how many partners have it now. `rank`: of a tier; 0 for a type."""

    key: str
    name: str
    rank: int
    partners: int


def types_in_use() -> tuple[WordRow, ...]:
    """Every partner type by name."""
    return tuple(WordRow(row.key, row.name, 0, row.n or 0) for row in _counted(PartnerType, "type").order_by("name"))


def tiers_in_use() -> tuple[WordRow, ...]:
    """Every tier, lowest first."""
    return tuple(WordRow(row.key, row.name, row.rank, row.n or 0) for row in _counted(Tier, "tier").order_by("rank"))


def _counted(model: type[PartnerType] | type[Tier], column: str) -> QuerySet[Any]:
    holders = Partner.objects.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(n=Count("id"))
    counted: QuerySet[Any] = offered(model).annotate(n=Subquery(holders.values("n")))
    return counted
