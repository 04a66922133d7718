"""The console's Mail as staff and others meet it. (It stands here because messaging does not know who signs in.)"""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.identity import actions
from gangway.identity.tests.conftest import CSRF, ME, Browser, World, letters
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.messaging.actions import queue_message
from gangway.partners.queries import host_partner
from gangway.people.actions import admit_person, grant_role

pytestmark = pytest.mark.django_db


def signed_in(email: str, partner: str) -> Client:
    made = actions.operator_link(address=email, partner_slug=partner, actor=ME, now=clock.now())
    client = Client()
    client.post(made.path)
    return client


def launch(world: World, number: int = 1) -> None:
    for n in range(number):
        with scopes.one(world.ana.partner_id):
            queue_message(
                person_id=world.ana.id,
                letter_key="identity.launch",
                dedupe_key=f"launch:{n}",
                secret="s3cret",
                actor=ME,
                now=clock.now(),
            )


def host_slug() -> str:
    host = host_partner()
    assert host is not None
    return host.slug


def test_staff_see_the_letters_but_not_what_lets_people_in(house: World) -> None:
    launch(house)
    dee = signed_in("dee@acme.example", host_slug())
    page = dee.get("/console/mail")
    assert page.status_code == 200
    assert "ana@nordwind.example" in page.content.decode()
    assert "1 waiting" in page.content.decode()
    (letter,) = letters("identity.launch")
    one = dee.get(f"/console/mail/{letter.id}").content.decode()
    assert "The words are closed" in one
    assert "s3cret" not in one


def test_an_empty_list_shows_the_first_step(house: World) -> None:
    page = signed_in("dee@acme.example", host_slug()).get("/console/mail").content.decode()
    assert "No letter yet" in page


def test_people_at_partners_do_not_see_the_console(house: World) -> None:
    launch(house)
    with scopes.one(house.ana.partner_id):
        grant_role(person_id=house.ana.id, role="partner_admin", actor=ME, now=clock.now())
    ana = signed_in("ana@nordwind.example", "nordwind")
    (letter,) = letters("identity.launch")
    for path in ("/console/mail", f"/console/mail/{letter.id}"):
        assert ana.get(path).status_code == 403
        assert Browser().get(path).status_code == 302


def test_a_channel_manager_sees_the_letters_of_their_portfolio_only(house: World) -> None:
    launch(house)
    with scopes.one(house.dee.partner_id):
        admit_person(
            name="Mia", email="mia@acme.example", roles=("channel_manager",), letter=False, actor=ME, now=clock.now()
        )
    mia = signed_in("mia@acme.example", host_slug())
    (letter,) = letters("identity.launch")
    assert "ana@nordwind.example" not in mia.get("/console/mail").content.decode()
    foreign, never = mia.get(f"/console/mail/{letter.id}"), mia.get(f"/console/mail/{house.ana.id}")
    assert foreign.status_code == never.status_code == 404
    assert CSRF.sub("", foreign.content.decode()) == CSRF.sub("", never.content.decode())


def test_the_list_costs_the_same_for_one_and_thirty_rows(house: World) -> None:
    dee = signed_in("dee@acme.example", host_slug())
    counts = []
    for number in (1, 30):
        launch(house, number)
        with CaptureQueriesContext(connection) as seen:
            assert dee.get("/console/mail").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
