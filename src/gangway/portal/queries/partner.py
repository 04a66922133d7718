"""C7: what a partner needs today, joined from every storey that knows something of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity import queries as identity
from gangway.identity.queries import ArrivalCounts, DomainClaimRow, ReviewRow, Unwanted, WaitingRow
from gangway.insights import queries as insights
from gangway.insights.queries import Funnel, KpiRow
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messaging
from gangway.messaging.queries import MessageRow
from gangway.people import queries as people
from gangway.people.queries import Manager, PartnerPage
from gangway.rollout.plans.queries.wall import steps_of


@dataclass(frozen=True, slots=True)
class PartnerToday:
    """page: partner, people, contacts, tiers and imports; arrivals: who is in, who is stuck; last_letter: the youngest
    one, whatever became of it; domains: mail domains, proven or waiting for it; waiting: connections
    that are not open yet, and for what they wait; review: the last time its access list was asked for; unwanted: by
    whom of other companies it wants to be seen no more."""

    page: PartnerPage
    steps: Sequence[tuple[str, datetime | None]]
    funnel: Funnel
    arrivals: ArrivalCounts
    manager: Manager | None
    last_sign_in: datetime | None
    last_letter: MessageRow | None
    domains: Sequence[DomainClaimRow]
    waiting: Sequence[WaitingRow]
    review: ReviewRow | None
    unwanted: Sequence[Unwanted]


def partner_today(partner_id: UUID, now: datetime) -> PartnerToday:
    """NotFound where the scope does not reach the partner; a number of statements that does not grow with people."""
    page = people.partner_page(partner_id, now)
    with scopes.one(page.partner.id):
        return PartnerToday(
            page=page,
            steps=steps_of(page.partner.id, now),
            funnel=insights.funnel(),
            arrivals=identity.arrival_counts(page.partner.id),
            manager=people.manager_of(page.partner.id),
            last_sign_in=identity.last_sign_in(page.partner.id),
            domains=identity.domain_claims(now),
            waiting=identity.waiting_connections(now),
            review=identity.access_review(now),
            unwanted=identity.unwanted(now),
            last_letter=next(iter(messaging.messages(limit=1)), None),
        )


def partner_figures(partner_id: UUID, now: datetime) -> tuple[KpiRow, ...]:
    """The figures of one partner, for its review sheet."""
    with scopes.one(partner_id):
        return insights.kpis(now)
