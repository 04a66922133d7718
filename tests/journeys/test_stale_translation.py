"""C11 and C12 in a browser: an original changes, its translation is stale and said to be so, and is mended."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from gangway.catalog.tests.samples import write_course
from gangway.catalog.tests.test_wordings import GERMAN
from gangway.kernel import clock, installation
from tests.journeys.editor import PHONE, as_, bring, publish, work, zipped
from tests.journeys.learner import leave, press, readable
from tests.world import World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HELLO = "locales/de/1-hello.md"
ONCE, TWICE = "Sag zuerst Hallo.", "Sag zweimal Hallo."
FRESH = "Everything is up to date in each of them."
STALE = "1 translation is stale."


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """The small course, and all of it in German, too."""
    german = write_course(tmp_path / "course") / "locales" / "de"
    german.mkdir(parents=True)
    (german / "1-hello.md").write_text(f"# Hallo\n\n{ONCE}\n", encoding="utf-8")
    (german / "2-goodbye.md").write_text("# Tschüss\n\nSag am Ende Tschüss.\n", encoding="utf-8")
    (german / "card.md").write_text("# Karte\n\nHallo, tschüss.\n", encoding="utf-8")
    (german / "course.yaml").write_text("resources: {the-site: Die Seite}\n", encoding="utf-8")
    (german / "check.yaml").write_text(GERMAN, encoding="utf-8")
    return zipped(tmp_path / "course")


def test_a_translation_goes_stale_and_is_mended(
    world: World, browser: Browser, live_server: Any, archive: Path, settings: Any
) -> None:
    """Caz begins while it is stale, Ana when it is mended; both read German."""
    settings.BASE_URL = live_server.url
    installation.ensure("production", clock.now())
    owner = as_(browser, live_server.url, reads_english(world.dee), at="/console/courses")
    bring(owner, archive)
    publish(owner, "Publish version 1")
    expect(owner.get_by_text(FRESH)).to_be_visible()

    press(owner, "Edit this course")
    rewrite(owner, "Hello", "# Hello\n\nSay hello twice.\n")
    publish(owner, "Publish version 2")
    see_what_is_stale(owner)
    work()
    caz = as_(browser, live_server.url, world.caz, at="/courses", width=PHONE)
    read_in_german(caz, live_server.url, ONCE)

    press(owner, "Edit this course")
    press(owner, "Check and publish")
    expect(owner.get_by_role("heading", name="Stale translations")).to_be_visible()
    rewrite(owner, HELLO, f"# Hallo\n\n{TWICE}\n")
    publish(owner, "Publish version 3")
    expect(owner.get_by_text(FRESH)).to_be_visible()
    expect(owner.get_by_text("stale:")).to_have_count(0)
    work()
    ana = as_(browser, live_server.url, world.ana, at="/courses", width=PHONE)
    read_in_german(ana, live_server.url, TWICE)
    read_in_german(caz, live_server.url, ONCE)  # nothing changes under whoever has begun
    leave(owner.context, ana.context, caz.context)


def rewrite(page: Page, file: str, text: str) -> None:
    """Into one of the files that the page leads to, and back to the lessons."""
    page.get_by_role("link", name=file, exact=True).click()
    readable(page)
    page.get_by_label("Text in Markdown").fill(text)
    press(page, "Save")
    expect(page.get_by_text("Changed on")).to_be_visible()
    press(page, "Back to the lessons")


def see_what_is_stale(page: Page) -> None:
    """In words, by language and by lesson."""
    expect(page.get_by_text(STALE)).to_be_visible()
    page.get_by_text("What waits in German").click()
    waits = page.get_by_role("listitem").filter(has_text="stale: the original has changed since")
    expect(waits).to_have_count(1)
    expect(waits).to_contain_text("Hello")
    expect(page.get_by_text("a stale lesson is still shown")).to_be_visible()
    readable(page)


def read_in_german(page: Page, address: str, words: str) -> None:
    """The first lesson: German from its title to its end, and no word about another language."""
    page.goto(f"{address}/courses/first-steps/lessons/hello")
    expect(page.get_by_role("heading", level=1, name="Hallo")).to_be_visible()
    expect(page.locator(".prose[lang=de]").get_by_text(words)).to_be_visible()
    expect(page.locator(".prose").get_by_text("Say hello")).to_have_count(0)
    readable(page)
