"""C12 in a browser: from a zip of Markdown to a course, and on to version 2 while somebody is in the middle."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.conf import settings as house
from playwright.sync_api import Browser, Page, expect

from gangway.catalog.tests.samples import write_course
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock, installation, worker
from gangway.kernel.tenancy import scopes
from gangway.people.actions import set_profile
from tests.journeys.axe import chromium
from tests.journeys.installation import until
from tests.journeys.learner import press, readable
from tests.world import OPERATOR, Someone, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, SECOND = "Say hello first.", "Say hello twice."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def test_from_a_zip_to_version_two_while_somebody_learns_version_one(
    world: World, browser: Browser, live_server: Any, tmp_path: Path, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    installation.ensure("production", clock.now())
    owner = as_(browser, live_server.url, world.dee)
    bring(owner, zipped(tmp_path))
    publish(owner, "Publish version 1")
    work()

    ana = as_(browser, live_server.url, world.ana, width=390)
    read(ana, live_server.url, FIRST)

    rewrite(owner)
    publish(owner, "Publish version 2")
    work()

    read(ana, live_server.url, FIRST)
    ben = as_(browser, live_server.url, world.ben, width=390)
    read(ben, live_server.url, SECOND)
    for page in (owner, ana, ben):
        page.context.close()
    until(10, lambda: not any("process_request" in thread.name for thread in threading.enumerate()), "quiet server")


def zipped(folder: Path) -> Path:
    course = write_course(folder / "course")
    with ZipFile(folder / "first-steps.zip", "w") as archive:
        for file in course.iterdir():
            archive.write(file, f"course/{file.name}")
    return folder / "first-steps.zip"


def work() -> None:
    """What the worker does until nothing is left."""
    while worker.turn("editor", clock.now()):
        pass


def as_(browser: Browser, address: str, person: Someone, width: int = 1440) -> Page:
    """A browser of somebody who reads English."""
    now = clock.now()
    with scopes.one(person.partner_id):
        set_profile(person_id=person.id, locale="en", actor=OPERATOR, now=now)
        session = begin_session(person_id=person.id, method=Method.CODE, device="", actor=person.actor, now=now)
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    context.add_cookies([{"name": house.SESSION_COOKIE, "value": session.cookie, "url": address}])
    page = context.new_page()
    page.goto(f"{address}/console/courses" if width == 1440 else f"{address}/courses")
    return page


def bring(page: Page, archive: Path) -> None:
    press(page, "New course")
    readable(page)
    page.get_by_label("Files to begin with").set_input_files(archive)
    press(page, "Begin the course")
    expect(page.get_by_text("A new course. Nobody sees it until you publish it.")).to_be_visible()
    readable(page)


def publish(page: Page, button: str) -> None:
    press(page, "Check and publish")
    readable(page)
    press(page, button)
    expect(page.get_by_text(f"{button.removeprefix('Publish ').capitalize()} is learned.")).to_be_visible()


def rewrite(page: Page) -> None:
    """Change the first lesson, and see at once what learners will see."""
    press(page, "Edit this course")
    page.get_by_role("link", name="Hello", exact=True).click()
    readable(page)
    area = page.get_by_label("Text in Markdown")
    area.fill("# Hello\n\nSay hello twice.\n\nAnd wave.")
    expect(page.locator("#preview").get_by_text("And wave.")).to_be_visible()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    area.select_text()
    page.get_by_role("button", name="Bold").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    area.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Control+b")
    page.keyboard.type("friendly")
    expect(page.locator("#preview strong")).to_have_text("friendly")
    page.get_by_label("As on a phone").check()
    assert page.locator("#preview").bounding_box()["width"] <= 360  # type: ignore[index]
    area.press("Control+s")
    expect(page.get_by_text("Changed on")).to_be_visible()
    press(page, "Back to the lessons")
    expect(page.get_by_text("1 file differs from version 1.")).to_be_visible()


def read(page: Page, address: str, words: str) -> None:
    """The first lesson, as this person has it."""
    page.goto(f"{address}/courses/first-steps/lessons/hello")
    expect(page.locator(".prose").get_by_text(words)).to_be_visible()
