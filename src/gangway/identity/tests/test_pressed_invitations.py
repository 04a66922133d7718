"""An invitation is pressed by whoever holds its link: the person, mail scanners, strangers. Nobody keeps the person
out, and nobody floods their mailbox."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse

from gangway.identity.actions import renew_invitation
from gangway.identity.models import Challenge, Invitation
from gangway.identity.rules import INVITED_PER_DAY, INVITED_PER_WINDOW
from gangway.identity.tests.conftest import ME, Browser, World, csrf, invitation_path, letters, sign_in_letter
from gangway.identity.tests.test_invitations import admitted
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
ANA = "ana@nordwind.example"


@pytest.fixture
def path(house: World) -> str:
    admitted(house)
    return invitation_path()


def scanners_press(path: str, times: int) -> list[HttpResponse]:
    """Each a browser of its own, as a scanner starts them."""
    return [Browser().press(path) for _ in range(times)]


def lock(browser: Browser) -> None:
    """Type wrong codes until the letter is closed."""
    for _ in range(5):
        browser.press("/sign-in/code", code=sign_in_letter().wrong)


def pressed_at_every_chance(path: str, start: datetime, presses: int) -> list[datetime]:
    """A stranger's browser that presses again and again, two minutes apart; when letters went."""
    stranger, sent = Browser(), []
    for number in range(presses):
        now = start + timedelta(minutes=2 * number)
        with time_machine.travel(now, tick=False):
            before = Challenge.objects.count()
            stranger.press(path)
            if Challenge.objects.count() > before:
                sent.append(now)
    return sent


def test_six_scanners_press_and_the_person_still_gets_a_letter_of_their_own(path: str, browser: Browser) -> None:
    scanners_press(path, 6)
    before = len(letters())
    assert browser.ask(ANA)["Location"] == "/sign-in/code"
    assert len(letters()) == before + 1
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in


def test_fifty_presses_at_once_send_one_letter(path: str) -> None:
    answers = scanners_press(path, 50)
    assert len(letters()) == 1
    assert [answer.status_code for answer in answers] == [302] + [200] * 49
    assert Invitation.objects.get().followed_at is not None


def test_who_presses_behind_a_scanner_comes_in_by_the_letter_that_was_sent(path: str, browser: Browser) -> None:
    scanners_press(path, 1)
    page = browser.press(path).content.decode()
    assert "a…@nordwind.example" in page
    assert ANA not in page
    assert "Open the link in that letter" in page
    letter = sign_in_letter()
    browser.press(letter.path, code=letter.code)
    assert browser.signed_in


def test_a_scanner_behind_the_person_takes_nothing_from_them(path: str, browser: Browser) -> None:
    browser.press(path)
    scanners_press(path, 6)
    assert len(letters()) == 1
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in


def test_when_the_letter_has_run_out_or_was_closed_the_next_press_sends_another(path: str, browser: Browser) -> None:
    now = clock.now()
    with time_machine.travel(now, tick=False):
        scanner = Browser()
        scanner.press(path)
        lock(scanner)
        assert browser.press(path).status_code == 302
    with time_machine.travel(now + timedelta(minutes=10), tick=False):
        late = Browser()
        assert late.press(path).status_code == 302
        assert len(letters()) == 3
        late.press("/sign-in/code", code=sign_in_letter().code)
        assert late.signed_in


def test_a_stranger_with_the_link_floods_nobody_and_keeps_nobody_out(path: str, browser: Browser) -> None:
    start = clock.now()
    sent = pressed_at_every_chance(path, start, presses=50)
    assert sent
    for at in sent:
        assert sum(at <= other < at + timedelta(minutes=15) for other in sent) <= INVITED_PER_WINDOW
    assert len(sent) == INVITED_PER_DAY
    with time_machine.travel(start + timedelta(hours=4), tick=False):
        answer = browser.press(path)
        assert answer.status_code == 429
        assert 'href="/sign-in"' in answer.content.decode()
        assert browser.ask(ANA).status_code == 302
        browser.press("/sign-in/code", code=sign_in_letter().code)
        assert browser.signed_in


def test_what_the_person_asks_for_at_the_door_does_not_count_for_the_invitation(path: str, browser: Browser) -> None:
    for _ in range(6):
        Browser().ask(ANA)
    assert Browser().ask(ANA).status_code == 429
    assert browser.press(path).status_code == 302
    browser.press("/sign-in/code", code=sign_in_letter().code)
    assert browser.signed_in


def test_a_renewed_invitation_has_its_letters_before_it(house: World, path: str, browser: Browser) -> None:
    start = clock.now()
    pressed_at_every_chance(path, start, presses=40)
    with time_machine.travel(start + timedelta(hours=3), tick=False):
        assert Browser().press(path).status_code == 429
        with scopes.one(house.ana.partner_id):
            renew_invitation(person_id=house.ana.id, actor=ME, now=clock.now())
        assert browser.press(invitation_path()).status_code == 302


def test_the_page_of_a_letter_that_was_sent_has_no_button_to_press(path: str) -> None:
    scanners_press(path, 1)
    assert not csrf(Browser().press(path))
