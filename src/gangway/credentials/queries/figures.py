"""How many are certified, and when: for partners and for projections that rebuild themselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Q

from gangway.credentials.models import Award


@dataclass(frozen=True, slots=True)
class PartnerAwards:
    """How many people of a partner hold an award that counts today, and when the first one was issued."""

    partner_id: UUID
    people: int
    first_issued_at: datetime


def awards_of_partners(now: datetime) -> tuple[PartnerAwards, ...]:
    """One row per partner of the open scope with at least one award of a person. One statement; robots do not count."""
    counts = Q(revoked_at__isnull=True) & (Q(expires_at__isnull=True) | Q(expires_at__gt=now))
    rows = (
        Award.objects.filter(person__synthetic=False)
        .values("partner_id")
        .annotate(people=Count("person_id", filter=counts, distinct=True), first_issued_at=Min("issued_at"))
        .order_by("partner_id")
    )
    return tuple(PartnerAwards(**row) for row in rows)


@dataclass(frozen=True, slots=True)
class AwardDates:
    """One award's dates, for projections that rebuild themselves."""

    person_id: UUID
    credential_id: UUID
    credential_key: str
    cycle: int
    issued_at: datetime
    revoked_at: datetime | None


def award_dates(person_ids: Iterable[UUID]) -> Mapping[UUID, list[AwardDates]]:
    """The awards of these people of the open scope, oldest first. One statement."""
    found: dict[UUID, list[AwardDates]] = {}
    rows = Award.objects.filter(person_id__in=list(person_ids)).order_by("issued_at", "id")
    for row in rows.values_list("person_id", "credential_id", "credential_key", "cycle", "issued_at", "revoked_at"):
        found.setdefault(row[0], []).append(AwardDates(*row))
    return found
