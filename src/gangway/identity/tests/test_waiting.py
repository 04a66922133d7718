"""The waiting room: who may let in is told that somebody waits, and whoever is not let in is told that."""

import pytest

from gangway.identity import queries
from gangway.identity.models import JoinRequest
from gangway.identity.tests.conftest import Browser, World, letters
from gangway.identity.tests.test_joining import COMPANY, admin, come_in, let_in_by_domain, prove
from gangway.kernel.tenancy import scopes
from gangway.messaging.models import Message

__all__ = ["admin"]
pytestmark = pytest.mark.django_db


def wait(email: str) -> None:
    prove(browser := Browser(), email)
    assert "A letter tells you" in browser.press(COMPANY, wait="yes").content.decode()


def test_the_partners_admins_are_written_to_once_a_day(house: World, admin: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, policy=False)
    assert "Who waits" not in admin.get("/desk").content.decode()
    wait("nora@nordwind.example")
    wait("nils@nordwind.example")
    (letter,) = letters("identity.waiting")
    assert "asks to join Nordwind" in letter.text
    assert "/desk/joining" in letter.text
    assert "nora" not in letter.text.casefold(), "names are read on the page"
    assert "2 people have proven their mailboxes and ask to join you." in admin.get("/desk").content.decode()
    assert queries.how_many_wait(house.caz.partner_id) == queries.how_many_wait(None) == 0


def test_of_whom_nobody_knows_the_channel_team_is_told(house: World) -> None:
    dee = come_in(house.dee, Browser())
    wait("nora@home.example")
    (letter,) = letters("identity.waiting")
    assert "Nobody knows which company" in letter.text
    assert "/console/joining" in letter.text
    assert "1 person waits to be let in" in dee.get("/console/partners").content.decode()


def test_whoever_is_declined_is_told_without_a_partners_name(house: World, admin: Browser) -> None:
    let_in_by_domain(house.ana.partner_id, policy=False)
    wait("nora@nordwind.example")
    row = JoinRequest.objects.get()
    admin.press_at("/desk/joining", f"/desk/joining/{row.id}/decline")
    (letter,) = letters("identity.declined")
    assert "You were not let in." in letter.text
    assert "Nordwind" not in letter.text
    with scopes.host():
        (message,) = Message.objects.filter(letter_key="identity.declined")
    assert message.mailbox, "it goes to the mailbox that was proven"
