"""A vendor with a small course, and learners at two partners, for the tests of learning."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.test import Client

from gangway.catalog.actions import import_course
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import small_course
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner, host_partner
from gangway.people.actions import admit_person

START = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Learner:
    id: UUID
    partner_id: UUID

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.PERSON, str(self.id), "web")


@pytest.fixture
def partners(db: None) -> dict[str, UUID]:
    rows = [{"slug": "nordwind", "name": "Nordwind"}, {"slug": "suedstern", "name": "Südstern"}]
    apply_partners(rows=[Line(n, row) for n, row in enumerate(rows, 2)], actor=Actor.operator(), now=START)
    host = host_partner()
    assert host is not None
    return {"host": host.id} | {slug: find_partner(slug).id for slug in ("nordwind", "suedstern")}


@pytest.fixture
def admit(partners: dict[str, UUID]) -> Callable[[str, str], Learner]:
    def make(name: str, slug: str) -> Learner:
        with scopes.one(partners[slug]):
            person_id = admit_person(
                name=name, email=f"{name}@{slug}.example", letter=False, actor=Actor.operator(), now=START
            )
        return Learner(person_id, partners[slug])

    return make


@pytest.fixture
def sign_in(client: Client) -> Callable[[Learner], Client]:
    """A browser in which somebody is signed in."""

    def enter(learner: Learner) -> Client:
        with scopes.one(learner.partner_id):
            session = begin_session(
                person_id=learner.id, method=Method.LINK, device="", actor=learner.actor, now=clock.now()
            )
        client.cookies[settings.SESSION_COOKIE] = session.cookie
        return client

    return enter


@pytest.fixture
def ana(admit: Callable[[str, str], Learner]) -> Iterator[Learner]:
    """Ana learns at Nordwind; her partner's scope is open."""
    learner = admit("ana", "nordwind")
    with scopes.one(learner.partner_id):
        yield learner


@pytest.fixture
def draft(tmp_path: Path) -> CourseDraft:
    return small_course(tmp_path / "course")


@pytest.fixture
def publish(partners: dict[str, UUID]) -> Callable[[CourseDraft], UUID]:
    """Publish a course of the vendor's; its id."""

    def load(draft: CourseDraft) -> UUID:
        with scopes.one(partners["host"]):
            return import_course(draft=draft, actor=Actor.operator(), now=START).course_id

    return load


@pytest.fixture
def course(publish: Callable[[CourseDraft], UUID], draft: CourseDraft) -> UUID:
    return publish(draft)
