"""What the channel team does in a browser, one function per thing they would name."""

import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import Browser, BrowserContext, Page, expect

from gangway.config.bench.house import Visitor
from tests.journeys.installation import Installation, until
from tests.journeys.learner import press, readable
from tests.journeys.mailbox import Mailboxes, code_in

DESKTOP = {"width": 1440, "height": 900}


def desktop(browser: Browser) -> BrowserContext:
    """A desk's browser in which nobody signed in."""
    return browser.new_context(viewport=DESKTOP, locale="en-GB", reduced_motion="reduce")


def first_of_staff(page: Page, house: Installation, company: str, name: str, email: str) -> None:
    """Open the one-time address that the first start prints, say who one is."""
    # It answers before it has said how to get in.
    found = until(60, lambda: re.search(r"(https?://\S+/set-up/\S+)\n", house.words()), "it says how to get in")
    page.goto(found.group(1))
    page.get_by_label("Your company, the vendor").fill(company)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Your work mail address").fill(email)
    press(page, "Begin")
    press(page, "Start")


def table_of(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells as a spreadsheet puts them on the clipboard."""
    return "\n".join("\t".join(row) for row in [head, *rows])


def bring_partners(page: Page, house: Installation, rows: str, count: int) -> None:
    """Paste, look, bring."""
    page.goto(f"{house.address}/console/partners/bring")
    page.get_by_label("Rows with their head").fill(rows)
    press(page, "See what would change")
    press(page, f"Bring {count} partners")
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Bring partners")


def bring_people(page: Page, house: Installation, rows: str, count: int, when: str, place: str = "/console") -> None:
    """Paste, look, choose when they are written to, bring, wait until the page says that it is done."""
    page.goto(f"{house.address}{place}/people/bring")
    page.get_by_label("Rows or addresses").fill(rows)
    press(page, "See what would change")
    page.locator("label").filter(has_text=when).click(timeout=60_000)  # a worker looks at the rows first
    press(page, re.compile(rf"^Bring {count} "))
    expect(page.get_by_text("The file is brought in.")).to_be_visible(timeout=60_000)


def come_in_by_code(house: Installation, mail: Mailboxes, addresses: Sequence[str]) -> None:
    """Many people, each as a browser without pictures would: ask, read the letter, type the code, press Start."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda address: _come_in(house, mail, address), addresses))


def _come_in(house: Installation, mail: Mailboxes, address: str) -> None:
    visitor, before = Visitor(house.port), len(mail.to(address))
    visitor.press("/sign-in", email=address, next="/")
    until(60, lambda: len(mail.to(address)) > before, f"the code for {address}")
    visitor.press("/sign-in/code", code=code_in(mail.to(address)[-1]))
    visitor.press("/welcome", name=address.split("@")[0].title(), locale="en", zone="Europe/Berlin", next="")


def plan_wave(page: Page, house: Installation, name: str) -> str:
    """Plan a wave with every partner that is ready, at any hour; its address."""
    page.goto(f"{house.address}/console/launches/new")
    page.get_by_label("Name").fill(name)
    press(page, "Plan this wave")
    if not page.url.endswith("/partners"):
        press(page, "Add partners")
    press(page, re.compile("^Add (all|the) "))
    page.wait_for_url(re.compile(r"/console/launches/[0-9a-f-]+$"))
    return page.url


def write_at_any_hour(page: Page) -> None:
    """It may be night where the readers are."""
    page.get_by_text("Change how it goes").click()
    page.get_by_label("Let letters wait for 08:00 where their reader is").uncheck()
    press(page, "Save how it goes")


def send_wave(page: Page, letters: int) -> None:
    press(page, f"Send {letters} letters …")
    readable(page)
    press(page, f"Send {letters} letters")
    expect(page.get_by_text(re.compile("It can be undone for"))).to_be_visible()
