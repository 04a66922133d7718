"""A person on a phone, from the launch letter to the first lesson: though a scanner was there first, though the mail
app opens each link in a browser of its own that keeps nothing, and though the letter lay for a season."""

import re
import time
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gangway.config.bench.house import ESSENTIALS
from gangway.identity import actions
from gangway.identity.jobs import write_asked
from gangway.identity.models import Invitation
from gangway.identity.rules import INVITATION_LIFE
from gangway.identity.tests.conftest import sign_in_letter
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import messages
from gangway.people.actions import admit_person
from tests import proof
from tests.journeys import scanner
from tests.journeys.installation import Installation, until
from tests.journeys.learner import begin, leave, phone, press, readable
from tests.journeys.mailbox import Mailboxes, code_in, link_in
from tests.world import OPERATOR, World

pytestmark = pytest.mark.browser
ANA = "ana.lindqvist@nordwind.example"
LINK = re.compile(r"https?://\S+/invitation/\S+")


@dataclass
class Trip:
    """What it cost a person to come from the letter to the lesson."""

    taps: int = 0
    mails: int = 1
    seconds: float = 0.0

    def tap(self) -> None:
        self.taps += 1


def followed(context: BrowserContext, trip: Trip) -> Page:
    """A tab in which each touch of a finger counts, whatever page it is on."""
    context.expose_function("touched", trip.tap)
    context.add_init_script("addEventListener('click', event => event.isTrusted && touched(), true)")
    return context.new_page()


def come(page: Page, trip: Trip, link: str, mail: Mailboxes) -> None:
    """The letter's link, the link and code of the letter a scanner's press sent, welcome, on to the first lesson."""
    begun, sent = time.monotonic(), mail.to(ANA)[-1]
    trip.tap()  # on the link in the letter
    page.goto(link)
    press(page, "Send me my code")
    expect(page.get_by_role("heading", name="Your code was sent already")).to_be_visible()
    trip.mails += 1
    trip.tap()  # on the link in that letter
    page.goto(link_in(sent, "/sign-in/link/"))
    trip.tap()  # on what the phone offers above the keys: the code of the letter
    page.get_by_label("Six-digit code").fill(code_in(sent))
    page.wait_for_url("**/welcome**")
    press(page, "Start")
    begin(page)
    trip.seconds = round(time.monotonic() - begun, 1)


def launched(house: Installation, folder: Path, mail: Mailboxes) -> str:
    """A partner with one person, a course, and the link of the launch letter."""
    (folder / "partners.csv").write_text("slug,name,type\nnordwind,Nordwind,reseller\n")
    (folder / "people.csv").write_text(f"name,email,partner\nAna Lindqvist,{ANA},nordwind\n")
    house.run("partner", "apply", folder / "partners.csv")
    house.run("course", "import", ESSENTIALS)
    house.run("person", "import", folder / "people.csv")
    until(60, lambda: mail.to(ANA), "the launch letter")
    return link_in(mail.to(ANA)[0], "/invitation/")


def trip_after_a_scanner(browser: Browser, folder: Path) -> tuple[Trip, int]:
    """The trip, and the letters that the scanner's presses brought before it."""
    trip = Trip()
    with Mailboxes() as mail, Installation(folder, EMAIL_URL=mail.url) as house:
        link = launched(house, folder, mail)
        scanned = scanner.browse(browser, house.address, link.removeprefix(house.address))
        assert scanned["pressed"], "void: the scanner did nothing"
        until(60, lambda: len(mail.to(ANA)) > 1, "the letter that the scanner's press asks for")
        more = len(mail.to(ANA)) - 1
        assert more == 1, "however often the scanner pressed"
        context = phone(browser)
        come(followed(context, trip), trip, link, mail)
        context.close()
    return trip, more


def test_from_letter_to_lesson_after_a_scanner(browser: Browser, tmp_path: Path) -> None:
    trip, _ = trip_after_a_scanner(browser, tmp_path)
    print(f"\nFrom letter to lesson: {trip}")
    assert trip.taps <= 8
    assert trip.mails <= 2


@pytest.mark.prove
def test_from_letter_to_lesson_in_a_minute(browser: Browser, tmp_path: Path) -> None:
    trip, more = trip_after_a_scanner(browser, tmp_path)
    proof.write("3 from letter to lesson", **asdict(trip), letters_by_scanner=more)
    assert trip.seconds <= 60


# ---------------------------------------------------------------- what a phone's mail app does, and an old letter


def mail_app(browser: Browser) -> Page:
    """The window that a mail app opens for one link: nobody was in it before, nothing of it stays."""
    return phone(browser).new_page()


def invited(world: World, months_ago: int) -> str:
    """Somebody's launch letter of then; its link."""
    then = clock.now() - timedelta(days=30 * months_ago)
    with scopes.one(world.nordwind):
        person_id = admit_person(name="Nell Ash", email="nell@nordwind.example", letter=False, actor=OPERATOR, now=then)
        actions.invite(person_id=person_id, actor=OPERATOR, now=then)
        text = next(iter(messages(address="nell@nordwind.example", words=True))).text
    found = LINK.search(text)
    assert found, text
    return found.group().rstrip(".,)")


@pytest.mark.django_db(transaction=True)
def test_each_link_in_a_window_of_its_own(browser: Browser, live_server: Any, world: World, settings: Any) -> None:
    """The window that asked is gone when the second letter comes. Its link asks for the code that stands beside it."""
    settings.BASE_URL, settings.EMAIL_URL = live_server.url, ""
    link = invited(world, 0)
    first = mail_app(browser)
    first.goto(link)
    press(first, "Send me my code")
    expect(first.get_by_label("Six-digit code")).to_be_visible()
    leave(first.context)
    write_asked(clock.now())
    letter = sign_in_letter()
    second = mail_app(browser)
    second.goto(live_server.url + letter.path)
    readable(second)
    second.get_by_label("Six-digit code").fill(letter.code)
    second.wait_for_url("**/welcome**")
    leave(second.context)


@pytest.mark.django_db(transaction=True)
def test_a_letter_of_last_season_renews_itself(browser: Browser, live_server: Any, world: World, settings: Any) -> None:
    settings.BASE_URL, settings.EMAIL_URL = live_server.url, ""
    link = invited(world, 4)
    assert Invitation.objects.get(person__name="Nell Ash").expires_at < clock.now()
    page = mail_app(browser)
    page.goto(link)
    readable(page)
    press(page, "Send me my code")
    expect(page.get_by_label("Six-digit code")).to_be_visible()
    write_asked(clock.now())
    page.get_by_label("Six-digit code").fill(sign_in_letter().code)
    page.wait_for_url("**/welcome**")
    leave(page.context)
    renewed = Invitation.objects.get(person__name="Nell Ash").expires_at
    assert renewed > clock.now() + INVITATION_LIFE - timedelta(hours=1)
