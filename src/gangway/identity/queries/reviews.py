"""D5: who has rights over a partner's data, by which way in, and when they last came; what was asked and confirmed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, Max, OuterRef

from gangway.identity.models import AccessReview, Passkey, Session
from gangway.identity.queries.ways import covered
from gangway.identity.rules.handover import SOURCE
from gangway.identity.rules.reviews import Door, Holder, Side, Standing, ended_elsewhere, standing
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One quarter's asking, and what became of it."""

    id: UUID
    quarter: date
    due_on: date
    standing: Standing
    confirmed_at: datetime | None
    confirmed_by: str
    digest: str


def today_at(partner_id: UUID, now: datetime) -> date:
    """The day it is where a partner is."""
    return now.astimezone(ZoneInfo(partners.partner_by_id(partner_id).zone)).date()


def access_holders(now: datetime) -> tuple[Holder, ...]:
    """Who sees more of the scope's partner than themselves, its own people first. A constant number of statements."""
    partner_id = scopes.writer()
    own, above = people.holders_here(now), people.above_reaching(partner_id, now)
    staff = people.staff_reaching(partner_id, now)
    ids = {row[0] for row in (*own, *above, *staff)}
    doors, came = _doors({row[0]: row[2] or "" for row in own}), _came(ids)
    return tuple(
        Holder(one, side, name, email, tuple(row[3] for row in rows if row[0] == one), doors.get(one, ()), *came[one])
        for side, rows in ((Side.OWN, own), (Side.PARENT, above), (Side.VENDOR, staff))
        for one, name, email in dict.fromkeys((row[0], row[1], row[2]) for row in rows)
    )


def _doors(emails: Mapping[UUID, str]) -> dict[UUID, tuple[Door, ...]]:
    by_passkey = set(Passkey.objects.filter(person__in=emails).values_list("person_id", flat=True))
    by_portal = people.named_elsewhere(SOURCE, set(emails))
    ways = ((Door.COMPANY, covered(emails)), (Door.PASSKEY, by_passkey), (Door.PORTAL, by_portal))
    found = {one: tuple(door for door, who in ways if one in who) for one in emails}
    return {one: held if Door.COMPANY in held else (*held, Door.MAIL) for one, held in found.items()}


def _came(ids: Collection[UUID]) -> dict[UUID, tuple[datetime | None, str]]:
    """When each of them last came in, and how."""
    rows = Session.objects.filter(person_id__in=ids)
    last = dict(rows.values_list("person_id").annotate(at=Max("started_at")).order_by())
    by = {
        (person, at): method
        for person, at, method in rows.filter(started_at__in=last.values()).values_list(
            "person_id", "started_at", "method"
        )
    }
    return {one: (last.get(one), by.get((one, last[one]), "") if one in last else "") for one in ids}


def access_review(now: datetime) -> ReviewRow | None:
    """The last asking of the scope's partner; None: nobody was asked yet."""
    row = AccessReview.objects.order_by("-quarter").first()
    if row is None:
        return None
    today = today_at(scopes.writer(), now)
    by = people.names([row.confirmed_by]).get(row.confirmed_by, "") if row.confirmed_by else ""
    stands = standing(row.due_on, row.confirmed_at is not None, today)
    return ReviewRow(row.id, row.quarter, row.due_on, stands, row.confirmed_at, by, row.digest)


@dataclass(frozen=True, slots=True)
class Unwanted:
    """Somebody of another company who still sees a partner that wanted this ended."""

    person_id: UUID
    name: str


def unwanted(now: datetime) -> tuple[Unwanted, ...]:
    """Of whom the scope's partner said in its last confirmed list that their access ends, and who has it still."""
    row = AccessReview.objects.exclude(confirmed_at=None).order_by("-quarter").first()
    ended = ended_elsewhere(row.text) if row is not None else frozenset()
    if not ended:
        return ()
    partner_id = scopes.writer()
    found = (*people.above_reaching(partner_id, now), *people.staff_reaching(partner_id, now))
    return tuple(Unwanted(*one) for one in dict.fromkeys((row[0], row[1]) for row in found if row[0] in ended))


def overdue_reviews(today: date) -> tuple[tuple[UUID, str], ...]:
    """The partners in scope, by name, whose last list was not confirmed in time. One statement."""
    later = AccessReview.objects.filter(partner=OuterRef("partner"), quarter__gt=OuterRef("quarter"))
    late = AccessReview.objects.filter(~Exists(later), confirmed_at=None, due_on__lt=today, partner__state="active")
    return tuple(late.order_by("partner__name", "partner_id").values_list("partner_id", "partner__name"))


def partners_to_ask() -> tuple[UUID, ...]:
    """The partners that are launched and open."""
    with scopes.host():
        rows = partners.list_partners()
    return tuple(row.id for row in rows if row.kind == "partner" and row.state == "active")
