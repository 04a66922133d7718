"""Every component in every state is accessible: light and dark, left to right and right to left, wide and narrow."""

from typing import Any

import pytest
from playwright.sync_api import Browser

from gangway.ui import samples
from tests.journeys.axe import CONTRAST, Void, assert_none, violations, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATHS = [f"/styleguide/{kind}" for kind in samples.KINDS]


@pytest.mark.parametrize("width", [1280, 360])
def test_light(browser: Browser, live_server: Any, width: int) -> None:
    assert_none(violations(browser, live_server.url, PATHS, width=width))


def test_right_to_left(browser: Browser, live_server: Any) -> None:
    assert_none(violations(browser, live_server.url, [f"{path}?dir=rtl" for path in PATHS], width=360))


def test_dark(browser: Browser, live_server: Any) -> None:
    assert_none(violations(browser, live_server.url, PATHS, theme="dark", rules=CONTRAST))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accents_that_would_not_read(browser: Browser, live_server: Any, theme: str) -> None:
    paths = [f"/styleguide/{kind}?accent={accent}" for kind in ("portal", "desk") for accent in ("ffd400", "111111")]
    assert_none(violations(browser, live_server.url, paths, theme=theme, rules=CONTRAST))


def test_an_error_page_makes_the_run_void(browser: Browser, live_server: Any) -> None:
    with pytest.raises(Void, match="answered 404"):
        violations(browser, live_server.url, ["/styleguide/tower"])


def test_axe_would_find_a_planted_fault(browser: Browser, live_server: Any) -> None:
    """The negative control: an image without words, and grey on grey, also where it is grey only in the dark."""
    page = browser.new_page()
    page.route("**/faulty", lambda route: route.fulfill(content_type="text/html", body=FAULTY))
    found = {(item.path, item.rule): len(item.where) for item in visit(page, live_server.url, "/faulty", dark_too=True)}
    page.close()
    assert {rule for path, rule in found if path == "/faulty"} >= {"image-alt", "color-contrast", "page-error"}
    assert found["/faulty", "color-contrast"] == 1
    assert found["/faulty, dark", "color-contrast"] == 2


FAULTY = """<!doctype html><html lang="en"><title>Faulty</title>
<style>@media (prefers-color-scheme: dark) { h1 { color: #555; background: #333 } }</style>
<main><h1>A page with faults</h1>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw="><p style="color:#bbb;background:#ccc">Nobody can read this.</p>
<script>throw new Error("planted")</script></main></html>"""
