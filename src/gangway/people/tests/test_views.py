import re
from collections.abc import Callable
from uuid import UUID

import pytest
from django.http import HttpResponse
from django.test import Client
from tests.world import Someone, World

from gangway.kernel.ids import new_id
from gangway.kernel.models import OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.people.actions import admit_person
from gangway.people.queries import person
from gangway.people.tests.conftest import ME, NOW

ClientOf = Callable[[Someone], Client]
pytestmark = pytest.mark.django_db


def admit(partner: UUID, name: str, email: str) -> UUID:
    with scopes.one(partner):
        return admit_person(name=name, email=email, letter=False, actor=ME, now=NOW)


def without_token(answer: HttpResponse) -> bytes:
    """The page without the token against forged requests, which is another on each page."""
    return re.sub(rb'(?<=name="csrfmiddlewaretoken" value=")\w+', b"", answer.content)


def state_of(who: Someone) -> str:
    with scopes.one(who.partner_id):
        return person(who.id).state


def test_the_team_shows_who_came_in_and_nobody_of_another_partner(world: World, client_of: ClientOf) -> None:
    admit(world.nordwind, "Eva Ernst", "eva@nordwind.example")
    page = client_of(world.ben).get("/desk/team").content.decode()
    assert "2 of 3 people came in" in page or "2 von 3" in page
    assert "Eva Ernst" in page
    assert "Conti" not in page


def test_a_learner_does_not_see_the_team(world: World, client_of: ClientOf) -> None:
    assert client_of(world.ana).get("/desk/team").status_code == 403


def test_strangers_are_asked_to_sign_in(world: World, client: Client) -> None:
    for path in ("/desk/team", "/console/people", "/console/partners"):
        assert client.get(path).status_code == 302


def test_inviting_admits_with_a_letter_and_says_so(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    answer = browser.post("/desk/team/invite", {"name": "Eva Ernst", "email": "eva@nordwind.example"})
    assert answer.status_code == 302
    event = OutboxEvent.objects.filter(name="people.person.admitted.v1").order_by("number").last()
    assert event is not None
    assert event.partner_id == world.nordwind
    assert event.payload["letter"] is True
    assert "Eva Ernst" in browser.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("email", ["eva", "ANA@nordwind.example"])
def test_a_refused_invitation_keeps_what_was_typed(world: World, client_of: ClientOf, email: str) -> None:
    answer = client_of(world.ben).post("/desk/team/invite", {"name": "Eva <b>Ernst", "email": email})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="email-error"' in page, "said beside the field, in Ben's language"
    assert "Eva &lt;b&gt;Ernst" in page
    assert email in page


def test_suspending_shows_first_and_acts_when_sure(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    first = browser.post("/desk/team/suspend", {"ids": [str(world.ana.id)]})
    assert first.status_code == 200
    assert "Ana Albers" in first.content.decode()
    assert state_of(world.ana) == "active"

    answer = browser.post("/desk/team/suspend", {"ids": [str(world.ana.id)], "sure": "yes"})
    assert answer.status_code == 302
    assert state_of(world.ana) == "suspended"


def test_whoever_was_suspended_is_let_in_again(world: World, client_of: ClientOf) -> None:
    client_of(world.ben).post("/desk/team/suspend", {"ids": [str(world.ana.id)], "sure": "yes"})
    assert client_of(world.dee).post("/console/people/resume", {"ids": [str(world.ana.id)]}).status_code == 302
    assert state_of(world.ana) == "active"
    client_of(world.dee).post("/console/people/suspend", {"ids": [str(world.ana.id)], "sure": "yes"})
    assert client_of(world.caz).post("/desk/team/resume", {"ids": [str(world.ana.id)]}).status_code == 404
    assert state_of(world.ana) == "suspended"


@pytest.mark.parametrize("sure", ["", "yes"])
def test_a_foreign_person_cannot_be_suspended_and_looks_like_nobody(
    world: World, client_of: ClientOf, sure: str
) -> None:
    browser = client_of(world.ben)
    foreign = browser.post("/desk/team/suspend", {"ids": [str(world.caz.id)], "sure": sure})
    nobody = browser.post("/desk/team/suspend", {"ids": [str(new_id())], "sure": sure})
    assert (foreign.status_code, nobody.status_code) == (404, 404)
    assert without_token(foreign) == without_token(nobody)
    assert state_of(world.caz) == "active"


@pytest.mark.parametrize("ids", [[], ["x"], ["1; DROP TABLE"], ["\x00"]])
def test_a_bad_choice_is_refused(world: World, client_of: ClientOf, ids: list[str]) -> None:
    assert client_of(world.ben).post("/desk/team/suspend", {"ids": ids}).status_code == 400


def test_the_console_sees_everybody_and_finds_by_folded_name(world: World, client_of: ClientOf) -> None:
    admit(world.suedstern, "Jörg Müller", "jm@suedstern.example")
    browser = client_of(world.dee)
    assert "Ana Albers" in browser.get("/console/people").content.decode()
    found = browser.get("/console/people", {"q": "JORG"}).content.decode()
    assert "Jörg Müller" in found
    assert "Ana Albers" not in found
    assert browser.get("/console/people", {"state": "nonsense"}).status_code == 400


def test_the_console_is_not_for_partners(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.ben)
    for path in ("/console/people", "/console/partners", f"/console/partners/{world.nordwind}"):
        assert browser.get(path).status_code == 403


def test_the_export_is_safe_in_spreadsheets(world: World, client_of: ClientOf) -> None:
    admit(world.nordwind, '=HYPERLINK("http://evil.example")', "x@nordwind.example")
    answer = client_of(world.dee).get("/console/people", {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "'=HYPERLINK" in text
    assert "\n=HYPERLINK" not in text.replace('"', "")
    assert "caz@suedstern.example" in text


def test_a_desks_export_holds_its_own_team_only(world: World, client_of: ClientOf) -> None:
    answer = client_of(world.ben).get("/desk/team", {"export": "csv"})
    text = b"".join(answer.streaming_content).decode()
    assert "ana@nordwind.example" in text
    assert "suedstern" not in text


def test_the_people_of_one_partner_and_their_export(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.dee)
    page = browser.get(f"/console/partners/{world.nordwind}/people").content.decode()
    assert "Ana Albers" in page
    assert "Conti" not in page
    export = browser.get(f"/console/partners/{world.nordwind}/people", {"export": "csv"})
    assert "Conti" not in b"".join(export.streaming_content).decode()


def test_the_partners_page_says_what_the_partner_needs(world: World, client_of: ClientOf) -> None:
    browser = client_of(world.dee)
    listed = browser.get("/console/partners").content.decode()
    assert "Nordwind" in listed
    assert "Südstern" in listed
    page = browser.get(f"/console/partners/{world.suedstern}").content.decode()
    assert "Only the admin is here" in page
    assert "Caz Conti" in page
    assert "Albers" not in page
    assert browser.get(f"/console/partners/{new_id()}").status_code == 404


def test_a_suspended_partner_is_told_apart_and_opened_again(world: World, client_of: ClientOf) -> None:
    browser, path = client_of(world.dee), f"/console/partners/{world.nordwind}"
    ben = client_of(world.ben)
    assert ben.get("/desk/team").status_code == 200
    first = browser.post(f"{path}/state", {"state": "suspended"})
    assert first.status_code == 200
    assert "2 people are signed out at once" in first.content.decode()
    assert "This partner is suspended." not in browser.get(path).content.decode()
    assert browser.post(f"{path}/state", {"state": "suspended", "sure": "yes"}).status_code == 302
    assert ben.get("/desk/team").status_code == 302, "everybody of the partner is signed out at once"
    assert "This partner is suspended." in browser.get(path).content.decode()
    assert browser.post(f"{path}/state", {"state": "active"}).status_code == 302
    assert "This partner is suspended." not in browser.get(path).content.decode()
    assert browser.post(f"{path}/state", {"state": "gone", "sure": "yes"}).status_code == 400
    assert browser.post(f"/console/partners/{world.host}/state", {"state": "closed", "sure": "yes"}).status_code == 400


@pytest.mark.parametrize("path", ["/console/people", "/console/partners"])
def test_a_list_costs_the_same_for_few_rows_and_for_thirty(world: World, client_of: ClientOf, path: str) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    browser = client_of(world.dee)
    browser.get(path)
    with CaptureQueriesContext(connection) as few:
        browser.get(path)
    for n in range(30):
        admit(world.nordwind, f"P {n}", f"p{n}@nordwind.example")
    with CaptureQueriesContext(connection) as many:
        browser.get(path)
    assert len(many) == len(few)
