"""Awards that end soon: whom to remind, and what a partner's own people see of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, QuerySet
from django.db.models import DateTimeField as Instant

from gangway.credentials.models import Award
from gangway.credentials.queries.awards import AwardRow, newer
from gangway.credentials.rules import NOTICE_DAYS, NOTICES, Notice
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people

COMES_IN = ("invited", "active")
SHOWN = 5


@dataclass(frozen=True, slots=True)
class EndingAward:
    """An award that ends, and that nothing follows yet."""

    award_id: UUID
    person_id: UUID
    title: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EndingNext:
    """How many of a partner's awards end soon, and the first of them with the name of who holds them."""

    count: int
    first: tuple[tuple[EndingAward, str], ...]


def partners_with_endings(now: datetime) -> list[UUID]:
    """Partners at which an award ends within the longest reminder's days. One statement, over all partners."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = _standing().filter(expires_at__gt=now, expires_at__lte=now + timedelta(days=max(NOTICE_DAYS)))
        return list(rows.order_by("partner_id").values_list("partner_id", flat=True).distinct())


def ending_awards(
    notice: Notice, now: datetime, *, robots: bool = False, after: UUID | None = None, limit: int = 500
) -> tuple[EndingAward, ...]:
    """Awards of the open scope for which this reminder is due, in id order: not revoked or renewed, held by somebody
    who may come in, and held since before the reminder's day. One statement. `robots`: theirs, which nobody else's
    daily look takes."""
    begins, ends = notice.ends(now)
    reminded_from = ExpressionWrapper(F("expires_at") - timedelta(days=notice.days), output_field=Instant())
    rows = _open(robots).filter(expires_at__gt=begins, expires_at__lte=ends, issued_at__lte=reminded_from)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return tuple(EndingAward(*row) for row in rows.order_by("pk").values_list(*_COLUMNS)[:limit])


def first_notice(award: AwardRow) -> tuple[Notice, datetime] | None:
    """The first reminder of an award, and when it is due; None where it does not end."""
    if award.expires_at is None:
        return None
    return NOTICES[0], award.expires_at - timedelta(days=NOTICES[0].days)


def ending_next(partner_id: UUID, now: datetime, within: timedelta) -> EndingNext:
    """What ends within this time among the people of one partner of the open scope, the next first. Two statements."""
    rows = _open().filter(partner=partner_id, expires_at__gt=now, expires_at__lte=now + within)
    first = rows.order_by("expires_at", "pk").values_list(*_COLUMNS, "person__name")[:SHOWN]
    counted = rows.aggregate(n=Count("pk"))["n"]
    return EndingNext(counted, tuple((EndingAward(*row[:4]), row[4]) for row in first))


def still_ends(award_id: UUID) -> bool:
    """Whether an award of the open scope was neither revoked nor renewed, and its holder may still come in."""
    award = Award.objects.filter(pk=award_id, revoked_at__isnull=True).first()
    if award is None or newer(award.person_id, award.credential_id, award.cycle).exists():
        return False
    partner: PartnerRow = partner_by_id(award.partner_id)
    return partner.state == "active" and people.person(award.person_id).may_come_in


_COLUMNS = ("pk", "person_id", "title", "expires_at")


def _standing() -> QuerySet[Award]:
    rows: QuerySet[Award] = Award.objects.filter(revoked_at__isnull=True, partner__state="active")
    return rows


def _open(robots: bool = False) -> QuerySet[Any]:
    follows = newer(OuterRef("person_id"), OuterRef("credential_id"), OuterRef("cycle"))
    return _standing().filter(~Exists(follows), person__state__in=COMES_IN, person__synthetic=robots)
