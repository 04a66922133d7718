"""P8 and P9 in a browser: certified for a year, reminded thrice, and renewed from the last letter when that is over."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import small_course
from gangway.credentials.actions import define_credential
from gangway.kernel import clock, installation
from gangway.kernel.tenancy import scopes
from tests.journeys.editor import work
from tests.journeys.learner import (
    begin,
    leave,
    phone,
    press,
    read_every_lesson,
    readable,
    right_answers,
    take_the_check,
)
from tests.journeys.mailbox import Mailboxes, code_in, link_in, text_of
from tests.world import OPERATOR, World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSED = datetime(2027, 3, 2, 9, tzinfo=UTC)
ENDS = datetime(2028, 3, 2, 12, tzinfo=UTC)
"""By noon of that day it is over. Both are at an hour at which letters go."""
DAY = timedelta(days=1)


@pytest.fixture
def mail(settings: Any) -> Iterator[Mailboxes]:
    with Mailboxes() as mail:
        settings.EMAIL_URL = mail.url
        yield mail


def on(instant: datetime) -> Any:
    """The clock of everything in this process, of the server's threads, too; it goes on from there."""
    return time_machine.travel(instant, tick=True)


def test_a_certificate_runs_out_and_is_renewed_from_its_letter(
    world: World, browser: Browser, live_server: Any, mail: Mailboxes, tmp_path: Path, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    ana, right = reads_english(world.ana).email, tmp_path / "course" / "check.yaml"
    page, stranger = phone(browser).new_page(), phone(browser).new_page()
    with on(PASSED):
        offer_for_a_year(world, tmp_path / "course")
        page.goto(f"{live_server.url}/courses/first-steps")
        sign_in(page, mail, ana)
        press(page, "Start")  # whoever comes in for the first time is welcomed
        old = learn(page, right)
        verified(stranger, f"{live_server.url}/verify/{old}", "This certificate is genuine and valid", "2 Mar 2028")
    for days in (60, 30, 7):
        with on(ENDS - days * DAY):
            work()
    letters = reminders(mail, ana)
    assert len(letters) == 3
    assert all("is valid until 2 Mar 2028" in text_of(letter) for letter in letters)

    with on(ENDS + DAY):
        work()
        assert len(reminders(mail, ana)) == 3, "nobody is told that it ends when it has ended"
        verified(stranger, f"{live_server.url}/verify/{old}", "genuine, but has expired", "has not been renewed")
        page = page.context.new_page()  # as a mail program opens a link; the session of then is over
        page.goto(link_in(letters[-1], "/certificates"))
        sign_in(page, mail, ana)
        expect(page.get_by_role("heading", name="It has run out")).to_be_visible()
        readable(page)
        press(page, "Renew")
        new = learn(page, right)
        assert new != old
        both_stand(page, old, new)
        verified(stranger, f"{live_server.url}/verify/{old}", "genuine, but has expired", "has renewed it since")
        verified(stranger, f"{live_server.url}/verify/{new}", "This certificate is genuine and valid", "3 Mar 2029")
        leave(page.context, stranger.context)


def offer_for_a_year(world: World, folder: Path) -> None:
    """The vendor's part: a course for everyone, whose certificate lasts twelve months."""
    now = clock.now()
    installation.ensure("production", now)
    with scopes.one(world.host):
        course = import_course(draft=small_course(folder), actor=OPERATOR, now=now)
        define_credential(
            key="first-steps",
            course_id=course.course_id,
            title="First steps",
            valid_months=12,
            actor=OPERATOR,
            now=now,
        )
    work()


def sign_in(page: Page, mail: Mailboxes, address: str) -> None:
    """From the page that asks who one is, by the code of the letter, to where one wanted to go."""
    page.get_by_label("Your work mail address").fill(address)
    press(page, "Send me my code")
    expect(page.get_by_label("Six-digit code")).to_be_visible()
    work()
    page.get_by_label("Six-digit code").fill(code_in(mail.to(address)[-1]))
    page.wait_for_url(lambda url: "/sign-in" not in url)


def learn(page: Page, check: Path) -> str:
    """From the course's page through its lessons and its check to the certificate; its number."""
    expect(page.get_by_role("heading", level=1, name="First steps")).to_be_visible()
    begin(page)
    assert read_every_lesson(page, "First steps") == 2
    take_the_check(page, right_answers(check))
    expect(page.get_by_role("heading", name="You passed First steps")).to_be_visible()
    work()
    press(page, "All my certificates")
    valid = page.locator(".certificate[data-status=valid]")
    expect(valid).to_have_count(1)
    readable(page)
    return valid.locator("p[dir=ltr]").inner_text()


def reminders(mail: Mailboxes, address: str) -> list[EmailMessage]:
    return [letter for letter in mail.to(address) if "“First steps” ends on 2 Mar 2028" in str(letter["subject"])]


def verified(page: Page, address: str, heading: str, words: str) -> None:
    """What somebody without an account reads about a number."""
    page.goto(address)
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
    expect(page.get_by_text(words)).to_be_visible()
    readable(page)


def both_stand(page: Page, old: str, new: str) -> None:
    """On the page of certificates and on the transcript: what ran out, and what came after it."""
    expect(page.locator(f"#award-{old}")).to_contain_text("You have renewed it")
    press(page, "Transcript")
    expect(page.get_by_text("2 courses passed. 1 certificate is valid.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="renewal 1")).to_have_count(1)
    expect(page.get_by_role("row").filter(has_text=old)).to_contain_text("expired")
    expect(page.get_by_role("row").filter(has_text=new)).to_contain_text("valid")
    readable(page)
