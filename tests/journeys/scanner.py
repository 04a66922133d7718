"""A mail scanner: a real browser without the asking cookie that opens every link, runs scripts, presses every button
and sends every form it finds, and a plain client that heads and gets. It reads no code out of the letter to type it."""

import contextlib
import urllib.error
import urllib.request
from collections import Counter
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Error, Page

DEPTH = 3  # pages behind a press that it presses on
PATIENCE = 2_000  # ms for a press: many a button is hidden, and stays so
ARRIVAL = 60_000  # ms for a page: how long it takes says more about the machine


def plain_client(base: str, path: str) -> int:
    """HEAD and GET, redirects followed, twice: how many requests."""
    for method in ("HEAD", "GET", "HEAD", "GET"):
        request = urllib.request.Request(base + path, method=method, headers={"User-Agent": "LinkGuard/2.1"})
        with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
    return 4


def browse(browser: Browser, base: str, path: str) -> Counter[str]:
    """One link in a fresh browser; what was done, by kind. Never leaves this installation."""
    done: Counter[str] = Counter()
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(PATIENCE)
    context.set_default_navigation_timeout(ARRIVAL)
    context.route("**/*", lambda route: route.continue_() if route.request.url.startswith(base) else route.abort())
    page = context.new_page()
    _explore(page, base + path, done, DEPTH)
    context.close()
    return done


def _explore(page: Page, url: str, done: Counter[str], depth: int) -> None:
    page.goto(url)
    done["opened"] += 1
    for number in range(_count(page)):
        page.goto(url)
        with contextlib.suppress(Error):
            page.locator("details").evaluate_all("all => all.forEach(one => one.open = true)")
            page.locator("button, input[type=submit]").nth(number).click(no_wait_after=False)
            page.wait_for_load_state()
        done["pressed"] += 1
        _send_forms(page, done)
        if depth > 1 and urlsplit(page.url).path not in (urlsplit(url).path, "/sign-in"):
            with contextlib.suppress(Error):
                _explore(page, page.url, done, depth - 1)


def _count(page: Page) -> int:
    return min(page.locator("button, input[type=submit]").count(), 8)


def _send_forms(page: Page, done: Counter[str]) -> None:
    """Each form of the page as a script sends it, past the browser's own checks, in a page of its own."""
    url = page.url
    for number in range(min(page.locator("form").count(), 4)):
        with contextlib.suppress(Error):
            page.goto(url)
            page.locator("form").nth(number).evaluate("form => HTMLFormElement.prototype.submit.call(form)")
            page.wait_for_load_state()
        done["sent"] += 1
