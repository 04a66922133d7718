"""What the few lines of script add to pages that work without them, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    yield context.new_page()
    context.close()


def test_dialog_opens_closes_and_gives_the_focus_back(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide")
    opener = page.get_by_role("button", name="Open the dialog")
    opener.click()
    dialog = page.get_by_role("dialog", name="Send 412 letters?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("button", name="Not now").click()
    expect(dialog).to_be_hidden()


def test_copy_takes_the_text_and_says_so(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide")
    page.locator("[data-copy=address]").click()
    expect(page.locator("[data-copy=address]")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == "https://learn.acme.example/verify/7Q2M-4K9D"


def test_code_keeps_digits_of_any_script(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide/plain")
    field = page.get_by_label("Code")
    expect(field).to_be_focused()
    field.press_sequentially("12 ٣-x4567")
    expect(field).to_have_value("123456")


def test_theme_is_kept_by_a_cookie_and_drawn_by_the_server(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide/portal")
    page.get_by_text("Account of Ana").locator("..").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    answer = page.reload()
    assert answer is not None
    assert 'data-theme="dark"' in answer.text()
    page.get_by_text("Account of Ana").locator("..").click()
    page.get_by_role("button", name="As the system").click()
    answer = page.reload()
    assert answer is not None
    assert "data-theme=" not in answer.text().split("<head>")[0]


def test_keys_of_the_console(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide/console")
    page.locator("h1").click()
    page.keyboard.press("/")
    expect(page.locator("[data-search]").first).to_be_focused()
    page.keyboard.type("?jjx")
    expect(page.locator("[data-search]").first).to_have_value("?jjx")
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("x")
    expect(page.locator("tr[data-here]")).to_contain_text("Ana Lindqvist")
    expect(page.locator("tr[data-selected]")).to_have_count(1)
    expect(page.locator("[data-bulk]").first).to_contain_text("Selected: 1")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{live_server.url}/styleguide/console#courses")


def test_the_script_library_adds_no_style_and_keeps_no_history(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide/portal")
    page.wait_for_load_state("networkidle")
    assert page.locator("style").count() == 0
    kept = page.evaluate("[...Object.keys(localStorage), ...Object.keys(sessionStorage)]")
    assert set(kept) <= {"htmx-current-path-for-history"}  # an address, no page


def test_an_answer_waits_out_a_lost_line(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/styleguide/portal")
    page.wait_for_load_state("networkidle")
    page.route("**/styleguide/portal?*", lambda route: route.abort())
    page.get_by_label("Send it by mail instead").check()
    page.get_by_role("button", name="Next question").click()
    expect(page.get_by_text("Your answer is kept here")).to_be_visible()
    expect(page.get_by_label("Send it by mail instead")).to_be_checked()
    page.unroute("**/styleguide/portal?*")
    expect(page).to_have_url(f"{live_server.url}/styleguide/portal?q1=c")
