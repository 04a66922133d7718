"""How many statements a directory's requests take, however many people it brought; and that a change is one piece."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from gangway.identity.models import ScimExchange, ScimUser
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import GROUP, PATCH, USER, Directory, connect
from gangway.kernel import prepared
from gangway.kernel.tenancy import scopes

KINDS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@pytest.fixture
def directory(house: World) -> Directory:
    return connect(house.ana.partner_id)


def statements(directory: Directory, method: str, path: str, body: object = None) -> int:
    with CaptureQueriesContext(connection) as asked:
        answer = directory.ask(method, path, body)
    assert answer.status_code in (200, 201), answer.content
    return sum(one["sql"].lstrip().upper().startswith(KINDS) for one in asked.captured_queries)


def test_what_is_asked_all_day_takes_few_statements(directory):
    """Token, connection, the user, their groups if any; a POST reads and writes what it must, and nothing twice."""
    person = directory.bring("first")["id"]
    grouped = directory.bring("grouped")["id"]
    directory.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "Team", "members": [{"value": grouped}]})
    directory.get("/Users")  # the token was noted to be in use
    rename = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "name.familyName", "value": "Ann"}]}
    for n in range(3):  # written, then kept; more people
        assert statements(directory, "GET", "/Users?filter=userName%20eq%20%22first%22") == 3
        assert statements(directory, "GET", "/Users?filter=userName%20eq%20%22grouped%22") == 5
        assert statements(directory, "GET", "/Users?filter=userName%20eq%20%22nobody%22") == 3
        assert statements(directory, "POST", "/Users", {"schemas": [USER], "userName": f"user{n}"}) <= 21
        rename["Operations"][0]["value"] = f"Ann {n}"  # type: ignore[index]
        assert statements(directory, "PATCH", f"/Users/{person}", rename) <= 20


def test_sole_finds_what_any_other_filter_finds(directory):
    for name in ("Straße@nordwind.example", "ana", "ANA2"):
        directory.bring(name, externalId=f"X-{name}")
    for query in ("ana", "ANA", "strasse@NORDWIND.example", "ana2", "an", "", "x' or '1'='1"):
        sole = directory.find(f'filter=userName eq "{query}"')
        any_other = directory.find(f'filter=userName eq "{query}" and userName pr')
        assert sole == any_other, query
        sole = directory.find(f'filter=externalId eq "X-{query}"')
        assert sole == directory.find(f'filter=externalId eq "X-{query}" and userName pr'), query
    assert directory.find('filter=userName eq "ana"&count=0') == directory.find(
        'filter=userName eq "ana" and userName pr&count=0'
    )
    assert directory.find('filter=userName eq "ana"&startIndex=2')["Resources"] == []


def test_a_change_without_its_line_in_the_log_did_not_happen(directory, monkeypatch):
    def twice(*rows: object) -> None:
        prepared.insert(*rows)
        prepared.insert(*rows)

    monkeypatch.setattr("gangway.identity.actions.scim.log.insert", twice)
    with pytest.raises(IntegrityError):
        directory.ask("POST", "/Users", {"schemas": [USER], "userName": "lost"})
    with scopes.one(directory.connection.partner_id):
        assert not ScimUser.objects.exists()
        assert not ScimExchange.objects.exists()
