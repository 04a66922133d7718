"""A small house for the tests of credentials and insights: a vendor, two partners, their people, one course."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.apps import apps

from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner, host_partner
from gangway.people.actions import admit_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME = Actor.operator()


@dataclass(frozen=True)
class Someone:
    id: UUID
    partner_id: UUID


@dataclass(frozen=True)
class House:
    host_id: UUID
    nordwind_id: UUID
    suedstern_id: UUID
    ana: Someone  # learner at Nordwind
    ben: Someone  # partner admin at Nordwind
    caz: Someone  # learner at Südstern
    dee: Someone  # programme lead at the vendor
    course_id: UUID
    version_id: UUID


def build() -> House:
    rows = [
        {"slug": "nordwind", "name": "Nordwind", "type": "reseller", "tier": "gold"},
        {"slug": "suedstern", "name": "Südstern", "type": "msp", "tier": "silver"},
    ]
    apply_partners(rows=[Line(n, row) for n, row in enumerate(rows, 2)], host_name="Acme Cloud", actor=ME, now=NOW)
    host = host_partner()
    assert host is not None
    nordwind, suedstern = find_partner("nordwind").id, find_partner("suedstern").id
    course_id, version_id = publish_course(host.id)
    return House(
        host_id=host.id,
        nordwind_id=nordwind,
        suedstern_id=suedstern,
        ana=admit(nordwind, "Ana López"),
        ben=admit(nordwind, "Ben Okafor", roles=("partner_admin",)),
        caz=admit(suedstern, "Caz O'Brien"),
        dee=admit(host.id, "Dee Dale", roles=("programme_lead",)),
        course_id=course_id,
        version_id=version_id,
    )


def admit(partner_id: UUID, name: str, now: datetime = NOW, **options: Any) -> Someone:
    with scopes.one(partner_id):
        slug = name.casefold().replace(" ", ".").replace("'", "")
        person_id = admit_person(
            name=name, email=f"{slug}@{partner_id.hex[-8:]}.example", letter=False, actor=ME, now=now, **options
        )
    return Someone(person_id, partner_id)


def publish_course(
    owner_id: UUID, key: str = "partner-essentials", title: str = "Partner Essentials"
) -> tuple[UUID, UUID]:
    """A course with one published version, straight into the tables; (course id, version id)."""
    course = apps.get_model("catalog", "Course").objects.create(owner_id=owner_id, key=key, created_at=NOW)
    version = apps.get_model("catalog", "CourseVersion").objects.create(
        owner_id=owner_id,
        course=course,
        n=1,
        state="published",
        content_hash="0" * 64,
        locale="en",
        title=title,
        minutes=10,
        lessons=1,
        created_at=NOW,
        published_at=NOW,
    )
    course.current = version
    course.save()
    return course.pk, version.pk


def complete(house: House, person: Someone, at: datetime = NOW, cycle: int = 1) -> UUID:
    """A completion of the house's course, straight into the tables; its id."""
    with scopes.one(person.partner_id):
        enrolment = apps.get_model("learning", "Enrolment").objects.create(
            person_id=person.id,
            course_id=house.course_id,
            version_id=house.version_id,
            cycle=cycle,
            state="completed",
            required=True,
            enrolled_at=at,
            opened_at=at,
            completed_at=at,
        )
        completion = apps.get_model("learning", "Completion").objects.create(
            enrolment=enrolment, n=1, at=at, course_version_id=house.version_id
        )
    found: UUID = completion.pk
    return found
