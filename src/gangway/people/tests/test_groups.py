"""Groups: made, renamed, filled, emptied and deleted, by their own partner only."""

import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from tests.world import MONDAY, OPERATOR, Someone, World

from gangway.kernel.ids import new_id
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.tests.conftest import make_partner
from gangway.people import actions, queries
from gangway.people.actions import GroupIsThere, GroupNotEmpty
from gangway.people.events import PersonChanged
from gangway.people.forms import CHOICES

ClientOf = Callable[[Someone], Client]
pytestmark = pytest.mark.django_db


def make(world: World, key: str = "sales") -> UUID:
    with scopes.one(world.nordwind):
        return actions.make_group(key=key, name="Sales", actor=OPERATOR, now=MONDAY)


def inside(world: World, person: Someone) -> list[str]:
    with scopes.one(person.partner_id):
        return [name for _, name in queries.groups_of_person(person.id)]


def join(world: World, group: UUID, *people: Someone) -> int:
    with scopes.one(world.nordwind):
        ids = [one.id for one in people]
        return actions.join_group(group_id=group, person_ids=ids, actor=OPERATOR, now=MONDAY)


def test_a_group_is_made_filled_emptied_and_deleted(world: World) -> None:
    group = make(world)
    assert join(world, group, world.ana, world.ben) == 2
    assert join(world, group, world.ana) == 0, "already in it"
    assert inside(world, world.ana) == ["Sales"]
    with scopes.one(world.nordwind):
        with pytest.raises(GroupNotEmpty):
            actions.delete_group(group_id=group, actor=OPERATOR, now=MONDAY)
        ids = [world.ana.id, world.ben.id, new_id()]
        assert actions.quit_group(group_id=group, person_ids=ids, actor=OPERATOR, now=MONDAY) == 2
        actions.delete_group(group_id=group, actor=OPERATOR, now=MONDAY)
        with pytest.raises(NotFound):
            queries.group(group)
    verbs = AuditEntry.objects.filter(object_id=str(group)).order_by("id").values_list("verb", flat=True)
    assert [verb.rsplit(".", 1)[1] for verb in verbs] == ["make", "join", "quit", "delete"]


def test_who_joins_or_quits_is_told_of_once(world: World) -> None:
    group = make(world)
    join(world, group, world.ana, world.ben)
    join(world, group, world.ana)
    with scopes.one(world.nordwind):
        actions.quit_group(group_id=group, person_ids=[world.ana.id, new_id()], actor=OPERATOR, now=MONDAY)
    told = OutboxEvent.objects.filter(name=PersonChanged.name, payload__fields=["groups"])
    assert sorted(told.values_list("subject_id", flat=True)) == sorted([world.ana.id, world.ben.id, world.ana.id])


def test_a_key_is_there_once_per_partner_and_never_changes(world: World) -> None:
    group = make(world)
    with pytest.raises(GroupIsThere):
        make(world)
    with pytest.raises(Invalid):
        make(world, key="Sales People")
    with scopes.one(world.suedstern):
        actions.make_group(key="sales", name="Sales", actor=OPERATOR, now=MONDAY)
    with scopes.one(world.nordwind):
        actions.rename_group(group_id=group, name="Sellers", actor=OPERATOR, now=MONDAY)
        assert (queries.group(group).key, queries.group(group).name) == ("sales", "Sellers")


def test_nobody_of_another_partner_joins_and_nobody_who_left(world: World) -> None:
    group = make(world)
    with pytest.raises(NotFound):
        join(world, group, world.ana, world.caz)
    assert inside(world, world.ana) == [], "all or none"
    with scopes.one(world.nordwind):
        actions.person_leaves(person_id=world.ana.id, actor=OPERATOR, now=MONDAY)
    with pytest.raises(NotFound):
        join(world, group, world.ana)
    with scopes.one(world.suedstern), pytest.raises(NotFound):
        actions.rename_group(group_id=group, name="X", actor=OPERATOR, now=MONDAY)


def test_from_the_list_of_people_into_a_group(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    made = browser.post(reverse("people:make_group_team"), {"name": "Sales", "key": "sales"})
    assert made.status_code == 302
    chosen = {"ids": [str(world.ana.id), str(world.ben.id)]}
    page = browser.post(reverse("people:join_group_team"), chosen).content.decode()
    assert "(sales)" in page
    group_id = made["Location"].rsplit("/", 1)[1]
    assert (
        browser.post(reverse("people:join_group_team"), {**chosen, "group": group_id})["Location"] == made["Location"]
    )
    shown = browser.get(made["Location"]).content.decode()
    assert "Ana Albers" in shown
    assert reverse("people:quit_group_team", args=[group_id]) in shown
    narrowed = client_of(world.dee).get(reverse("people:list"), {"group": "sales"}).content.decode()
    assert "Ana Albers" in narrowed
    assert "Caz Conti" not in narrowed
    gone = browser.post(
        reverse("people:quit_group_team", args=[group_id]), {"ids": [str(world.ana.id)], "from": "person"}
    )
    assert gone["Location"] == reverse("portal:person_team", args=[world.ana.id])
    assert inside(world, world.ana) == []


def test_the_list_narrows_to_who_holds_a_role(world: World, client_of: ClientOf) -> None:
    page = client_of(world.dee).get(reverse("people:list"), {"role": "partner_admin"}).content.decode()
    assert "Ben Brandt" in page
    assert "Caz Conti" in page
    assert "Ana Albers" not in page


def test_a_used_key_is_said_beside_its_field(world: World, client_of: ClientOf) -> None:
    make(world)
    answer = client_of(world.ben).post(reverse("people:make_group_team"), {"name": "Sales", "key": "sales"})
    assert answer.status_code == 422
    assert 'id="key-error"' in answer.content.decode()
    beyond = {"name": "Sales", "key": "sales", "partner": "no-such-partner"}
    refused = client_of(world.dee).post(reverse("people:make_group"), beyond)
    assert 'id="partner-error"' in refused.content.decode()


def options(page: str) -> list[str]:
    """What the page's only list offers."""
    return re.findall(r'<option value="([^"]*)"', page)


def test_staff_choose_the_partner_of_a_group_from_a_list(world: World, client_of: ClientOf) -> None:
    dee, here = client_of(world.dee), reverse("people:make_group")
    assert options(dee.get(here).content.decode()) == ["", "acme", "nordwind", "suedstern"]
    unsaid = dee.post(here, {"name": "Sales", "key": "sales", "partner": ""})
    assert (unsaid.status_code, 'id="partner-error"' in unsaid.content.decode()) == (422, True)
    assert dee.post(here, {"name": "Sales", "key": "sales", "partner": "nordwind"}).status_code == 302
    with scopes.one(world.nordwind):
        assert [key for _, key, _ in queries.groups_of_partner(world.nordwind)] == ["sales"]


def test_of_very_many_partners_those_that_begin_so_are_offered(world: World, client_of: ClientOf) -> None:
    for n in range(CHOICES):
        make_partner(f"partner-{n}")
    dee, here = client_of(world.dee), reverse("people:make_group")
    group = {"name": "Sales", "key": "sales"}
    assert options(dee.get(here).content.decode()) == []
    named = dee.post(here, {**group, "partner": "Süd"})
    assert (named.status_code, options(named.content.decode())) == (422, ["", "suedstern"])
    assert options(dee.post(here, {**group, "partner": "no such"}).content.decode()) == []
    assert dee.post(here, {**group, "partner": "suedstern"}).status_code == 302


def test_people_of_two_partners_have_no_group_in_common(world: World, client_of: ClientOf) -> None:
    both = {"ids": [str(world.ana.id), str(world.caz.id)]}
    assert client_of(world.dee).post(reverse("people:join_group"), both).status_code == 400


@pytest.mark.parametrize("what", ["group", "rename_group", "delete_group", "quit_group"])
def test_a_foreign_group_is_no_group(world: World, client_of: ClientOf, what: str) -> None:
    path = reverse(f"people:{what}_team", args=[make(world)])
    said = {"name": "Mine", "ids": [str(world.ana.id)]}
    caz = client_of(world.caz)
    assert (caz.get(path) if what == "group" else caz.post(path, said)).status_code == 404
    ana = client_of(world.ana)
    assert (ana.get(path) if what == "group" else ana.post(path, said)).status_code == 403
