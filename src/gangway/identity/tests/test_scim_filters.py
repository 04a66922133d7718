"""Filters in SQL find whom plain Python finds; pages and cursors show everybody once."""

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql
from scim2_models import ScimFilter
from tests.postgres import OWNER

from gangway.identity.models import ScimUser, ScimValue
from gangway.identity.queries.scim.filters import UserCompiler
from gangway.identity.scim.asking import sole
from gangway.identity.scim.words import POLICY, Person
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import ENTERPRISE, Directory, connect, parameters
from gangway.kernel.tenancy import scopes

PEOPLE: list[dict[str, Any]] = [
    {
        "userName": "ana",
        "externalId": "A-1",
        "title": "Engineer",
        "emails": [{"type": "work", "value": "ana@x.example"}],
    },
    {"userName": "ANNA", "externalId": "a-1", "name": {"givenName": "Anna", "familyName": "Ålund"}, "nickName": "an"},
    {
        "userName": "ben@x.example",
        "active": False,
        "emails": [
            {"type": "home", "value": "BEN@home.example", "primary": True, "display": "Ben"},
            {"type": "work", "value": "ben@x.example"},
        ],
    },
    {"userName": "straße", "title": "engineer", "name": {"givenName": "Ülo"}, "locale": "de-DE"},
    {
        "userName": "zoë",
        "addresses": [
            {"type": "work", "locality": "Köln", "country": "DE"},
            {"type": "home", "locality": "Bonn", "country": "DE"},
        ],
        ENTERPRISE: {"department": "North", "employeeNumber": "7", "manager": {"value": "m-1"}},
    },
    {"userName": "%_\\", "title": "50% off_", "emails": [{"value": "odd@x.example", "type": "other"}]},
    {"userName": "日本", "displayName": "日本 太郎", ENTERPRISE: {"department": "north"}},
]
TEXTS = ("userName", "externalId", "title", "nickName", "displayName", "name.givenName", "name.familyName", "locale",
         "emails.value", "emails.type", "emails.display", "emails", "addresses.locality", "addresses.type",
         f"{ENTERPRISE}:department", f"{ENTERPRISE}:employeeNumber", f"{ENTERPRISE}:manager.value")  # fmt: skip
WORDS = ("ana", "AN", "an", "A-1", "a-1", "Engineer", "e", "straße", "STRASSE", "ø", "ben@x.example", "x.example",
         "work", "home", "Köln", "ko", "north", "7", "%", "_", "\\", "日", "é", "z", "DE", "m-1")  # fmt: skip
OPS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")


def quoted(word: str) -> str:
    return ScimFilter.quote(word)


leaves = st.one_of(
    st.builds(lambda name, op, word: f"{name} {op} {quoted(word)}", st.sampled_from(TEXTS), st.sampled_from(OPS),
              st.sampled_from(WORDS)),
    st.builds(lambda name: f"{name} pr", st.sampled_from((*TEXTS, "name", "addresses", "active", "externalId"))),
    st.builds(lambda name, op: f"{name} {op} null", st.sampled_from(("title", "nickName")),
              st.sampled_from(("eq", "ne"))),
    st.sampled_from(("active eq true", "active eq false", "active ne true", "emails.primary eq true")),
)  # fmt: skip
inner = st.one_of(
    st.builds(lambda name, op, word: f"{name} {op} {quoted(word)}", st.sampled_from(("value", "type", "display")),
              st.sampled_from(OPS), st.sampled_from(WORDS)),
    st.sampled_from(("primary eq true", "primary pr", "display pr", "not (type eq \"work\")", "primary ne true")),
)  # fmt: skip
both = st.builds(lambda one, op, two: f"{one} {op} {two}", inner, st.sampled_from(("and", "or")), inner)
selections = st.one_of(
    st.builds(lambda one: f"emails[{one}]", st.one_of(inner, both)),
    st.builds(lambda op, word: f'addresses[type eq "work" and locality {op} {quoted(word)}]', st.sampled_from(OPS),
              st.sampled_from(WORDS)),
)  # fmt: skip
filters = st.recursive(
    st.one_of(leaves, selections),
    lambda deeper: st.one_of(
        st.builds(lambda one: f"not ({one})", deeper),
        st.builds(lambda one, op, two: f"({one}) {op} ({two})", deeper, st.sampled_from(("and", "or")), deeper),
    ),
    max_leaves=5,
)


@pytest.fixture
def directory(house: World) -> Directory:
    found = connect(house.ana.partner_id)
    for one in PEOPLE:
        found.bring(one["userName"], **{name: value for name, value in one.items() if name != "userName"})
    return found


def _ask(query: str) -> Any:
    return SimpleNamespace(given=parameters(query))


def by_python(text: str) -> set[str]:
    """The oracle: each person is looked at in turn, by a library that knows nothing of databases."""
    with POLICY:
        bound = ScimFilter[Person](text)
        return {one["userName"] for one in PEOPLE if bound.match(Person.model_validate({"active": True, **one}))}


def by_sql(text: str) -> set[str]:
    with POLICY:
        bound = ScimFilter[Person](text)
        return set(ScimUser.objects.filter(UserCompiler(bound).whole()).values_list("user_name", flat=True))


def test_sql_finds_whom_python_finds(directory: Directory) -> None:
    found: set[int] = set()

    @settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
    @given(text=filters)
    def compare(text: str) -> None:
        expected = by_python(text)
        assert by_sql(text) == expected, text
        found.add(len(expected))

    with scopes.one(directory.connection.partner_id):
        compare()
    assert len(found) >= 5, "filters that find nobody prove nothing"


def test_the_comparison_can_fail(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Negative control: comparing without folding differs."""
    monkeypatch.setattr("gangway.identity.queries.scim.filters.folded", lambda text: text)
    with scopes.one(directory.connection.partner_id):
        assert by_sql('userName eq "ANA"') != by_python('userName eq "ANA"')


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('filter=emails[type eq "work"].value eq "ANA@X.example"', ["ana"]),
        ('filter=userName eq "ANA"', ["ana"]),
        ('filter=externalId eq "a-1"', ["ANNA"]),
        ('filter=emails.value ew "x.example" and active eq "True"', ["ana", "%_\\"]),
        ('filter=meta.created gt "2011-05-13T04:42:34Z" and title pr', ["ana", "straße", "%_\\"]),
        ('filter=meta.resourceType eq "Group"', []),
        ('filter=password eq "x"', []),
        ("filter=title pr&sortBy=title&sortOrder=descending", ["ana", "straße", "%_\\"]),
        ("sortBy=userName", ["%_\\", "ana", "ANNA", "ben@x.example", "straße", "zoë", "日本"]),
        ("sortBy=emails", ["ana", "ben@x.example", "%_\\", "ANNA", "straße", "zoë", "日本"]),
        ("startIndex=3&count=2", ["ben@x.example", "straße"]),
        ("startIndex=-4&count=1", ["ana"]),
        ("count=0", []),
        ("startIndex=50", []),
    ],
)
def test_a_question_finds(directory: Directory, query: str, names: list[str]) -> None:
    found = directory.find(query)
    told = [one["userName"] for one in found["Resources"]]
    if "sortBy=title" in query:
        assert sorted(told) == sorted(names)
    else:
        assert told == names
    assert found["itemsPerPage"] == len(names)


def analyse(*tables: str) -> None:
    """The database counts the rows, as it does by itself after a while; PostgreSQL lets only the owner ask for it."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        return
    told = {name: connection.settings_dict[name.upper()] for name in ("host", "port")}
    with psycopg.connect(**told, dbname=connection.settings_dict["NAME"], user=OWNER, autocommit=True) as owner:
        for table in tables:
            owner.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))


@pytest.mark.django_db(transaction=True)
def test_a_selection_finds_by_an_index(directory: Directory) -> None:
    """A value path is no scan: SQL reaches its rows by the value's own index, once there are rows worth an index."""
    with scopes.one(directory.connection.partner_id), POLICY:
        user = ScimUser.objects.get(user_name="ana")
        ScimValue.objects.bulk_create(
            ScimValue(user=user, attribute="emails", value=word, value_key=word, start=word, type_key="work")
            for word in (f"{number}@x.example" for number in range(3000))
        )
        analyse("identity_scimvalue", "identity_scimuser")
        bound = ScimFilter[Person]('emails[type eq "work" and value eq "ana@x.example"]')
        plan = ScimUser.objects.filter(UserCompiler(bound).whole()).explain()
    assert "identity_scim_by_value" in plan


def test_what_directories_ask_first_is_answered_alike_however_it_is_read(
    directory: Directory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`userName eq "…"` is not read by the grammar, for speed: the answers are those that its reading gives."""
    words = ["ana", "ANA", "Straße", "STRASSE", "日本", "%_\\", "A-1", "nobody", "a b", "", " ana", "x\u212a", "\x7f"]
    forms = ("userName eq {}", "username EQ {}", "externalId eq {}", " userName eq {}", "userName  eq {}", "id eq {}")
    beside = ("", "&startIndex=1&count=100", "&count=0", "&startIndex=2", "&attributes=userName", "&cursor=")
    asked = [f"filter={form.format(quoted(word))}{more}" for form in forms for word in words for more in beside]
    headers = {"Authorization": f"Bearer {directory.token}"}

    def answers() -> list[tuple[int, bytes]]:
        found = [directory.client.get("/scim/v2/Users", parameters(one), headers=headers) for one in asked]
        return [(one.status_code, one.content) for one in found]

    soon = answers()
    assert sum(sole(_ask(one)) is not None for one in asked) > 40, "many took the short way"
    monkeypatch.setattr("gangway.identity.scim.users.sole", lambda ask: None)
    assert soon == answers()


@pytest.mark.parametrize("sort", ["", "&sortBy=userName", "&filter=userName pr"])
def test_cursors_show_everybody_once(directory: Directory, sort: str) -> None:
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        found = directory.find(f"count=3&cursor={cursor}{sort}")
        assert found["totalResults"] == len(PEOPLE)
        assert "startIndex" not in found
        seen += [one["userName"] for one in found["Resources"]]
        pages += 1
        if "nextCursor" not in found:
            break
        cursor = found["nextCursor"]
    assert pages == 3
    assert sorted(seen) == sorted(one["userName"] for one in PEOPLE)


def test_a_cursor_is_good_for_its_own_question(directory: Directory) -> None:
    first = directory.find("count=3&cursor=")["nextCursor"]
    headers = {"Authorization": f"Bearer {directory.token}"}
    for query in ({"cursor": first, "filter": "userName pr"}, {"cursor": first + "x"}):
        answer = directory.client.get("/scim/v2/Users", query, headers=headers)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidCursor")


def test_search_by_post_asks_the_same(directory: Directory) -> None:
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'userName sw "an"',
        "attributes": ["userName", "name.familyName"],
        "count": 10,
    }
    found = directory.ask("POST", f"/{'Users'}/.search", body).json()
    assert [sorted(one) for one in found["Resources"]] == [
        ["id", "schemas", "userName"],
        ["id", "name", "schemas", "userName"],
    ]
    assert found["Resources"][1]["name"] == {"familyName": "Ålund"}


def test_attributes_are_left_out(directory: Directory) -> None:
    found = directory.find(
        f'filter=userName eq "zoë"&excludedAttributes=addresses.locality,{ENTERPRISE}:department,meta'
    )
    (one,) = found["Resources"]
    assert one["addresses"][0] == {"type": "work", "country": "DE"}
    assert one[ENTERPRISE] == {"employeeNumber": "7", "manager": {"value": "m-1"}}
    assert "meta" not in one


def test_a_page_costs_the_same_for_one_and_for_many(directory: Directory) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    directory.group("Team", *(one["id"] for one in directory.find("")["Resources"]))
    costs = []
    for count in (1, 7):
        with CaptureQueriesContext(connection) as asked:
            directory.find(f"count={count}")
        costs.append(len(asked))
    assert costs[0] == costs[1]


@pytest.mark.parametrize("few", [0, 1_000])
def test_every_page_is_the_same_however_it_is_found(
    directory: Directory, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(import_module("gangway.identity.queries.scim.users"), "FEW", few)
    names = [one["userName"] for one in PEOPLE]
    for start in range(1, len(names) + 1):
        for count in (1, 3, 10):
            found = directory.find(f"startIndex={start}&count={count}")["Resources"]
            assert [one["userName"] for one in found] == names[start - 1 : start - 1 + count]
