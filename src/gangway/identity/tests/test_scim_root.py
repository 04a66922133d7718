"""The root of a directory's server: users and groups found by one question (RFC 7644, 3.4.2.1 and 3.4.3)."""

from typing import Any

import pytest

from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import SEARCH, Directory, connect


@pytest.fixture
def directory(house: World) -> Directory:
    """Two users, two groups; and another connection with the same names, which must not show."""
    other = connect(house.ana.partner_id, "other")
    other.bring("foreign", displayName="Engineers", externalId="x-9")
    other.group("Foreign")
    found = connect(house.ana.partner_id)
    fay = found.bring("fay", displayName="Fay", externalId="x-1", title="Engineer")
    found.bring("gil", displayName="Partners", externalId="x-3")
    found.group("Engineers", fay["id"])
    found.group("Partners")
    return found


def search(directory: Directory, **asked: Any) -> dict[str, Any]:
    answer = directory.ask("POST", "/.search", {"schemas": [SEARCH], **asked})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [one.get("userName") or one["displayName"] for one in found["Resources"]]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["fay", "gil", "Engineers", "Partners"]),
        ('displayName eq "partners"', ["gil", "Partners"]),
        ('userName eq "fay"', ["fay"]),
        ('meta.resourceType eq "Group"', ["Engineers", "Partners"]),
        ("title pr", ["fay"]),
        ('title ne "Engineer"', ["gil", "Engineers", "Partners"]),
        ("title eq null", ["gil", "Engineers", "Partners"]),
        ('not (userName eq "fay")', ["gil", "Engineers", "Partners"]),
        ("members pr", ["Engineers"]),
        ('emails[type eq "work"] or active eq false', []),
    ],
)
def test_one_question_finds_users_and_groups(directory: Directory, asked: str, expected: list[str]) -> None:
    """What a type lacks has no value there: `ne` and `eq null` hold, everything else does not."""
    found = search(directory, **({"filter": asked} if asked else {}))
    assert (names(found), found["totalResults"]) == (expected, len(expected))
    by_address = directory.find(f"filter={asked}" if asked else "", kind="")
    assert names(by_address) == expected


@pytest.mark.parametrize(
    ("by", "order", "expected"),
    [
        ("displayName", "ascending", ["Engineers", "fay", "gil", "Partners"]),
        ("displayName", "descending", ["gil", "Partners", "fay", "Engineers"]),
        ("externalId", "descending", ["gil", "fay", "Engineers", "Partners"]),
        ("userName", "ascending", ["fay", "gil", "Engineers", "Partners"]),
        ("userName", "descending", ["Engineers", "Partners", "gil", "fay"]),
        ("meta.created", "ascending", ["fay", "gil", "Engineers", "Partners"]),
        ("id", "ascending", ["fay", "gil", "Engineers", "Partners"]),
        ("members", "ascending", ["fay", "gil", "Engineers", "Partners"]),
    ],
)
def test_both_are_put_in_one_order(directory: Directory, by: str, order: str, expected: list[str]) -> None:
    assert names(search(directory, sortBy=by, sortOrder=order)) == expected


@pytest.mark.parametrize("sorting", [{}, {"sortBy": "displayName"}])
def test_pages_and_cursors_show_each_once(directory: Directory, sorting: dict[str, str]) -> None:
    whole = names(search(directory, **sorting))
    paged = [one for n in range(1, 6) for one in names(search(directory, startIndex=n, count=1, **sorting))]
    assert paged == whole
    shown, cursor = [], ""
    while True:
        found = search(directory, cursor=cursor, count=3, **sorting)
        shown += names(found)
        cursor = found.get("nextCursor", "")
        if not cursor:
            break
    assert shown == whole
    assert search(directory, count=0, **sorting)["totalResults"] == 4


def test_attributes_are_those_that_were_asked_for(directory: Directory) -> None:
    found = search(directory, attributes=["displayName"], filter='displayName eq "Engineers"')
    assert [set(one) for one in found["Resources"]] == [{"schemas", "id", "displayName"}]
    kept = search(directory, excludedAttributes=["members"], filter='displayName eq "Engineers"')
    assert "members" not in kept["Resources"][0]


def test_an_attribute_that_no_type_has_is_a_400(directory: Directory) -> None:
    for asked in ({"filter": 'shoeSize eq "44"'}, {"sortBy": "shoeSize"}, {"cursor": "nonsense"}):
        answer = directory.ask("POST", "/.search", {"schemas": [SEARCH], **asked})
        assert (answer.status_code, bool(answer.json()["scimType"])) == (400, True)
    assert directory.ask("GET", "/.search").headers["Allow"] == "POST"
