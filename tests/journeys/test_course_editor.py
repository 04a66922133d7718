"""C12 in a browser: from a zip of Markdown to a course, and on to version 2 while somebody is in the middle."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gangway.catalog.tests.samples import write_course
from gangway.kernel import clock, installation
from tests.journeys.editor import PHONE, as_, bring, publish, work, zipped
from tests.journeys.learner import leave, press, readable
from tests.world import World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST, SECOND = "Say hello first.", "Say hello twice."


def test_from_a_zip_to_version_two_while_somebody_learns_version_one(
    world: World, browser: Browser, live_server: Any, tmp_path: Path, settings: Any
) -> None:
    settings.BASE_URL = live_server.url
    installation.ensure("production", clock.now())
    owner = as_(browser, live_server.url, reads_english(world.dee), at="/console/courses")
    bring(owner, zipped(write_course(tmp_path / "course")))
    publish(owner, "Publish version 1")
    work()

    ana = as_(browser, live_server.url, reads_english(world.ana), at="/courses", width=PHONE)
    read(ana, live_server.url, FIRST)

    rewrite(owner)
    publish(owner, "Publish version 2")
    work()

    read(ana, live_server.url, FIRST)
    ben = as_(browser, live_server.url, reads_english(world.ben), at="/courses", width=PHONE)
    read(ben, live_server.url, SECOND)
    leave(owner.context, ana.context, ben.context)


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
