"""Who looks after which partner, by ids: people are of a storey above."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from gangway.partners.models import PortfolioPartner


def looked_after_by(partner_id: UUID) -> tuple[UUID, ...]:
    """The people at the host in whose portfolio a partner is."""
    return tuple(PortfolioPartner.objects.filter(partner=partner_id).order_by("id").values_list("person_id", flat=True))


def portfolio_of(person_id: UUID) -> frozenset[UUID]:
    """The partners somebody looks after."""
    return frozenset(PortfolioPartner.objects.filter(person_id=person_id).values_list("partner_id", flat=True))


def portfolios() -> tuple[tuple[UUID, UUID], ...]:
    """(partner, person at the host) of everybody who looks after one."""
    return tuple(PortfolioPartner.objects.order_by("id").values_list("partner_id", "person_id"))


def looked_after() -> QuerySet[Any]:
    """The ids of all partners that somebody looks after, to be used in another query."""
    return PortfolioPartner.objects.values("partner_id")


def portfolio_rows(partner: Any) -> QuerySet[Any]:
    """The ids of the people in whose portfolio a partner (an id or an OuterRef) is, to be used in another query."""
    return PortfolioPartner.objects.filter(partner=partner).values("person_id")


def managers_in_use() -> frozenset[UUID]:
    """Everybody who looks after some partner."""
    return frozenset(PortfolioPartner.objects.values_list("person_id", flat=True).distinct())
