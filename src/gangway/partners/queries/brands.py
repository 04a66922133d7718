"""How a portal looks, and whose portal a host name opens: routing reads, before any scope is there."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from gangway.kernel.tenancy import scopes
from gangway.partners.models import Brand, HostName, Partner
from gangway.partners.rules import DEFAULT_ACCENT, Kind


@dataclass(frozen=True, slots=True)
class BrandRow:
    """How a portal looks: `name` is shown beside the vendor's, `accent` is #rrggbb."""

    partner_id: UUID
    slug: str
    name: str
    accent: str


def route_host_name(host: str) -> UUID | None:
    """Routing: the partner whose portal a host name opens (without port); None for the host's own and unknown names."""
    name = host.rsplit(":", 1)[0].rstrip(".").lower()
    return HostName.objects.filter(name=name, verified_at__isnull=False).values_list("partner_id", flat=True).first()


def brand_for(partner_id: UUID | None = None, host: str = "") -> BrandRow | None:
    """Routing: the brand of a partner, or of the one a host name opens, else the vendor's; None before set-up."""
    wanted = partner_id or (route_host_name(host) if host else None)
    with scopes.unscoped(scopes.Reason.ROUTING):
        which = Partner.objects.filter(pk=wanted) if wanted else Partner.objects.filter(kind=Kind.HOST)
        found = _branded(which).first()
    return _brand(found) if found else None


def vendor_and_brand(partner_id: UUID) -> tuple[str, BrandRow | None]:
    """Routing: the vendor's own name ("" before set-up) and the brand of a partner, in one statement."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = list(_branded(Partner.objects.filter(Q(pk=partner_id) | Q(kind=Kind.HOST))))
    vendor = next((row["name"] for row in rows if row["kind"] == Kind.HOST), "")
    return vendor, next((_brand(row) for row in rows if row["id"] == partner_id), None)


def _branded(which: QuerySet[Partner]) -> QuerySet[Any]:
    brands = Brand.objects.filter(partner=OuterRef("pk"))
    annotated: QuerySet[Any] = which.annotate(
        accent=Subquery(brands.values("accent")[:1]), shown=Subquery(brands.values("display_name")[:1])
    )
    return annotated.values("id", "kind", "slug", "name", "accent", "shown")


def _brand(row: dict[str, Any]) -> BrandRow:
    return BrandRow(row["id"], row["slug"], row["shown"] or row["name"], row["accent"] or DEFAULT_ACCENT)
