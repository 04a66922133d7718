"""Connections that serve several partners: the vendor's own, and a parent's for partners below it."""

import json
from html import unescape
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from django.test import Client

from gangway.identity import actions, queries
from gangway.identity.cli import connections as commands
from gangway.identity.cli import serving as serving_commands
from gangway.identity.models import Connection, ConnectionReach, FailedSignIn, Identity, Session
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules import Step
from gangway.identity.rules.connections import Asserted, ConnectionKind, ConnectionState
from gangway.identity.tests.conftest import ME, Browser, World, admit, letters, sign_in_letter
from gangway.identity.tests.connections import connect, enter, prove, tell
from gangway.identity.tests.oidc_way import Way
from gangway.identity.tests.oidc_way import tell as tell_oidc
from gangway.identity.tests.openid import OpenIdProvider
from gangway.identity.tests.test_connection_pages import browser_of
from gangway.kernel import clock
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners, edit_partner, set_state
from gangway.partners.queries import find_partner, host_id, partner_by_id
from gangway.people.actions import admit_person
from gangway.people.queries import person

pytestmark = pytest.mark.django_db
CLAIM = "account"


def serving(owner_id: UUID, kind: ConnectionKind = ConnectionKind.OIDC) -> ConnectionRow:
    """An active connection with an account claim."""
    with scopes.one(owner_id):
        made = actions.add_connection(
            kind=kind, key="portal", name="Portal", active=True, account_claim=CLAIM, actor=ME, now=clock.now()
        )
        return queries.connection(made)


def opened(source: ConnectionRow, partner_id: UUID, key: str = "", admits: bool = True) -> ConnectionRow:
    done = actions.open_reach(
        connection_id=source.id,
        owner_id=source.partner_id,
        partner_id=partner_id,
        key=key,
        admits=admits,
        actor=ME,
        now=clock.now(),
    )
    with scopes.one(partner_id):
        return queries.connection(done.served)


def came(source: ConnectionRow, subject: str, key: str = "", **claims: str) -> Any:
    return enter(source, subject, claims={**({CLAIM: key} if key else {}), **claims})


def reason(number: str) -> tuple[str, str, UUID | None]:
    row = FailedSignIn.objects.get(number=number)
    return row.step, row.reason, row.partner_id


def people_of(partner_id: UUID) -> set[UUID]:
    with scopes.host():
        return set(Identity.objects.filter(partner=partner_id).values_list("person_id", flat=True))


@pytest.fixture
def below(house: World) -> UUID:
    """A partner below Nordwind."""
    apply_partners(
        rows=[Line(2, {"slug": "fjord", "name": "Fjord", "parent": "nordwind"})],
        actor=ME,
        now=clock.now(),
    )
    return find_partner("fjord").id


# ---------------------------------------------------------------- the vendor's own


@pytest.mark.parametrize("kind", [ConnectionKind.OIDC, ConnectionKind.SAML])
def test_an_account_key_leads_to_its_partner_and_a_human_at_two_is_two_people(
    house: World, kind: ConnectionKind
) -> None:
    portal = serving(host_id(), kind)
    nordwind, suedstern = house.ana.partner_id, house.caz.partner_id
    served = opened(portal, nordwind, "ACME-1")
    opened(portal, suedstern, "ACME-2")
    first, again, other = (came(portal, "sub-1", key) for key in ("ACME-1", "ACME-1", "ACME-2"))
    assert first.session.person_id == again.session.person_id != other.session.person_id
    assert (people_of(nordwind), people_of(suedstern)) == ({first.session.person_id}, {other.session.person_id})
    assert people_of(host_id()) == set()
    with scopes.one(nordwind):
        row = queries.links(served.id)[0]
    assert (row.subject, row.person_id) == ("sub-1", first.session.person_id)


@pytest.mark.parametrize(
    ("key", "why"),
    [("", "no_key"), ("ACME-9", "unknown_key"), ("acme-1", "unknown_key"), ("host", "unknown_key")],
)
def test_an_unknown_key_is_nobody_and_staff_see_it(house: World, key: str, why: str) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    stuck = came(portal, "sub-1", key)
    assert stuck.session is None
    assert reason(stuck.number) == (Step.PROVIDER_ACCOUNT, f"account.{why}", host_id())
    with scopes.one(host_id()):
        assert queries.failures_of(portal.id)[0].detail == key
    assert not Session.objects.exists()


def test_two_keys_are_nobody_and_an_address_is_no_key_that_is_kept(house: World) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    opened(portal, house.caz.partner_id, "ACME-2")
    both = actions.enter_by_provider(
        connection_id=portal.id,
        partner_id=portal.partner_id,
        asserted=Asserted("sub", {CLAIM: ("ACME-1", "ACME-2")}),
        browser="b",
        actor=ME,
        now=clock.now(),
    )
    assert reason(both.number)[1] == "account.several_keys"
    stuck = came(portal, "sub", "somebody@private.example")
    assert FailedSignIn.objects.get(number=stuck.number).detail == ""


def test_staff_never_come_in_as_somebody_of_a_partner(house: World) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    email = person_of(house.dee.id, host_id()).email
    stuck = came(portal, "dee", "ACME-1", email=email.upper())
    assert reason(stuck.number)[1] == "account.staff"
    prove(host_id(), "vendor.example")
    assert reason(came(portal, "x", "ACME-1", email="x@vendor.example").number)[1] == "account.staff"
    assert came(portal, "y", "ACME-1", email="y@nordwind.example").session is not None


def test_staff_are_led_to_their_own_door(house: World, provider: OpenIdProvider) -> None:
    """To try again there would end the same way."""
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    tell_oidc(portal, provider)
    provider.claims = {CLAIM: "ACME-1", "email": person_of(house.dee.id, host_id()).email}
    page = unescape(Way(provider, portal).sign_in().content.decode())
    assert "staff come in by the sign-in page" in page
    assert f"/sso/{portal.route}" not in page
    provider.claims = {CLAIM: "ACME-9"}
    assert f"/sso/{portal.route}" in Way(provider, portal).sign_in().content.decode()


def person_of(person_id: UUID, partner_id: UUID) -> Any:
    with scopes.one(partner_id):
        return person(person_id)


def test_the_vendor_itself_is_never_served(house: World) -> None:
    portal = serving(host_id())
    with pytest.raises((actions.NotServed, actions.KeyOfAnother)):
        opened(portal, host_id(), "ACME-1")
    assert not ConnectionReach.objects.exists()


def test_an_account_that_is_there_is_linked_by_its_mailbox_alone(house: World, browser: Browser) -> None:
    """Also where the partner has proven the domain: that makes its own provider credible, not somebody else's."""
    prove(house.ana.partner_id)
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    asked = came(portal, "sub-1", "ACME-1", email="ana@nordwind.example")
    assert asked.session is None
    assert asked.proving
    done = actions.complete_challenge(browser="the-browser", code=sign_in_letter().code, actor=ME, now=clock.now())
    assert done.session is not None
    assert done.session.person_id == house.ana.id
    assert came(portal, "sub-1", "ACME-1").session.person_id == house.ana.id


def test_a_code_typed_after_the_key_was_closed_links_nobody(house: World) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    came(portal, "sub-1", "ACME-1", email="ana@nordwind.example")
    actions.close_reach(connection_id=portal.id, owner_id=host_id(), key="ACME-1", actor=ME, now=clock.now())
    with pytest.raises(actions.ServedNoMore):
        actions.complete_challenge(browser="the-browser", code=sign_in_letter().code, actor=ME, now=clock.now())
    assert people_of(house.ana.partner_id) == set()


def test_no_asserted_address_is_kept(house: World) -> None:
    prove(house.ana.partner_id)
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    made = came(portal, "sub-1", "ACME-1", email="new@nordwind.example", name="New")
    assert person_of(made.session.person_id, house.ana.partner_id).email is None


def test_a_key_is_one_partners_for_ever(house: World) -> None:
    portal = serving(host_id())
    served = opened(portal, house.ana.partner_id, "ACME-1")
    actions.close_reach(connection_id=portal.id, owner_id=host_id(), key="ACME-1", actor=ME, now=clock.now())
    assert reason(came(portal, "sub-1", "ACME-1").number)[1] == "account.closed"
    with pytest.raises(actions.KeyOfAnother):
        opened(portal, house.caz.partner_id, "ACME-1")
    assert opened(portal, house.ana.partner_id, "ACME-1").id == served.id
    assert came(portal, "sub-1", "ACME-1").session is not None
    with scopes.one(host_id()), pytest.raises(actions.ClaimStays):
        actions.set_account_claim(connection_id=portal.id, claim="other", actor=ME, now=clock.now())


def test_a_sign_in_of_staff_never_serves_partners(house: World) -> None:
    own = connect(host_id(), key="staff")
    with scopes.one(host_id()), pytest.raises(actions.ClaimStays):
        actions.set_account_claim(connection_id=own.id, claim=CLAIM, actor=ME, now=clock.now())
    with pytest.raises(actions.ServesItsOwn):
        opened(own, house.ana.partner_id, "ACME-1")


def test_many_accounts_at_once(house: World) -> None:
    portal = serving(host_id())
    rows = [
        Line(2, {"key": "A", "partner": "nordwind"}),
        Line(3, {"key": "B", "partner": "never"}),
        Line(4, {"key": "C"}),
    ]
    for results in (["new", "refused", "refused"], ["unchanged", "refused", "refused"]):
        done = actions.open_many(connection_id=portal.id, owner_id=host_id(), rows=rows, actor=ME, now=clock.now())
        assert [one.result.value for one in done] == results


# ---------------------------------------------------------------- a parent's


def parents(house: World) -> ConnectionRow:
    row = connect(house.ana.partner_id, key="okta", admits=True)
    with scopes.one(row.partner_id):
        actions.set_account_claim(connection_id=row.id, claim=CLAIM, actor=ME, now=clock.now())
        return queries.connection(row.id)


def test_a_parents_sign_in_serves_a_partner_below_and_still_its_own(house: World, below: UUID) -> None:
    okta = parents(house)
    opened(okta, below)
    own, theirs = came(okta, "sub-1"), came(okta, "sub-1", "fjord")
    assert own.session.person_id in people_of(house.ana.partner_id)
    assert people_of(below) == {theirs.session.person_id}
    assert came(okta, "sub-1", "nordwind").session.person_id == own.session.person_id
    assert reason(came(okta, "sub-1", "never").number)[1] == "account.unknown_key"


def test_only_partners_below_are_served(house: World, below: UUID) -> None:
    okta = parents(house)
    for other in (house.caz.partner_id, house.ana.partner_id, host_id()):
        with pytest.raises(actions.NotServed):
            opened(okta, other, "K")
    with pytest.raises(actions.KeyOfAnother):
        opened(okta, below, "nordwind")
    assert not ConnectionReach.objects.exists()


def test_who_leaves_the_subtree_is_served_no_more(house: World, below: UUID) -> None:
    okta = parents(house)
    served = opened(okta, below)
    assert came(okta, "sub-1", "fjord").session is not None
    with scopes.one(below):
        assert [row.id for row in queries.providers_of(*_somebody(below))] == [served.id]
        edit_partner(said={"parent": "-"}, actor=ME, now=clock.now())
    assert reason(came(okta, "sub-1", "fjord").number)[1] == "account.outside"
    with scopes.one(below):
        assert queries.providers_of(*_somebody(below)) == []  # and a code by mail opens again


def _somebody(partner_id: UUID) -> tuple[UUID, str | None]:
    (person_id,) = people_of(partner_id)
    return person_id, None


def test_the_served_partner_may_refuse_and_the_parent_cannot_open_it(house: World, below: UUID) -> None:
    okta = parents(house)
    served = opened(okta, below)
    with scopes.one(below):
        actions.set_connection_state(connection_id=served.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    opened(okta, below)
    assert reason(came(okta, "sub-1", "fjord").number)[1] == "account.refused"


def test_a_closed_parent_or_connection_serves_nobody(house: World, below: UUID) -> None:
    okta = parents(house)
    tell(okta)
    opened(okta, below)
    with scopes.one(okta.partner_id):
        actions.set_connection_state(connection_id=okta.id, state=ConnectionState.OFF, actor=ME, now=clock.now())
    assert came(okta, "s", "fjord").session is None
    with scopes.one(okta.partner_id):
        actions.set_connection_state(connection_id=okta.id, state=ConnectionState.ACTIVE, actor=ME, now=clock.now())
        set_state(state="suspended", actor=ME, now=clock.now())
    assert reason(came(okta, "s", "fjord").number)[1] == "account.outside"


def test_a_served_row_is_told_no_provider_joins_nothing_and_serves_nobody(house: World, below: UUID) -> None:
    okta = parents(house)
    served = opened(okta, below)
    with scopes.one(below):
        with pytest.raises(actions.ServedByAnother):
            actions.set_oidc(
                connection_id=served.id,
                issuer="https://id.fjord.example",
                client_id="gangway",
                client_secret="planted",
                actor=ME,
                now=clock.now(),
            )
        for conduct in (actions.Conduct(claims={"email": "mail"}), actions.Conduct(joined="scim")):
            with pytest.raises((actions.ServedByAnother, Invalid)):
                actions.set_conduct(connection_id=served.id, conduct=conduct, actor=ME, now=clock.now())
    assert enter(served, "sub-1").session is None  # it is no way in of its own
    with pytest.raises(actions.ServesItsOwn):
        opened(served, house.caz.partner_id, "K")


def test_the_issuer_stays_once_somebody_is_served(house: World) -> None:
    """Subjects of another issuer would be taken for the people that served partners know."""
    portal = serving(host_id())
    tell(portal)
    opened(portal, house.ana.partner_id, "ACME-1")
    with scopes.one(host_id()), pytest.raises(actions.IssuerPinned):
        actions.set_oidc(
            connection_id=portal.id,
            issuer="https://other.example",
            client_id="gangway",
            client_secret="between us",
            actor=ME,
            now=clock.now(),
        )


def test_the_link_for_it_shows_no_sign_in_of_another_company(house: World) -> None:
    served = opened(serving(host_id()), house.ana.partner_id, "ACME-1")
    with scopes.one(house.ana.partner_id):
        link = actions.make_set_up_link(asked_by=house.ana.id, actor=ME, now=clock.now())
    client = Client()
    assert str(served.id) not in client.get(f"/connect/{link.token}").content.decode()
    assert client.get(f"/connect/{link.token}/{served.id}").status_code == 404


def test_a_mailbox_of_the_partner_is_covered_by_the_sign_in_that_serves_it(house: World, below: UUID) -> None:
    okta = parents(house)
    served = opened(okta, below)
    prove(below, "fjord.example")
    with scopes.one(below):
        admit_person(name="Finn", email="finn@fjord.example", letter=False, actor=ME, now=clock.now())
        conduct = actions.Conduct(domains=["fjord.example"])
        actions.set_conduct(connection_id=served.id, conduct=conduct, actor=ME, now=clock.now())
    assert [door.route for door in queries.doors_of("finn@fjord.example")] == [served.route]
    assert queries.source_of(served).id == okta.id
    actions.close_reach(connection_id=okta.id, owner_id=okta.partner_id, key="fjord", actor=ME, now=clock.now())
    assert queries.doors_of("finn@fjord.example") == []
    with pytest.raises(NotFound):
        queries.source_of(served)


# ---------------------------------------------------------------- pages


@pytest.fixture
def ben(house: World) -> Client:
    return browser_of(admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_it",)))


@pytest.fixture
def staff(house: World) -> Client:
    return browser_of(admit(house.dee.partner_id, "Sam", "sam@acme.example", clock.now(), roles=("platform_admin",)))


def test_the_desk_opens_a_sign_in_for_a_company_below(house: World, below: UUID, ben: Client) -> None:
    row = connect(house.ana.partner_id, key="okta")
    where = f"/desk/connections/{row.id}/serves"
    assert ben.get(where).status_code == 200
    assert ben.post(where, {"do": "claim", "account_claim": ""}).status_code == 422
    assert ben.post(where, {"do": "claim", "account_claim": CLAIM}).status_code == 302
    answers = [ben.post(where, {"do": "open", "partner": slug, "key": "K"}) for slug in ("suedstern", "never-existed")]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert ben.post(where, {"do": "open", "partner": "fjord", "key": "FJ-1"}).status_code == 302
    assert "FJ-1" in ben.get(where).content.decode()
    assert ben.post(where, {"do": "state", "state": "off"}).status_code == 422  # only in the console
    assert ben.post(where, {"do": "close", "key": "never"}).status_code == 404
    assert ben.post(where, {"do": "close", "key": "FJ-1"}).status_code == 302
    assert ConnectionReach.objects.get().closed_at is not None


def test_a_foreign_connection_is_none(house: World, below: UUID, ben: Client) -> None:
    theirs, directory = connect(house.caz.partner_id), connect(house.ana.partner_id, ConnectionKind.SCIM)
    for key in (theirs.id, directory.id, new_id()):
        assert ben.get(f"/desk/connections/{key}/serves").status_code == 404
    assert ben.get("/console/host-connections").status_code in (403, 404)


def test_the_served_company_sees_it_on_its_own_page(house: World, ben: Client) -> None:
    portal = serving(host_id())
    served = opened(portal, house.ana.partner_id, "ACME-1")
    shown = ben.get(f"/desk/connections/{served.id}").content.decode()
    assert "ACME-1" in shown
    assert "client_secret" not in shown
    assert ben.get(f"/desk/connections/{served.id}/serves").status_code == 404
    ben.post(f"/desk/connections/{served.id}/state", {"state": "off"})
    assert reason(came(portal, "sub-1", "ACME-1").number)[1] == "account.refused"
    with scopes.one(house.ana.partner_id):
        assert Connection.objects.get(pk=served.id).owner == host_id()


def test_the_console_makes_a_sign_in_for_partners(house: World, staff: Client) -> None:
    where = "/console/host-connections"
    assert staff.post(where, {"kind": "oidc", "name": "Portal", "account_claim": ""}).status_code == 422
    made = staff.post(where, {"kind": "oidc", "name": "Portal", "account_claim": CLAIM})
    assert made.status_code == 302
    assert "Portal" in staff.get(where).content.decode()
    page = made["Location"].split("?")[0]
    assert staff.post(page, {"do": "open", "partner": "never-existed"}).status_code == 422
    done = staff.post(page, {"do": "many", "accounts": "key,partner\nA-1,nordwind\nA-2,never\n", "admits": "on"})
    assert done.status_code == 200
    assert ConnectionReach.objects.get().key == "A-1"
    assert staff.post(page, {"do": "state", "state": "active"}).status_code == 422  # nobody said who the provider is
    own = connect(host_id(), key="staff")
    assert staff.get(f"{where}/{own.id}").status_code == 404
    assert letters() == []


# ---------------------------------------------------------------- commands


def test_the_console_sees_that_people_of_partners_come_in_by_it(house: World, staff: Client) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "ACME-1")
    pages = ("/console/host-connections", f"/console/host-connections/{portal.id}")
    assert all("not used yet" in staff.get(page).content.decode() for page in pages)
    assert came(portal, "sub-1", "ACME-1").session is not None
    assert not any("not used yet" in staff.get(page).content.decode() for page in pages)


def test_an_operator_makes_it_and_brings_its_accounts(house: World, tmp_path: Path, capsys: Any) -> None:
    for wrong in ({"host": True}, {"host": True, "partner": "nordwind", "claim": CLAIM}, {}):
        with pytest.raises(SystemExit):
            commands.add(kind=ConnectionKind.OIDC, **wrong)
    commands.add(kind=ConnectionKind.OIDC, host=True, claim=CLAIM, key="portal")
    rows = tmp_path / "accounts.csv"
    rows.write_text("key,partner\nA-1,nordwind\nA-2,never\n", encoding="utf-8")
    capsys.readouterr()
    with pytest.raises(typer.Exit):
        serving_commands.serve(file=rows, as_json=True, **portal_of())
    assert [row["result"] for row in json.loads(capsys.readouterr().out)] == ["new", "refused"]
    serving_commands.serve(to="suedstern", account="A-3", **portal_of())
    serving_commands.stop_serving(account="A-1", **portal_of())
    capsys.readouterr()
    serving_commands.accounts(as_json=True, **portal_of())
    told = json.loads(capsys.readouterr().out)
    assert [(row["key"], row["partner"], row["closed_at"] is None) for row in told] == [
        ("A-1", "nordwind", False),
        ("A-3", "suedstern", True),
    ]
    with pytest.raises(SystemExit):
        serving_commands.serve(**portal_of())
    assert "No partner is named" in capsys.readouterr().err


def portal_of() -> dict[str, str]:
    with scopes.host():
        return {"partner": partner_by_id(host_id()).slug, "key": "portal"}


def test_a_partners_sign_in_serves_one_below_by_command(house: World, below: UUID, capsys: Any) -> None:
    connect(house.ana.partner_id, key="okta")
    serving_commands.serve(partner="nordwind", claim=CLAIM, to="fjord")
    assert "line 1  fjord  new" in capsys.readouterr().out
    assert ConnectionReach.objects.get().partner_id == below


def test_the_export_says_whom_it_serves_once(house: World) -> None:
    portal = serving(host_id())
    opened(portal, house.ana.partner_id, "A-1")
    told = queries.connection_settings()
    entry = told[host_id()]["portal"]
    assert (entry["account_claim"], entry["accounts"]) == (CLAIM, {"A-1": "nordwind"})
    assert house.ana.partner_id not in told
