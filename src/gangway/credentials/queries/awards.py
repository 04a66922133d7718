"""What people hold: each award, its history, and what a stranger with its number is told.

Routing read (it opens the scope of what it finds): verify.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import OuterRef, QuerySet

from gangway.catalog import queries as catalog
from gangway.credentials.models import Award, AwardEvent, AwardNumber, Credential, NameConsent
from gangway.credentials.rules import (
    Facts,
    Happening,
    RevokeReason,
    Status,
    number_digest,
    read_number,
    renewable,
    status,
)
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

# Columns that contexts above may join to in their own queries.
JOINABLE = frozenset(
    {
        "credentials_award.person_id",
        "credentials_award.credential_key",
        "credentials_award.cycle",
        "credentials_award.issued_at",
        "credentials_award.expires_at",
        "credentials_award.revoked_at",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRow:
    """An award as its holder and staff see it. `intact`: its facts still fit the seal they were issued under."""

    id: UUID
    partner_id: UUID
    person_id: UUID
    credential_id: UUID
    number: str
    title: str
    issuer: str
    course_key: str
    credential_key: str
    cycle: int
    issued_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    revoke_reason: RevokeReason | None
    status: Status
    intact: bool


@dataclass(frozen=True, slots=True)
class AwardLine:
    """One line of an award's history."""

    kind: Happening
    reason: RevokeReason | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a stranger who holds the number is told. `name`: "" unless the holder agreed to show it. `renewed`: it has
    run out, and its holder has a newer one."""

    award: AwardRow
    name: str
    renewed: bool


def awards_of(person_id: UUID, now: datetime) -> tuple[AwardRow, ...]:
    """What a person holds or held, youngest first. One statement."""
    rows = Award.objects.filter(person_id=person_id).order_by("-issued_at", "-id")
    return tuple(_row(award, now) for award in rows)


def renewed(awards: Iterable[AwardRow]) -> frozenset[UUID]:
    """Those of a person's awards that a newer one follows."""
    last: dict[UUID, int] = {}
    for row in awards:
        if row.revoked_at is None:
            last[row.credential_id] = max(row.cycle, last.get(row.credential_id, 0))
    return frozenset(row.id for row in awards if row.cycle < last.get(row.credential_id, 0))


def to_renew(awards: Iterable[AwardRow], now: datetime) -> frozenset[UUID]:
    """Those of a person's awards that may be renewed now; the action asks again."""
    followed = renewed(awards)
    may = (row for row in awards if renewable(expires_at=row.expires_at, revoked_at=row.revoked_at, now=now))
    return frozenset(row.id for row in may if row.id not in followed)


def award(award_id: UUID, now: datetime) -> AwardRow:
    """One award the scope reaches; NotFound otherwise."""
    found = Award.objects.filter(pk=award_id).first()
    if found is None:
        raise NotFound
    return _row(found, now)


def history(award_id: UUID) -> tuple[AwardLine, ...]:
    """What happened to an award the scope reaches, oldest first."""
    lines = AwardEvent.objects.filter(award_id=award_id).order_by("n")
    return tuple(
        AwardLine(Happening(line.kind), RevokeReason(line.reason) if line.reason else None, line.at) for line in lines
    )


def own_award(number: str, person_id: UUID, now: datetime) -> AwardRow:
    """The award of this number, if this person of the open scope holds it; NotFound otherwise."""
    found = Award.objects.filter(number=read_number(number) or "", person_id=person_id).first()
    if found is None:
        raise NotFound
    return _row(found, now)


def award_of_completion(completion_id: UUID, now: datetime) -> AwardRow | None:
    """What a completion earned; None while it has not been issued (events take a moment)."""
    found = Award.objects.filter(completion_id=completion_id).order_by("id").first()
    return _row(found, now) if found else None


def earns(course_id: UUID) -> bool:
    """Whether completing this course earns anything."""
    return Credential.objects.filter(course_id=course_id).exists()


def still_offered(award_id: UUID) -> bool:
    """Whether the partner of this award of the open scope still sees its course, so that it can be renewed."""
    found = Award.objects.select_related("credential").get(pk=award_id)
    partner = partners.partner_by_id(found.partner_id)
    return catalog.sees(found.credential.course_id, partner_id=partner.id, partner_type=partner.type)


def name_shown(person_id: UUID) -> bool:
    """Whether the person agreed that strangers who hold a number of theirs see their name."""
    last = NameConsent.objects.filter(person_id=person_id).order_by("-n").values_list("agreed", flat=True).first()
    return bool(last)


def verify(typed: str, now: datetime) -> Verified:
    """Routing: what is true of the award of this number, from everywhere. NotFound for any other text.

    Three statements whatever the number of awards, one more where the name is shown and one where it has run out; one
    for an unknown number.
    """
    number = read_number(typed)
    if number is None:
        raise NotFound
    place = AwardNumber.objects.filter(digest=number_digest(number)).values_list("partner_id", "award_id").first()
    if place is None:
        raise NotFound
    with scopes.one(place[0]):
        found = award(place[1], now)
        name = people.person(found.person_id).name if name_shown(found.person_id) else ""
        ended = found.status is Status.EXPIRED
        renewed = ended and newer(found.person_id, found.credential_id, found.cycle).exists()
    return Verified(award=found, name=name, renewed=renewed)


def newer(person_id: UUID | OuterRef, credential_id: UUID | OuterRef, cycle: int | OuterRef) -> QuerySet[Award]:
    """The awards that follow one in its scope; whoever has such a one has renewed it."""
    rows: QuerySet[Award] = Award.objects.filter(person_id=person_id, credential_id=credential_id, cycle__gt=cycle)
    return rows.filter(revoked_at__isnull=True)


def _row(award: Award, now: datetime) -> AwardRow:
    facts = Facts(**{name: getattr(award, name) for name in Facts.__slots__})
    return AwardRow(
        id=award.pk,
        partner_id=award.partner_id,
        person_id=award.person_id,
        credential_id=award.credential_id,
        number=award.number,
        title=award.title,
        issuer=award.issuer,
        course_key=award.course_key,
        credential_key=award.credential_key,
        cycle=award.cycle,
        issued_at=award.issued_at,
        expires_at=award.expires_at,
        revoked_at=award.revoked_at,
        revoke_reason=RevokeReason(award.revoke_reason) if award.revoke_reason else None,
        status=status(expires_at=award.expires_at, revoked_at=award.revoked_at, now=now),
        intact=facts.seal() == award.seal,
    )
