"""A connection keeps count of what it holds: whatever happens, the number is that of the rows."""

import random
from uuid import UUID

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from gangway.identity.models import Connection, ScimGroup, ScimUser
from gangway.identity.privacy import PRIVACY
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import USER, Directory, connect, work_mail
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.people.queries import subject


def kept(directory: Directory) -> tuple[int, int]:
    """What the connection says; it must be what the tables hold."""
    one = directory.connection.id
    with scopes.one(directory.connection.partner_id):
        said: tuple[int, int] = Connection.objects.values_list("users", "groups").get(pk=one)
        rows = (ScimUser.objects.filter(connection=one).count(), ScimGroup.objects.filter(connection=one).count())
    assert said == rows
    return said


def test_it_is_right_after_everything_that_may_happen(house: World) -> None:
    dice, directory, other = random.Random(5), connect(house.ana.partner_id), connect(house.ana.partner_id, "other")
    users: list[str] = []
    groups: list[str] = []
    for n in range(24):
        match dice.choice(("bring", "bring", "group", "take", "drop", "again", "off")):
            case "bring":
                users.append(directory.bring(f"person{n}@nordwind.example")["id"])
            case "group":
                groups.append(directory.group(f"Group {n}", *users[:2])["id"])
            case "take" if users:
                assert directory.ask("DELETE", f"/Users/{users.pop()}").status_code == 204
            case "drop" if groups:
                assert directory.ask("DELETE", f"/Groups/{groups.pop()}").status_code == 204
            case "again" if users:
                body = {"schemas": [USER], "userName": "x", "emails": work_mail("person0@nordwind.example")}
                directory.ask("POST", "/Users", body)
                users = [one["id"] for one in directory.find("count=100")["Resources"]]
            case "off" if users:
                directory.patch(f"/Users/{users[0]}", {"op": "replace", "path": "active", "value": False})
        assert kept(directory) == (len(users), len(groups))
    assert kept(other) == (0, 0)
    assert directory.find("count=0")["totalResults"] == len(users)
    assert directory.find("count=0", kind="Groups")["totalResults"] == len(groups)


def test_a_refusal_counts_nobody(house: World) -> None:
    directory = connect(house.ana.partner_id)
    directory.bring("fay")
    assert directory.ask("POST", "/Users", {"schemas": [USER], "userName": "FAY"}).status_code == 409
    assert kept(directory) == (1, 0)


def test_who_is_erased_is_counted_no_more(house: World) -> None:
    directory = connect(house.ana.partner_id)
    made = directory.bring("ana@nordwind.example")
    with scopes.one(house.ana.partner_id):
        PRIVACY.erase(subject(UUID(made["id"])), clock.now())
    assert kept(directory) == (0, 0)


@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_a_page_without_a_filter_counts_no_rows(house: World, kind: str) -> None:
    """Negative control: with a filter they are counted."""
    directory = connect(house.ana.partner_id)
    directory.group("Engineers", directory.bring("fay")["id"])
    directory.find("count=1", kind)

    def counts(query: str) -> bool:
        with CaptureQueriesContext(database) as seen:
            directory.find(query, kind)
        return any("COUNT(" in one["sql"] for one in seen.captured_queries)

    assert not counts("startIndex=1&count=1")
    assert counts('filter=externalId ne "x"&count=1')
