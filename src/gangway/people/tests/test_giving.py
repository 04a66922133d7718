"""Roles given and taken by people: never beyond the giver, never the last admin."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.kernel import clock
from gangway.kernel.access import CHANNEL_MANAGER, PARTNER_ADMIN, PARTNER_IT, PLATFORM_ADMIN, PROGRAMME_LEAD, Reach
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import set_portfolio
from gangway.people import actions, queries
from gangway.people.actions import BeyondYou, LastAdmin

ClientOf = Callable[[Someone], Client]
pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(days=30)


def newcomer(partner: UUID, name: str, *roles: str) -> Someone:
    with scopes.one(partner):
        email = f"{name.lower()}@x.example"
        person_id = actions.admit_person(name=name, email=email, roles=roles, letter=False, actor=OPERATOR, now=MONDAY)
        actions.activate_person(person_id=person_id, actor=OPERATOR, now=MONDAY)
    return Someone(person_id, partner, name, email)


def held(who: Someone, at: datetime = MONDAY) -> set[str]:
    with scopes.one(who.partner_id):
        return {row.role for row in queries.roles_held(who.id, at)}


def give(giver: Someone, who: Someone, role: str, **said: Any) -> None:
    with scopes.one(who.partner_id):
        actions.grant_role(person_id=who.id, role=role, actor=giver.actor, now=MONDAY, **said)


def take(taker: Someone, who: Someone, role: str) -> None:
    with scopes.one(who.partner_id):
        actions.revoke_role(person_id=who.id, role=role, actor=taker.actor, now=MONDAY)


def test_a_partner_admin_gives_partner_roles_at_home(world: World) -> None:
    give(world.ben, world.ana, PARTNER_ADMIN)
    give(world.ben, world.ana, PARTNER_IT, until=LATER)
    assert held(world.ana) == {PARTNER_ADMIN, PARTNER_IT}


def test_nobody_gives_beyond_themselves(world: World) -> None:
    with pytest.raises(BeyondYou):
        give(world.ben, world.ana, PARTNER_ADMIN, reach=Reach.TREE)
    with pytest.raises(BeyondYou):
        give(world.ben, world.caz, PARTNER_IT)
    with pytest.raises(BeyondYou):
        give(world.ana, world.ana, PARTNER_ADMIN)
    with pytest.raises(Invalid):
        give(world.ben, world.ana, PLATFORM_ADMIN)
    assert held(world.ana) == set()


def test_a_channel_manager_gives_only_within_the_portfolio(world: World) -> None:
    manager = newcomer(world.host, "Max", CHANNEL_MANAGER)
    with scopes.one(world.nordwind):
        set_portfolio(person_id=manager.id, looked_after=True, actor=OPERATOR, now=MONDAY)
    give(manager, world.ana, PARTNER_ADMIN)
    assert held(world.ana) == {PARTNER_ADMIN}
    with pytest.raises(BeyondYou):
        give(manager, world.caz, PARTNER_IT)
    with pytest.raises(BeyondYou):
        give(manager, manager, PLATFORM_ADMIN)
    with pytest.raises(BeyondYou):
        take(manager, world.dee, PROGRAMME_LEAD)


def test_a_file_or_form_of_a_person_gives_no_more_than_they_may(world: World) -> None:
    lead = newcomer(world.host, "Lea", PROGRAMME_LEAD)
    with scopes.one(world.host), pytest.raises(BeyondYou):
        actions.admit_person(name="Tom", email="tom@x.example", roles=[PLATFORM_ADMIN], actor=lead.actor, now=MONDAY)


def test_an_ended_role_gives_nothing(world: World) -> None:
    with scopes.one(world.nordwind):
        actions.grant_role(person_id=world.ana.id, role=PARTNER_ADMIN, until=LATER, actor=OPERATOR, now=MONDAY)
        with pytest.raises(BeyondYou):
            actions.grant_role(
                person_id=world.ben.id,
                role=PARTNER_IT,
                actor=world.ana.actor,
                now=LATER + timedelta(seconds=1),
            )


def test_the_last_platform_admin_keeps_the_role(world: World) -> None:
    lead = newcomer(world.host, "Lea", PROGRAMME_LEAD)
    second = newcomer(world.host, "Sam")
    with pytest.raises(LastAdmin):
        take(world.dee, world.dee, PLATFORM_ADMIN)
    with pytest.raises(LastAdmin):
        give(world.dee, world.dee, PLATFORM_ADMIN, until=LATER)
    with scopes.one(world.host):
        for verb in (actions.suspend_person, actions.person_leaves):
            with pytest.raises(LastAdmin):
                verb(person_id=world.dee.id, actor=lead.actor, now=MONDAY)
    give(world.dee, second, PLATFORM_ADMIN, until=LATER)
    with pytest.raises(LastAdmin):
        take(world.dee, world.dee, PLATFORM_ADMIN)
    give(world.dee, second, PLATFORM_ADMIN)
    take(world.dee, world.dee, PLATFORM_ADMIN)
    assert PLATFORM_ADMIN not in held(world.dee)


def test_the_operator_can_always_begin_again(world: World) -> None:
    with scopes.one(world.host):
        actions.revoke_role(person_id=world.dee.id, role=PLATFORM_ADMIN, actor=OPERATOR, now=MONDAY)
        actions.grant_role(person_id=world.dee.id, role=PLATFORM_ADMIN, actor=OPERATOR, now=MONDAY)
    assert PLATFORM_ADMIN in held(world.dee)


def test_the_last_partner_admin_is_kept_by_the_partner_and_not_by_staff(world: World) -> None:
    with pytest.raises(LastAdmin):
        take(world.ben, world.ben, PARTNER_ADMIN)
    take(world.dee, world.ben, PARTNER_ADMIN)
    assert held(world.ben) == set()


def test_leaving_ends_roles_that_had_an_end(world: World) -> None:
    with scopes.one(world.nordwind):
        actions.grant_role(person_id=world.ana.id, role=PARTNER_IT, until=LATER, actor=OPERATOR, now=MONDAY)
        actions.person_leaves(person_id=world.ana.id, actor=OPERATOR, now=MONDAY)
    assert held(world.ana) == set()


def test_staff_give_by_page_with_an_end(world: World, client_of: ClientOf) -> None:
    browser, path = client_of(world.dee), f"/console/people/{world.ana.id}/roles"
    page = browser.get(path).content.decode()
    assert "Partner admin" in page
    assert "Platform admin" not in page
    assert browser.post(path, {"role": "partner_it", "until": "2099-12-31"}).status_code == 302
    with scopes.one(world.nordwind):
        (row,) = queries.roles_held(world.ana.id, MONDAY)
    assert row.until is not None
    assert row.until.isoformat()[:10] in ("2099-12-31", "2100-01-01")
    refused = browser.post(path, {"role": "platform_admin", "until": "tomorrow"})
    assert refused.status_code == 422
    assert "That is no day" in refused.content.decode()


def test_a_partner_admin_takes_by_page_after_one_look(world: World, client_of: ClientOf) -> None:
    give(world.ben, world.ana, PARTNER_IT)
    browser, path = client_of(world.ben), f"/desk/team/{world.ana.id}/roles/take"
    first = browser.post(path, {"role": "partner_it"})
    assert first.status_code == 200
    assert 'name="sure"' in first.content.decode()
    assert held(world.ana) == {PARTNER_IT}
    assert browser.post(path, {"role": "partner_it", "sure": "yes"}).status_code == 302
    assert held(world.ana, clock.now()) == set()


def test_the_refusal_of_the_last_admin_is_a_page(world: World, client_of: ClientOf) -> None:
    browser, path = client_of(world.ben), f"/desk/team/{world.ben.id}/roles/take"
    assert 'data-tone="warn"' in browser.post(path, {"role": "partner_admin"}).content.decode()
    answer = browser.post(path, {"role": "partner_admin", "sure": "yes"})
    assert answer.status_code == 409
    assert held(world.ben) == {PARTNER_ADMIN}


@pytest.mark.parametrize("what", ["roles", "roles/take"])
def test_foreign_people_are_nobody(world: World, client_of: ClientOf, what: str) -> None:
    browser = client_of(world.ben)
    said = {"role": "partner_it", "sure": "yes"}
    foreign = browser.post(f"/desk/team/{world.caz.id}/{what}", said)
    nobody = browser.post(f"/desk/team/{new_id()}/{what}", said)
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    assert client_of(world.ana).post(f"/desk/team/{world.ben.id}/{what}", said).status_code == 403
    assert held(world.caz) == {PARTNER_ADMIN}
