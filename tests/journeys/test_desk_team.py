"""D2 in a browser: a partner admin sees who never got the letter and why, mends the address, sends it once more, and
the person comes in. The mail server on this machine is real, and knows no mailbox of the old name."""

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as house
from playwright.sync_api import Browser, Page, expect

from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock, installation, worker
from gangway.kernel.tenancy import scopes
from gangway.people.actions import admit_person, set_profile
from tests.journeys.installation import until
from tests.journeys.learner import phone, press, readable, type_code
from tests.journeys.mailbox import Mailboxes, code_in, link_in
from tests.world import OPERATOR, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WRONG, RIGHT = "piotr@nordwind.example", "piotr.kowalski@nordwind.example"


@pytest.fixture
def mail(settings: Any) -> Iterator[Mailboxes]:
    with Mailboxes(unknown=(WRONG,)) as mail:
        settings.EMAIL_URL = mail.url
        yield mail


def test_a_wrong_address_is_seen_mended_and_its_person_comes_in(
    world: World, browser: Browser, live_server: Any, mail: Mailboxes, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    installation.ensure("production", clock.now())
    with scopes.one(world.nordwind):
        admit_person(name="Piotr Kowalski", email=WRONG, locale="en", actor=OPERATOR, now=clock.now())
    work()
    assert mail.refused == [WRONG]

    desk = at_the_desk(browser, live_server.url, world)
    see_who_is_stuck(desk)
    mend(desk)
    work()
    assert [len(mail.to(address)) for address in (WRONG, RIGHT)] == [0, 1]

    with phone(browser) as context:
        come_in(context.new_page(), mail)
    desk.goto(f"{live_server.url}/desk/team")
    expect(desk.get_by_text("3 of 3 people came in.", exact=True)).to_be_visible()
    desk.context.close()
    until(60, lambda: not any("process_request" in thread.name for thread in threading.enumerate()), "quiet server")


def work() -> None:
    """What the worker does until nothing is left."""
    while worker.turn("desk", clock.now()):
        pass


def at_the_desk(browser: Browser, address: str, world: World) -> Page:
    """Ben at his desk, who reads English here."""
    now = clock.now()
    with scopes.one(world.nordwind):
        set_profile(person_id=world.ben.id, locale="en", actor=OPERATOR, now=now)
        session = begin_session(person_id=world.ben.id, method=Method.CODE, device="", actor=world.ben.actor, now=now)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": house.SESSION_COOKIE, "value": session.cookie, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/desk/team")
    return page


def see_who_is_stuck(page: Page) -> None:
    """Sentence, picture, list; who is stuck stands first, with the reason in plain words."""
    expect(page.get_by_text("2 of 3 people came in; 1 never got the letter.")).to_be_visible()
    readable(page)
    press(page, "See who is stuck")
    row = page.locator("tr[data-row]")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("There is no such mailbox.")
    row.get_by_role("link", name="Mend the address").click()


def mend(page: Page) -> None:
    """To the same address it is too soon; to the right one the invitation goes at once."""
    expect(page.get_by_text("User unknown")).to_be_visible()
    press(page, "Save and send the invitation")
    expect(page.get_by_text(re.compile("was written to lately")).first).to_be_visible()
    readable(page)
    page.get_by_label("Work e-mail").fill(RIGHT)
    press(page, "Save and send the invitation")
    expect(page.get_by_text("the invitation goes out now")).to_be_visible()
    readable(page)


def come_in(page: Page, mail: Mailboxes) -> None:
    """Piotr, on his phone, from the letter that reached him."""
    page.goto(link_in(mail.to(RIGHT)[0], "/invitation/"))
    press(page, "Send me my code")
    expect(page.get_by_label("Six-digit code")).to_be_visible()
    work()
    type_code(page, code_in(mail.to(RIGHT)[-1]))
    press(page, "Start")
    expect(page.get_by_role("heading").first).to_be_visible()
