"""A vendor with two members of staff, a partner with an admin, and a plan that begins on Monday 2 March 2026."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.partners import queries as partner_queries
from gangway.people import actions as people
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.tests import wiring

K = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Rollout:
    """Ids of who is there."""

    plan_id: UUID
    host_id: UUID
    dee: UUID
    eve: UUID
    partner_id: UUID
    ben: UUID

    @property
    def as_dee(self) -> Actor:
        return Actor.person(self.dee)

    @property
    def as_eve(self) -> Actor:
        return Actor.person(self.eve)

    def milestone(self, key: str) -> queries.MilestoneRow:
        with scopes.one(self.host_id):
            return queries.milestone(self.plan_id, key)


def person(name: str, *, activated: bool = True) -> UUID:
    operator = Actor.operator()
    address = f"{name.lower()}@example.com"
    person_id = people.admit_person(name=name, email=address, letter=False, actor=operator, now=K)
    if activated:
        people.activate_person(person_id=person_id, actor=operator, now=K)
    return person_id


@pytest.fixture
def facts(settings: Any) -> Iterator[dict[str, Any]]:
    """The facts that the two test criteria read."""
    settings.WIRING = wiring.__name__
    wiring.FACTS.clear()
    yield wiring.FACTS
    wiring.FACTS.clear()


@pytest.fixture
def rollout(db: None, facts: dict[str, Any]) -> Rollout:
    operator = Actor.operator()
    host_id = partners.create_host(name="Acme Cloud", actor=operator, now=K)
    partners.apply_partners(rows=[Line(2, {"slug": "nordwind", "name": "Nordwind"})], actor=operator, now=K)
    partner_id = partner_queries.find_partner("nordwind").id
    with scopes.one(partner_id):
        ben = person("Ben")
    with scopes.one(host_id):
        dee, eve = person("Dee"), person("Eve", activated=False)
        plan_id = actions.new_plan(
            definition=queries.shipped_template("essential"),
            kickoff_on=date(2026, 3, 2),
            zone="Europe/Berlin",
            actor=operator,
            now=K,
        )
    return Rollout(plan_id, host_id, dee, eve, partner_id, ben)


@pytest.fixture
def at_host(rollout: Rollout) -> Iterator[None]:
    with scopes.one(rollout.host_id):
        yield
