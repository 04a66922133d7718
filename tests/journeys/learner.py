"""What a learner does in a browser, one function per thing they would name. Words are those on the pages."""

import re
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.axe import assert_none, inspect
from tests.journeys.installation import until
from tests.journeys.mailbox import Mailboxes, code_in

PHONE = {"width": 390, "height": 844}


def phone(browser: Browser) -> BrowserContext:
    """A phone: its size, touch, and a browser nobody signed in with."""
    return browser.new_context(
        viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, locale="en-GB", reduced_motion="reduce"
    )


def leave(*contexts: BrowserContext) -> None:
    """Close the tabs, and wait until the live server's threads have let go of the database, which is replaced next.

    Quiet for a second: what a page fetched last may reach the server after its tab is gone.
    """
    for context in contexts:
        context.close()
    quiet = 0

    def at_rest() -> bool:
        nonlocal quiet
        quiet = 0 if any("process_request" in thread.name for thread in threading.enumerate()) else quiet + 1
        return quiet > 10

    until(60, at_rest, "the server comes to rest")


def press(page: Page, words: str | re.Pattern[str]) -> None:
    """Press the button, or follow the link that looks like one."""
    page.get_by_role("button", name=words).or_(page.get_by_role("link", name=words)).first.click()


def readable(page: Page) -> None:
    """The page one is on breaks no rule of axe: pages that only somebody in the middle of something sees."""
    page.wait_for_load_state()
    assert_none(inspect(page, urlsplit(page.url).path))


def get_in_from_letter(page: Page, link: str, mail: Mailboxes, address: str) -> None:
    """From the launch letter to the start page: ask for the code, type it, say who one is."""
    before = len(mail.to(address))
    page.goto(link)
    readable(page)
    press(page, "Send me my code")
    until(60, lambda: len(mail.to(address)) > before, "the letter with the code")
    expect(page.get_by_label("Six-digit code")).to_be_visible()
    readable(page)
    type_code(page, code_in(mail.to(address)[-1]))
    expect(page.get_by_role("heading", name=re.compile("^Welcome"))).to_be_visible()
    readable(page)
    press(page, "Start")


def type_code(page: Page, code: str) -> None:
    """Type the code of the letter: the sixth digit sends the form."""
    page.wait_for_load_state()  # with its script
    page.get_by_label("Six-digit code").fill(code)
    page.wait_for_url("**/welcome**")


def begin(page: Page) -> None:
    """From the start page into the first lesson, by whatever it offers next."""
    for _ in range(3):
        if page.get_by_text(re.compile("^Lesson 1 of ")).count():
            return
        press(page, re.compile("^(Start|Resume|Continue|Go on)"))
        page.wait_for_load_state()
    expect(page.get_by_text(re.compile("^Lesson 1 of "))).to_be_visible()


def read_every_lesson(page: Page, course: str, most: int = 60) -> int:
    """Open the course from where one is, press Next to the end; how many lessons were read."""
    read = 0
    while read < most:
        following = page.get_by_role("button", name=re.compile("^(Next lesson|To the check)"))
        ends = "check" in following.inner_text()
        following.click()
        read += 1
        if ends:
            expect(page.get_by_role("button", name=re.compile("Start the check"))).to_be_visible()
            return read
        expect(page.get_by_text(re.compile(rf"Lesson {read + 1} of "))).to_be_visible()
    raise AssertionError(f"{course} did not end within {most} lessons")


def right_answers(check: Path) -> dict[str, list[str]]:
    """Prompt → what to choose or to type, from the course's own check file."""
    questions = yaml.safe_load(check.read_text(encoding="utf-8"))["questions"]
    return {squeeze(question["prompt"]): _right(question) for question in questions}


def _right(question: dict[str, Any]) -> list[str]:
    match question.get("kind"):
        case "true_false":
            return ["True" if question["answer"] else "False"]
        case "short_text":
            return [question["accepted"][0]]
        case _:
            return [squeeze(choice["text"]) for choice in question["choices"] if choice.get("correct")]


def take_the_check(page: Page, right: dict[str, list[str]]) -> int:
    """Answer every question rightly and hand in; how many there were."""
    press(page, "Start the check")
    for number in range(1, len(right) + 1):
        expect(page.get_by_text(f"Question {number} of {len(right)}").first).to_be_visible()
        if number == 1:
            readable(page)
        typed = page.locator("input#answer")
        prompt = page.locator("label[for=answer]" if typed.count() else "legend").inner_text()
        for text in right[squeeze(prompt)]:
            if typed.count():
                typed.fill(text)
            else:
                page.locator("label.choice").filter(has=page.get_by_text(text, exact=True)).click()
        press(page, re.compile("^(Next question|To your answers)"))
    readable(page)
    press(page, f"Hand in {len(right)} answers")
    return len(right)


def squeeze(text: str) -> str:
    return " ".join(text.split())
