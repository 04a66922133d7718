"""Accessibility of real pages in a real browser: axe-core over a list of addresses, nothing forgiven.

    with chromium() as browser:
        assert_none(violations(browser, live_server.url, ["/", "/learn"], cookies={"gangway": cookie}))

A run is void, not green, when a page was not what was asked for: an error, a redirect (to sign-in, say), or a page with
nothing on it. Whatever the content policy blocked, and every script error, counts as a violation too.
"""

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Error, Page, expect, sync_playwright

from gangway.ui.build import FRONTEND, ensure

CHROMIUM = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CONTRAST = ("color-contrast",)
PRELOAD = {"assets": ["media"]}  # style sheets are only read by rules that are not asked for by default
LEAST_WORDS = 20
PATIENCE = 30_000  # ms until a page shows what is expected of it; Playwright itself acts and arrives within as many


class Void(AssertionError):
    """A page was not what was asked for, so the run says nothing."""


@dataclass(frozen=True, order=True)
class Violation:
    """One rule broken on one page, with the first elements that break it."""

    path: str
    rule: str
    words: str
    where: tuple[str, ...] = ()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a network of its own, over a front end that is up to date."""
    ensure()
    expect.set_options(timeout=PATIENCE)  # five seconds are too few on a busy machine
    # Playwright's sync API keeps an event loop in this thread, which Django takes for async code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


def violations(
    browser: Browser,
    base: str,
    paths: Iterable[str],
    *,
    cookies: Mapping[str, str] | None = None,
    theme: str = "light",
    locale: str = "en",
    rules: Sequence[str] = (),
    width: int = 1280,
    dark_too: bool = False,
) -> list[Violation]:
    """Everything axe finds on ``paths``; only ``rules`` where given. Raises Void on a page that is not itself.

    ``dark_too`` turns each page dark where it stands and looks at its contrast once more, which costs no second visit.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=theme, locale=locale, reduced_motion="reduce"
    )
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in (cookies or {}).items()])
    found: list[Violation] = []
    try:
        page = context.new_page()  # one tab for all: a new one starts a process, which costs more than the page
        for path in paths:
            found += visit(page, base, path, rules, dark_too)
    finally:
        context.close()
    return sorted(found)


def assert_none(found: Sequence[Violation]) -> None:
    """No violations; otherwise each of them with its page and its first elements."""
    lines = [f"{item.path}: {item.rule}: {item.words}\n    " + "\n    ".join(item.where) for item in found]
    assert not found, "\n".join([f"{len(found)} violations", *lines])


def visit(page: Page, base: str, path: str, rules: Sequence[str] = (), dark_too: bool = False) -> list[Violation]:
    """One page in an open tab."""
    with _listening(page) as said:
        found = _visit(page, base, path, rules, dark_too)
    return found + [Violation(path, "page-error", words) for words in said]


@contextmanager
def _listening(page: Page) -> Iterator[list[str]]:
    """The errors that its console and its scripts say meanwhile."""
    said: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            said.append(message.text)

    def script(error: Error) -> None:
        said.append(str(error))

    page.on("console", console)
    page.on("pageerror", script)
    try:
        yield said
    finally:
        page.remove_listener("console", console)
        page.remove_listener("pageerror", script)


def _visit(page: Page, base: str, path: str, rules: Sequence[str], dark_too: bool) -> list[Violation]:
    answer = page.goto(base + path, wait_until="load")
    if answer is None or answer.status != 200:
        raise Void(f"{path} answered {answer.status if answer else 'nothing'}")
    arrived, asked = urlsplit(page.url), urlsplit(base + path)
    if arrived.path != asked.path:
        raise Void(f"{path} led to {arrived.path}")
    found = inspect(page, path, rules)
    if dark_too:
        page.emulate_media(color_scheme="dark")
        found += inspect(page, f"{path}, dark", CONTRAST)
        page.emulate_media(color_scheme="light")  # for the next page in this tab
    return found


def inspect(page: Page, path: str, rules: Sequence[str] = ()) -> list[Violation]:
    """The page that is open now, as somebody in the middle of something sees it."""
    if page.locator("h1").count() == 0 or len(page.locator("main").inner_text().split()) < LEAST_WORDS // 4:
        raise Void(f"{path} shows nothing")
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_axe())
    options: dict[str, object] = {"resultTypes": ["violations"], "selectors": False, "preload": PRELOAD}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    result = page.evaluate("options => axe.run(document, options)", options)
    return [
        Violation(path, rule["id"], rule["help"], tuple(node["html"][:160] for node in rule["nodes"][:5]))
        for rule in result["violations"]
    ]


@cache
def _axe() -> str:
    return (FRONTEND / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
