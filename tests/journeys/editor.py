"""What a content owner does in a browser, one function per thing they would name; and what their worker does."""

from pathlib import Path
from zipfile import ZipFile

from django.conf import settings as house
from playwright.sync_api import Browser, Page, expect

from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock, worker
from gangway.kernel.tenancy import scopes
from tests.journeys.learner import press, readable
from tests.world import Someone

DESK, PHONE = 1440, 390  # px wide


def as_(browser: Browser, address: str, person: Someone, *, at: str, width: int = DESK) -> Page:
    """A browser of somebody who is signed in, opened at a page."""
    with scopes.one(person.partner_id):
        session = begin_session(person_id=person.id, method=Method.CODE, device="", actor=person.actor, now=clock.now())
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": house.SESSION_COOKIE, "value": session.cookie, "url": address}])
    page = context.new_page()
    page.goto(address + at)
    return page


def zipped(course: Path) -> Path:
    """The folder of a course as its author packs it."""
    packed = course.with_suffix(".zip")
    with ZipFile(packed, "w") as archive:
        for file in sorted(course.rglob("*")):
            archive.write(file, f"course/{file.relative_to(course)}")
    return packed


def work() -> None:
    """What the worker does until nothing is left."""
    while worker.turn("editor", clock.now()):
        pass


def bring(page: Page, archive: Path) -> None:
    """From the list of courses to a working copy that holds what the zip holds."""
    press(page, "New course")
    readable(page)
    page.get_by_label("Files to begin with").set_input_files(archive)
    press(page, "Begin the course")
    expect(page.get_by_text("A new course. Nobody sees it until you publish it.")).to_be_visible()
    readable(page)


def publish(page: Page, button: str) -> None:
    """Through the publish check to the course's page."""
    press(page, "Check and publish")
    readable(page)
    press(page, button)
    expect(page.get_by_text(f"{button.removeprefix('Publish ').capitalize()} is learned.")).to_be_visible()
