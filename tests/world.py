"""The small world of most tests, made by the actions: four people at two partners and the host.

Ana learns at Nordwind, Ben is its partner admin, Caz works at Südstern, Dee is staff of the host Acme Cloud with all of
its roles. Everybody has come in before, nobody was written to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client

from gangway.kernel.access import HOST_ROLES, Reach
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPERATOR = Actor.operator()
PARTNERS = (
    {"slug": "acme", "name": "Acme Cloud", "kind": "host", "zone": "Europe/London"},
    {
        "slug": "nordwind",
        "name": "Nordwind",
        "type": "reseller",
        "tier": "gold",
        "locale": "de",
        "zone": "Europe/Berlin",
        "contact_name": "Ben Brandt",
        "contact_email": "ben@nordwind.example",
    },
    {"slug": "suedstern", "name": "Südstern", "type": "msp", "tier": "silver", "locale": "de", "zone": "Europe/Vienna"},
)


@dataclass(frozen=True, slots=True)
class Someone:
    """A person of the world and the partner they are at."""

    id: UUID
    partner_id: UUID
    name: str
    email: str

    @property
    def actor(self) -> Actor:
        return Actor.person(self.id)


@dataclass(frozen=True, slots=True)
class World:
    host: UUID
    nordwind: UUID
    suedstern: UUID
    ana: Someone
    ben: Someone
    caz: Someone
    dee: Someone


@pytest.fixture
def now() -> datetime:
    """Monday, 2 March 2026, 09:00 UTC."""
    return MONDAY


@pytest.fixture
def world(db: None) -> World:
    """Ana and Ben at Nordwind, Caz at Südstern, Dee at the host."""
    from gangway.partners.actions import apply_partners
    from gangway.partners.queries import find_partner

    lines = [Line(number, row) for number, row in enumerate(PARTNERS, start=2)]
    report = apply_partners(rows=lines, actor=OPERATOR, now=MONDAY)
    assert not [outcome.reason for outcome in report.outcomes if outcome.reason]
    host, nordwind, suedstern = (find_partner(row["slug"]).id for row in PARTNERS)
    dee = _come_in(host, "Dee Diaz", "dee@acme.example")
    with scopes.one(host):
        from gangway.people.actions import grant_role

        for role in sorted(HOST_ROLES):
            grant_role(person_id=dee.id, role=role, reach=Reach.HOST, actor=OPERATOR, now=MONDAY)
    return World(
        host=host,
        nordwind=nordwind,
        suedstern=suedstern,
        ana=_come_in(nordwind, "Ana Albers", "ana@nordwind.example"),
        ben=_come_in(nordwind, "Ben Brandt", "ben@nordwind.example", "partner_admin"),
        caz=_come_in(suedstern, "Caz Conti", "caz@suedstern.example", "partner_admin"),
        dee=dee,
    )


def _come_in(partner_id: UUID, name: str, email: str, *roles: str) -> Someone:
    from gangway.people.actions import activate_person, admit_person

    with scopes.one(partner_id):
        person_id = admit_person(name=name, email=email, roles=roles, letter=False, actor=OPERATOR, now=MONDAY)
        activate_person(person_id=person_id, actor=OPERATOR, now=MONDAY)
    return Someone(person_id, partner_id, name, email)


@pytest.fixture
def client_of() -> Callable[[Someone], Client]:
    """A browser in which a person of the world is signed in."""
    from django.conf import settings

    from gangway.identity.actions.sessions import begin_session
    from gangway.identity.rules import Method
    from gangway.kernel import clock

    def sign_in(person: Someone) -> Client:
        with scopes.one(person.partner_id):
            session = begin_session(
                person_id=person.id, method=Method.CODE, device="test", actor=person.actor, now=clock.now()
            )
        client = Client()
        client.cookies[settings.SESSION_COOKIE] = session.cookie
        return client

    return sign_in


def reads_english(someone: Someone) -> Someone:
    """Partners of the world read German; a test about words asks for English, as a person does on their own page."""
    from gangway.people.actions import set_profile

    with scopes.one(someone.partner_id):
        set_profile(person_id=someone.id, locale="en", actor=someone.actor, now=MONDAY)
    return someone


@pytest.fixture
def ben_reads_english(world: World) -> None:
    """For tests about the words of Ben's pages."""
    reads_english(world.ben)
