"""A directory's groups: memberships of constant cost, what rules give, and nobody of anybody else's."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.identity.models import Connection, ScimGroup
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import GROUP, ME, Directory, connect
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.people import actions as people
from gangway.people.models import Group, GroupMember
from gangway.people.queries import groups_of_person, roles_of


@pytest.fixture
def directory(house: World) -> Directory:
    return connect(house.ana.partner_id)


def members(directory: Directory, group: dict[str, Any]) -> set[str]:
    return {one["value"] for one in directory.get(f"/Groups/{group['id']}").json().get("members", ())}


def titles(directory: Directory, person_id: str) -> set[str]:
    with scopes.one(directory.connection.partner_id):
        return {name for _, name in groups_of_person(UUID(person_id))}


def roles(directory: Directory, person_id: str) -> set[str]:
    with scopes.one(directory.connection.partner_id):
        return {row.role for row in roles_of(UUID(person_id), clock.now())}


def test_a_group_is_one_of_peoples(directory: Directory) -> None:
    fay = directory.bring("fay")["id"]
    group = directory.group("Sales Engineers", fay)
    assert titles(directory, fay) == {"Sales Engineers"}
    with scopes.one(directory.connection.partner_id):
        assert Group.objects.get().key == "sales-engineers"
    shown = directory.get(f"/Users/{fay}").json()["groups"]
    assert [(one["value"], one["display"]) for one in shown] == [(group["id"], "Sales Engineers")]


def test_the_forms_of_a_membership(directory: Directory) -> None:
    one, two, three = (directory.bring(name)["id"] for name in ("one", "two", "three"))
    group = directory.group("Team", one)
    path = f"/Groups/{group['id']}"
    steps: list[tuple[list[dict[str, Any]], set[str]]] = [
        ([{"op": "Add", "path": "members", "value": [{"$ref": None, "value": two}]}], {one, two}),
        ([{"op": "add", "path": "members", "value": three}], {one, two, three}),
        ([{"op": "Remove", "path": "members", "value": [{"value": two}]}], {one, three}),
        ([{"op": "remove", "path": f'members[value eq "{three}"]'}], {one}),
        ([{"op": "replace", "value": {"members": [{"value": two}]}}], {two}),
        (
            [
                {"op": "remove", "path": f'members[value eq "{two}"]'},
                {"op": "add", "path": "members", "value": [{"value": one}, {"value": three}]},
            ],
            {one, three},
        ),
        ([{"op": "replace", "path": "members", "value": []}], set()),
        ([{"op": "add", "value": {"members": [{"value": one}]}}], {one}),
        ([{"op": "remove", "path": "members"}], set()),
        (
            [{"op": "add", "path": f"{GROUP}:members", "value": [{"value": one}, {"value": two}, {"value": three}]}],
            {one, two, three},
        ),
        ([{"op": "remove", "path": f'members[value eq "{one}" or value eq "{two}"]'}], {three}),
        ([{"op": "remove", "path": f'{GROUP.upper()}:Members[Value Eq "{three}" and type eq "User"]'}], set()),
    ]
    for number, (operations, inside) in enumerate(steps, start=2):
        assert directory.patch(path, *operations).status_code == 204
        assert members(directory, group) == inside
        assert directory.get(path).headers["ETag"] == f'W/"{number}"'
    assert directory.patch(path, *steps[-1][0]).status_code == 204
    assert directory.get(path).headers["ETag"] == f'W/"{len(steps) + 1}"', "nothing changed, nothing counted"


def test_a_membership_costs_the_same_in_a_group_of_any_size(directory: Directory) -> None:
    ids = [directory.bring(f"person{n}")["id"] for n in range(43)]
    costs = []
    for group in (directory.group("Small", *ids[:2]), directory.group("Large", *ids[:40])):
        path = f"/Groups/{group['id']}"
        directory.get(path)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            directory.patch(path, {"op": "add", "path": "members", "value": [{"value": ids[41]}]})
            directory.patch(path, {"op": "remove", "path": f'members[value eq "{ids[0]}"]'})
        costs.append(len(asked))
    assert costs[0] == costs[1]


def test_only_whom_the_connection_brought_can_be_a_member(house: World, directory: Directory) -> None:
    theirs = connect(house.caz.partner_id)
    caz = theirs.bring("caz@suedstern.example")["id"]
    group = directory.group("Team")
    path = f"/Groups/{group['id']}"
    for stranger in (caz, str(house.ana.id), "no-id"):
        answer = directory.patch(path, {"op": "add", "path": "members", "value": [{"value": stranger}]})
        assert answer.status_code == 400
    assert members(directory, group) == set()
    for method, body in (("GET", None), ("DELETE", None), ("PUT", {"schemas": [GROUP], "displayName": "x"})):
        assert theirs.ask(method, path, body).status_code == 404
    assert theirs.find('filter=displayName eq "Team"', "Groups")["totalResults"] == 0
    assert directory.find('filter=displayName eq "TEAM"', "Groups")["totalResults"] == 1


def test_who_others_put_into_the_group_is_neither_shown_nor_lost(house: World, directory: Directory) -> None:
    fay = directory.bring("fay")["id"]
    group = directory.group("Team", fay)
    with scopes.one(house.ana.partner_id):
        people.join_group(group_id=UUID(group["id"]), person_ids=[house.ana.id], actor=ME, now=clock.now())
    assert members(directory, group) == {fay}
    directory.patch(f"/Groups/{group['id']}", {"op": "replace", "path": "members", "value": []})
    with scopes.one(house.ana.partner_id):
        assert list(GroupMember.objects.values_list("person_id", flat=True)) == [house.ana.id]


def test_a_rule_gives_a_role_and_a_place_and_takes_both_back(directory: Directory) -> None:
    with scopes.one(directory.connection.partner_id):
        people.make_group(key="certified", name="Certified", actor=ME, now=clock.now())
        rules = [
            {"group": "Admins", "role": "partner_admin"},
            {"group": "Leads", "role": "partner_admin", "into": "certified"},
            {"group": "Leads", "into": "no-such-group"},
        ]
        Connection.objects.filter(pk=directory.connection.id).update(group_rules=rules)
    fay = directory.bring("fay")["id"]
    admins, leads = directory.group("ADMINS", fay), directory.group("Leads", fay)
    assert roles(directory, fay) == {"partner_admin"}
    assert "Certified" in titles(directory, fay)
    gone = {"op": "remove", "path": f'members[value eq "{fay}"]'}
    directory.patch(f"/Groups/{leads['id']}", gone)
    assert roles(directory, fay) == {"partner_admin"}, "another group still gives it"
    assert "Certified" not in titles(directory, fay)
    directory.patch(f"/Groups/{admins['id']}", {"op": "replace", "path": "displayName", "value": "Others"})
    assert roles(directory, fay) == set()
    directory.patch(f"/Groups/{admins['id']}", {"op": "replace", "path": "displayName", "value": "Admins"})
    assert roles(directory, fay) == {"partner_admin"}
    assert directory.ask("DELETE", f"/Groups/{admins['id']}").status_code == 204
    assert roles(directory, fay) == set()
    assert directory.get(f"/Groups/{admins['id']}").status_code == 404


def test_put_names_everybody(directory: Directory) -> None:
    one, two = directory.bring("one")["id"], directory.bring("two")["id"]
    group = directory.group("Team", one)
    body = {"schemas": [GROUP], "displayName": "Crew", "externalId": "g-1", "members": [{"value": two}]}
    told = directory.ask("PUT", f"/Groups/{group['id']}", body).json()
    assert (told["displayName"], told["externalId"], members(directory, group)) == ("Crew", "g-1", {two})


def test_a_leaver_is_in_no_group(directory: Directory) -> None:
    fay = directory.bring("fay")["id"]
    group = directory.group("Team", fay)
    directory.ask("DELETE", f"/Users/{fay}")
    assert members(directory, group) == set()
    with scopes.one(directory.connection.partner_id):
        assert not GroupMember.objects.exists()


def test_a_name_is_there_once_and_keys_are_never_shared(directory: Directory) -> None:
    directory.group("Team")
    again = directory.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "TEAM"})
    assert (again.status_code, again.json()["scimType"]) == (409, "uniqueness")
    directory.group("Team!")
    directory.group("東京")
    with scopes.one(directory.connection.partner_id):
        keys = list(Group.objects.order_by("id").values_list("key", flat=True))
        assert keys[0] == "team"
        assert len(set(keys)) == ScimGroup.objects.count() == 3


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "fly", "path": "members"},
        {"op": "add"},
        {"op": "add", "path": "owner", "value": "x"},
        {"op": "replace", "path": "displayName", "value": 7},
        {"op": "replace", "path": "displayName", "value": ""},
        {"op": "remove", "path": "displayName"},
        {"op": "add", "path": "members", "value": [{"display": "x"}]},
        {"op": "remove", "path": 'members[value ne "x"]'},
        {"op": "remove", "path": 'members[display eq "x"]'},
        {"op": "remove", "path": "members[value eq"},
        {"op": "remove", "path": 'members[type eq "User"]'},
    ],
)
def test_a_patch_that_means_nothing_is_a_400(directory: Directory, operation: dict[str, Any]) -> None:
    group = directory.group("Team")
    answer = directory.patch(f"/Groups/{group['id']}", operation)
    assert (answer.status_code, answer.json()["status"]) == (400, "400")
    assert directory.get(f"/Groups/{group['id']}").headers["ETag"] == 'W/"1"'


def test_members_are_read_only_where_they_are_asked_for(directory: Directory) -> None:
    group = directory.group("Team", directory.bring("fay")["id"])
    for query in ("excludedAttributes=members", "attributes=displayName"):
        found = directory.find(f'filter=displayName eq "Team"&{query}', "Groups")["Resources"][0]
        assert "members" not in found
    assert directory.find(f'filter=members.value eq "{group["members"][0]["value"]}"', "Groups")["totalResults"] == 1
    assert directory.find("filter=members pr", "Groups")["totalResults"] == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ('members[value eq "{fay}" and type eq "User"]', {"Both", "Fay"}),
        ('members[value eq "{fay}" or value eq "{kim}"]', {"Both", "Fay"}),
        ('members[value ne "{fay}"]', {"Both"}),
        ('members[not (value eq "{fay}" or value eq "{kim}")]', set()),
        ('members[value eq "{fay}" and value eq "{kim}"]', set()),
        ('members[type eq "Group"]', set()),
        ('members.type eq "user"', {"Both", "Fay"}),
        ('members ne "{kim}"', {"Fay", "Empty"}),
        ("not (members[value pr])", {"Empty"}),
    ],
)
def test_groups_are_found_by_whom_they_hold(directory: Directory, asked: str, found: set[str]) -> None:
    fay, kim = (directory.bring(name)["id"] for name in ("fay", "kim"))
    for name, inside in (("Both", [fay, kim]), ("Fay", [fay]), ("Empty", [])):
        directory.group(name, *inside)
    asked = asked.replace("{fay}", fay).replace("{kim}", kim)
    assert {one["displayName"] for one in directory.find(f"filter={asked}", "Groups")["Resources"]} == found


def test_people_are_found_by_the_way_they_are_in_a_group(directory: Directory) -> None:
    group = directory.group("Team", directory.bring("fay")["id"])
    for kind, many in (("direct", 1), ("indirect", 0)):
        asked = f'filter=groups[type eq "{kind}" and value eq "{group["id"]}"]'
        assert directory.find(asked)["totalResults"] == many
