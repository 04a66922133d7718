"""Partner types and tiers. Those of the host are offered; a partner's own are nobody else's business."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_noop as _

from gangway.kernel.tenancy import scopes
from gangway.partners.models import Partner, PartnerType, Tier
from gangway.partners.rules import USUAL_WAYS, Fallback, Kind, Primary

# Words are marked here and translated where they are shown.
PRIMARY_WORDS: Mapping[str, str] = {
    Primary.COMPANY: _("Their company's own sign-in"),
    Primary.PORTAL: _("Your sign-in for partners"),
    Primary.MAIL: _("A code by mail"),
}
FALLBACK_WORDS: Mapping[str, str] = {
    Fallback.MAIL: _("A code by mail, for a day after a recorded failure"),
    Fallback.NONE: _("Nothing: they wait until it works again"),
}


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
    """A type or a tier, and how many partners have it now. `rank`: of a tier, 0 for a type; `primary`, `fallback`: of a
    type, "" for a tier."""

    key: str
    name: str
    rank: int
    partners: int
    primary: str = ""
    fallback: str = ""


def types_in_use() -> tuple[WordRow, ...]:
    """Every partner type by name."""
    rows = _counted(PartnerType, "type").order_by("name")
    return tuple(WordRow(row.key, row.name, 0, row.n or 0, row.primary, row.fallback) for row in rows)


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways in that a partner's type proposes. `type_name`: "" where it has no type, and the usual ones hold."""

    primary: Primary
    fallback: Fallback
    type_name: str = ""

    @property
    def by_mail(self) -> bool:
        """Whether a code by mail may stand in for a broken sign-in."""
        return self.fallback is Fallback.MAIL


def ways_of(partner_id: UUID) -> Ways:
    """What is proposed to a partner of the open scope. One statement."""
    columns = ("type__primary", "type__fallback", "type__name")
    found = Partner.objects.filter(pk=partner_id).values_list(*columns).first()
    return Ways(Primary(found[0]), Fallback(found[1]), found[2]) if found and found[0] else Ways(*USUAL_WAYS)


def ways_of_each(partner_ids: Iterable[UUID]) -> dict[UUID, Ways]:
    """The same of many partners that the scope reaches. One statement."""
    columns = ("id", "type__primary", "type__fallback", "type__name")
    rows = Partner.objects.filter(pk__in=list(partner_ids)).values_list(*columns)
    return {
        key: Ways(Primary(primary), Fallback(fallback), name) if primary else Ways(*USUAL_WAYS)
        for key, primary, fallback, name in rows
    }


def tiers_in_use() -> tuple[WordRow, ...]:
    """Every tier, lowest first."""
    return tuple(WordRow(row.key, row.name, row.rank, row.n or 0) for row in _counted(Tier, "tier").order_by("rank"))


def _counted(model: type[PartnerType] | type[Tier], column: str) -> QuerySet[Any]:
    holders = Partner.objects.filter(**{column: OuterRef("pk")}).order_by().values(column).annotate(n=Count("id"))
    counted: QuerySet[Any] = offered(model).annotate(n=Subquery(holders.values("n")))
    return counted
