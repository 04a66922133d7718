"""D4: a partner's IT connects its company; the console looks on; nobody else sees or changes anything."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.test import Client

from gangway.identity import actions, queries
from gangway.identity.actions.sessions import begin_session
from gangway.identity.queries import read_token
from gangway.identity.queries.scim import holds
from gangway.identity.rules import Method, Step
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback, TokenRight
from gangway.identity.tests.conftest import ME, Someone, World, admit
from gangway.identity.tests.connections import connect, enter, prove, tell
from gangway.identity.tests.directory import connect as directory_of
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db


def browser_of(someone: Someone) -> Client:
    with scopes.one(someone.partner_id):
        session = begin_session(person_id=someone.id, method=Method.CODE, device="", actor=ME, now=clock.now())
    client = Client()
    client.cookies["gangway"] = session.cookie
    return client


@pytest.fixture
def ben(house: World) -> Someone:
    return admit(house.ana.partner_id, "Ben", "ben@nordwind.example", clock.now(), roles=("partner_it",))


@pytest.fixture
def desk(ben: Someone) -> Client:
    return browser_of(ben)


def only(partner_id: UUID) -> queries.ConnectionRow:
    with scopes.one(partner_id):
        (row,) = queries.connections()
    return row


def test_a_directory_is_connected_and_its_token_shown_once(house: World, desk: Client) -> None:
    assert "Nothing is connected" in desk.get("/desk/connections").content.decode()
    made = desk.post("/desk/connections/new", {"kind": "scim", "name": "Entra ID"})
    row = only(house.ana.partner_id)
    assert made["Location"] == f"/desk/connections/{row.id}?done=made"
    assert (row.key, row.name, row.state) == ("scim", "Entra ID", ConnectionState.ACTIVE)
    page = desk.post(f"/desk/connections/{row.id}/tokens").content.decode()
    token = next(word for word in page.replace("<", " ").replace(">", " ").split() if word.startswith("gw_scim_"))
    bearer = read_token(token, TokenRight.SCIM, clock.now())
    assert bearer is not None
    assert (bearer.connection_id, bearer.partner_id) == (row.id, house.ana.partner_id)
    page = desk.get(f"/desk/connections/{row.id}").content.decode()
    assert token not in page
    assert f"…{token[-4:]}" in page
    desk.post(f"/desk/connections/{row.id}/tokens/{bearer.token_id}/revoke")
    assert read_token(token, TokenRight.SCIM, clock.now()) is None


def test_a_third_token_is_refused(house: World, desk: Client) -> None:
    row = connect(house.ana.partner_id, ConnectionKind.SCIM)
    answers = [desk.post(f"/desk/connections/{row.id}/tokens").status_code for _ in range(3)]
    assert answers == [200, 200, 409]


def test_what_was_typed_of_the_provider_is_kept_where_it_is_refused(house: World, desk: Client) -> None:
    row = connect(house.ana.partner_id)
    typed = {
        "do": "tell",
        "issuer": "http://id.nordwind.example",
        "client_id": "app-7",
        "client_secret": "s3cret-typed",
    }
    answer = desk.post(f"/desk/connections/{row.id}/provider", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="app-7"' in page
    assert 'value="http://id.nordwind.example"' in page
    assert "s3cret-typed" not in page


def test_how_it_behaves_is_set_on_its_page(house: World, desk: Client) -> None:
    prove(house.ana.partner_id)
    scim = connect(house.ana.partner_id, ConnectionKind.SCIM)
    row = connect(house.ana.partner_id)
    said = {
        "name": "Our sign-in",
        "domains": ["nordwind.example"],
        "admits": "on",
        "fallback": "never",
        "joined": "scim",
        "join_claim": "oid",
        "join_attribute": "externalId",
    }
    assert desk.post(f"/desk/connections/{row.id}", said).status_code == 302
    with scopes.one(house.ana.partner_id):
        now = queries.connection(row.id)
    assert (now.name, now.domains, now.admits, now.fallback) == (
        "Our sign-in",
        ("nordwind.example",),
        True,
        Fallback.NEVER,
    )
    assert (now.joined_id, now.join_claim) == (scim.id, "oid")
    page = desk.get(f"/desk/connections/{row.id}").content.decode()
    assert 'value="scim" selected' in page
    desk.post(f"/desk/connections/{row.id}", {**said, "joined": ""})
    with scopes.one(house.ana.partner_id):
        assert queries.connection(row.id).joined_id is None


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"domains": ["suedstern.example"]}, "has not proven suedstern.example"),
        ({"fallback": "sometimes"}, "none of those offered"),
        ({"joined": "never-existed"}, "no directory"),
        ({"name": ""}, "is empty"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_changes(
    house: World, desk: Client, said: dict[str, object], words: str
) -> None:
    row = connect(house.ana.partner_id)
    usual = {"name": "Other", "fallback": "never", "joined": "", "join_attribute": "externalId"}
    answer = desk.post(f"/desk/connections/{row.id}", {**usual, **said})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert only(house.ana.partner_id) == row


@pytest.mark.parametrize("count", ["many", "0"])
def test_a_head_count_that_is_none(house: World, desk: Client, count: str) -> None:
    row = connect(house.ana.partner_id, ConnectionKind.SCIM)
    assert desk.post(f"/desk/connections/{row.id}", {"name": "Entra", "head_count": count}).status_code == 422
    desk.post(f"/desk/connections/{row.id}", {"name": "Entra", "head_count": "40"})
    assert only(house.ana.partner_id).head_count == 40


def test_it_shows_who_came_and_what_came_to_nothing(house: World, desk: Client) -> None:
    prove(house.ana.partner_id)
    row = connect(house.ana.partner_id)
    enter(row, "sub-1", claims={"email": "ana@nordwind.example"})
    actions.note_provider_failure(
        connection_id=row.id,
        partner_id=row.partner_id,
        step=Step.PROVIDER_FOREIGN,
        reason="oidc.audience",
        detail="expected gangway, got other",
        actor=ME,
        now=clock.now(),
    )
    page = desk.get(f"/desk/connections/{row.id}").content.decode()
    assert "Ana López" in page
    assert "1 person came in by it" in page
    assert "1 sign-in came to nothing" in page
    assert "oidc.audience" in page
    assert "expected gangway, got other" in page
    with scopes.one(house.ana.partner_id):
        (link,) = queries.links(row.id)
    assert desk.post(f"/desk/connections/{row.id}/people/{link.id}/unlink").status_code == 302
    assert "Nobody yet" in desk.get(f"/desk/connections/{row.id}").content.decode()


def test_it_is_turned_off_and_on(house: World, desk: Client) -> None:
    row = connect(house.ana.partner_id)
    desk.post(f"/desk/connections/{row.id}/state", {"state": "off"})
    answer = desk.post(f"/desk/connections/{row.id}/state", {"state": "active"})
    assert "Nobody has said yet" in answer.content.decode()
    assert only(house.ana.partner_id).state == "off"
    tell(row)
    desk.post(f"/desk/connections/{row.id}/state", {"state": "active"})
    assert only(house.ana.partner_id).state == "active"


def test_another_partner_s_connection_is_none(house: World, desk: Client) -> None:
    row = connect(house.caz.partner_id, ConnectionKind.SCIM)
    with scopes.one(house.caz.partner_id):
        issued = actions.issue_token(connection_id=row.id, actor=ME, now=clock.now())
    own = connect(house.ana.partner_id, ConnectionKind.SCIM)
    assert desk.get(f"/desk/connections/{row.id}").status_code == 404
    assert desk.post(f"/desk/connections/{row.id}", {"name": "Ours now"}).status_code == 404
    assert desk.post(f"/desk/connections/{row.id}/tokens").status_code == 404
    assert desk.post(f"/desk/connections/{own.id}/tokens/{issued.token_id}/revoke").status_code == 404
    assert read_token(issued.token, TokenRight.SCIM, clock.now()) is not None
    assert row.name not in desk.get("/desk/connections").content.decode().replace(own.name, "", 1)


def test_a_learner_sees_none_of_it(house: World) -> None:
    row = connect(house.ana.partner_id)
    learner = browser_of(house.ana)
    assert learner.get("/desk/connections").status_code == 403
    assert learner.post(f"/desk/connections/{row.id}/tokens").status_code == 403


def test_the_console_looks_on(house: World) -> None:
    row = connect(house.ana.partner_id)
    dee = browser_of(house.dee)
    page = dee.get(f"/console/partners/{row.partner_id}/connections").content.decode()
    assert "How people of Nordwind come in" in page
    page = dee.get(f"/console/partners/{row.partner_id}/connections/{row.id}").content.decode()
    assert "What their IT needs" in page
    assert "<form" not in page.split("</header>")[-1].split("<main")[-1].split("</main>")[0]
    assert dee.get(f"/console/partners/{house.caz.partner_id}/connections/{row.id}").status_code == 404


def test_what_the_directory_sent_and_what_waits_for_a_human(house: World, desk: Client) -> None:
    entra = directory_of(house.ana.partner_id, "entra")
    brought = [entra.bring(f"p{n}@nordwind.example")["id"] for n in range(9)]
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        answers = [entra.ask("DELETE", f"/Users/{one}").status_code for one in brought]
        assert answers.count(429) == 4
        desk = browser_of(admit(house.ana.partner_id, "Bo", "bo@nordwind.example", clock.now(), roles=("partner_it",)))
        page = desk.get(f"/desk/connections/{entra.connection.id}").content.decode()
        assert "It stopped, and waits for you" in page
        assert "POST /Users" in page
        with scopes.one(house.ana.partner_id):
            (hold,) = holds(entra.connection.id, open_only=True)
        where = f"/desk/connections/{entra.connection.id}/holds/{hold.id}"
        assert browser_of(house.ana).post(where, {"state": "passed"}).status_code == 403
        assert desk.post(where, {"state": "passed"}).status_code == 302
        assert entra.ask("DELETE", f"/Users/{brought[-1]}").status_code == 204
