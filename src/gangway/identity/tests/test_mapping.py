"""What a sign-in says of people becomes fields and groups here: by rules, at a sign-in, on D4 and L2."""

from html import unescape
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity import actions, queries
from gangway.identity.models import Connection
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import USUAL_CLAIMS, Asserted, ConnectionKind
from gangway.identity.rules.mapping import DEFAULTS, GroupRule, Moves, groups_said, moves
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect, enter, prove
from gangway.identity.tests.directory import connect as directory_of
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.people import actions as people
from gangway.people.queries import group_of_key, groups_of_person, person, roles_of

THEIRS = st.sampled_from(["Engineers", "engineers", "Sales", "g-1", "Élan"])
OURS = st.sampled_from(["certified", "leads", "all"])
RULES = st.lists(st.builds(lambda group, into: {"group": group, "into": into}, THEIRS, OURS), max_size=5)

# ---------------------------------------------------------------- the rule


@given(RULES, st.none() | st.lists(THEIRS, max_size=4), st.sets(OURS | st.just("unmapped")))
def test_only_mapped_groups_move_and_once_is_enough(
    rules: list[dict[str, str]], said: list[str] | None, inside: set[str]
) -> None:
    moved = moves(rules, said, inside)
    named = {rule["into"] for rule in rules}
    assert moved.join <= named - inside
    assert moved.quit <= named & inside
    after = (inside | moved.join) - moved.quit
    assert moves(rules, said, after) == Moves()
    if said is not None:
        folded = {value.casefold() for value in said}
        assert after & named == {rule["into"] for rule in rules if rule["group"].casefold() in folded}
    else:
        assert after == inside


@given(RULES, st.lists(THEIRS, max_size=4))
def test_no_rule_gives_a_role(rules: list[dict[str, str]], said: list[str]) -> None:
    with_roles = [*rules, *({"group": value, "role": "platform_admin"} for value in said)]
    assert moves(with_roles, said, ()) == moves(rules, said, ())


def test_the_usual_names_read_what_each_provider_sends() -> None:
    for providers in DEFAULTS.values():
        for provider, names in providers.items():
            for field, claim in names.items():
                assert claim in USUAL_CLAIMS[field], (provider, field)


def test_groups_that_were_not_sent_are_none_and_sent_empty_are_empty() -> None:
    assert groups_said(Asserted("s", {}), {}) is None
    assert groups_said(Asserted("s", {"groups": ()}), {}) == ()
    assert groups_said(Asserted("s", {"groups": ("a",), "roles": ("b", "c")}), {"groups": "roles"}) == ("b", "c")
    assert groups_said(Asserted("s", {"groups": ("a",)}), {"groups": "roles"}) is None


# ---------------------------------------------------------------- at a sign-in


@pytest.fixture
def connection(house: World) -> ConnectionRow:
    prove(house.ana.partner_id)
    with scopes.one(house.ana.partner_id):
        for key in ("certified", "leads", "own"):
            people.make_group(key=key, name=key.title(), actor=ME, now=clock.now())
    rules = [GroupRule("Engineers", "certified"), GroupRule("Bosses", "leads")]
    return connect(house.ana.partner_id, groups=rules)


def come(connection: ConnectionRow, groups: tuple[str, ...] | None, subject: str = "ana-1") -> None:
    claims: dict[str, tuple[str, ...]] = {"email": ("ana@nordwind.example",)}
    done = actions.enter_by_provider(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        asserted=Asserted(subject, claims if groups is None else {**claims, "groups": groups}),
        browser="b",
        actor=ME,
        now=clock.now(),
    )
    assert done.session is not None


def titles(someone: Someone) -> set[str]:
    with scopes.one(someone.partner_id):
        return {name for _, name in groups_of_person(someone.id)}


@pytest.mark.django_db
def test_who_comes_in_follows_the_groups_of_their_provider(house: World, connection: ConnectionRow) -> None:
    with scopes.one(house.ana.partner_id):
        people.join_group(group_id=group("own"), person_ids=[house.ana.id], actor=ME, now=clock.now())
    come(connection, ("engineers", "Bosses", "Others"))
    assert titles(house.ana) == {"Certified", "Leads", "Own"}
    come(connection, None)
    assert titles(house.ana) == {"Certified", "Leads", "Own"}
    come(connection, ("Bosses",))
    assert titles(house.ana) == {"Leads", "Own"}
    come(connection, ())
    assert titles(house.ana) == {"Own"}
    with scopes.one(house.ana.partner_id):
        assert [row.role for row in roles_of(house.ana.id, clock.now())] == []


def group(key: str) -> UUID:
    found = group_of_key(key)
    assert found is not None
    return found


@pytest.mark.django_db
def test_a_group_that_is_no_more_gives_nothing(house: World, connection: ConnectionRow) -> None:
    with scopes.one(house.ana.partner_id):
        people.delete_group(group_id=group("certified"), actor=ME, now=clock.now())
    come(connection, ("Engineers",))
    assert titles(house.ana) == set()


@pytest.mark.django_db
def test_what_cannot_be_mapped(house: World, connection: ConnectionRow) -> None:
    directory = directory_of(house.ana.partner_id)
    directory.group("Crew")
    with scopes.one(house.caz.partner_id):
        people.make_group(key="theirs", name="Theirs", actor=ME, now=clock.now())
    wrong: list[tuple[UUID, list[GroupRule]]] = [
        (connection.id, [GroupRule("Engineers", "theirs")]),  # another partner's
        (connection.id, [GroupRule("Engineers", "crew")]),  # the directory's
        (connection.id, [GroupRule("", "certified")]),
        (connection.id, [GroupRule(f"g{n}", "certified") for n in range(51)]),
        (directory.connection.id, [GroupRule("Engineers", "certified")]),
    ]
    with scopes.one(house.ana.partner_id):
        for connection_id, rules in wrong:
            with pytest.raises(Invalid):
                actions.set_conduct(
                    connection_id=connection_id, conduct=actions.Conduct(groups=rules), actor=ME, now=clock.now()
                )
        assert Connection.objects.get(pk=connection.id).group_rules == connection.group_rules


# ---------------------------------------------------------------- on the pages


FORM: dict[str, Any] = {
    "do": "map",
    "claim_email": "upn",
    "claim_groups": "roles",
    "their_group": ["Engineers", "", "Bosses"],
    "our_group": ["certified", "leads", ""],
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [ConnectionKind.OIDC, ConnectionKind.SAML])
def test_the_desk_and_the_link_for_it_edit_the_map(
    house: World, connection: ConnectionRow, kind: ConnectionKind
) -> None:
    ben = admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_admin",))
    with scopes.one(ben.partner_id):
        link = actions.make_set_up_link(asked_by=ben.id, actor=ME, now=clock.now()).token
    row = connect(ben.partner_id, kind, key=f"{kind.value}-2")
    desk, it = f"/desk/connections/{row.id}", f"/connect/{link}/{row.id}"
    for browser, path, more in ((browser_of(ben), desk, {}), (Client(), it, {"jit": "1", "admits": "on"})):
        page = unescape(browser.get(path).content.decode())
        assert "What providers call it where nobody changed it" in page
        assert browser.post(path, {**FORM, **more}).status_code == 302
        with scopes.one(row.partner_id):
            shown = queries.connection(row.id)
        assert shown.claims == {"email": "upn", "groups": "roles"}
        assert shown.group_rules == [{"group": "Engineers", "into": "certified"}]
        assert shown.admits is (path == it)
        assert 'value="upn"' in browser.get(path).content.decode()
        assert browser.post(path, {"do": "map"}).status_code == 302
        with scopes.one(row.partner_id):
            assert (queries.connection(row.id).claims, queries.connection(row.id).group_rules) == ({}, [])
        refused = browser.post(path, {**FORM, "our_group": ["no-such-group", "", ""]})
        assert "There is no group with the key" in unescape(refused.content.decode())


@pytest.mark.django_db
def test_a_named_claim_is_read_and_the_usual_one_is_not(house: World) -> None:
    row = connect(house.ana.partner_id, admits=True, claims={"name": "nick"})
    enter(row, "new-1", claims={"name": "Ada Usual", "nick": "Ada Named"})
    with scopes.one(row.partner_id):
        link = queries.connection_page(row.id, clock.now()).known[0]
        assert link.name == "Ada Named"
        assert person(link.link.person_id).name == "Ada Named"
