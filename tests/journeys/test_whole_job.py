"""The main job, whole and real: partners and people from files, a course, letters through a real mail server, a phone.

One invited person goes from letter to certificate in chromium, a stranger verifies it, and the figures say exactly what
happened. Everything runs in `gangway up`, beside it only the `gangway` command.
"""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.architecture.source import ROOT
from tests.journeys.axe import chromium
from tests.journeys.installation import Installation, until
from tests.journeys.learner import (
    begin,
    get_in_from_letter,
    phone,
    read_every_lesson,
    readable,
    right_answers,
    take_the_check,
)
from tests.journeys.mailbox import Mailboxes, link_in

pytestmark = pytest.mark.browser

DATA = Path(__file__).parent / "data"
COURSE = ROOT / "examples" / "security-101"
PEOPLE = 200
ANA = "ana.lindqvist@nordwind.example"


def lessons_of_security_101() -> Path:
    """The zip of lessons, which lies beside the clone and is no part of it."""
    for folder in ROOT.parents:
        found = folder / "shared" / "data" / "courses_md" / "security-101-9lang.zip"
        if found.exists():
            return found
    pytest.skip("the lessons of Security 101 do not lie beside this clone (../shared/data/courses_md)")


def test_from_three_files_to_a_verified_certificate(tmp_path: Path) -> None:
    lessons = lessons_of_security_101()
    with Mailboxes() as mail, Installation(tmp_path, EMAIL_URL=mail.url) as house, chromium() as browser:
        set_up(house, lessons)
        until(180, lambda: len(set(mail.addresses())) == PEOPLE, f"{PEOPLE} letters, {mail.count()} came")
        assert mail.count() == PEOPLE, "somebody was written to twice"

        number, pdf = learn(browser, house, mail)
        assert pdf.startswith(b"%PDF")
        verify_as_a_stranger(browser, house, number)

        until(60, lambda: house.json("kpi")["events_waiting"] == 0, "every fact is counted")
        say_what_happened(house)
        assert house.json("check")["ok"] is True
        house.ctrl_c()


def set_up(house: Installation, lessons: Path) -> None:
    """What the channel team does: partners, a course, people."""
    applied = house.json("partner", "apply", DATA / "partners.csv")
    assert applied["new"] == 3
    again = house.json("partner", "apply", DATA / "partners.csv")
    assert (again["new"], again["changed"]) == (0, 0)
    partners = {row["slug"] for row in house.json("partner", "list") if row["kind"] == "partner"}
    assert partners == {"nordwind", "cedar-pine", "al-noor"}

    files = ("--layout", COURSE / "layout.yaml", "--check", COURSE / "check.yaml")
    course = house.json("course", "import", lessons, *files)
    assert (course["state"], course["questions"]) == ("published", 8)

    imported = house.json("person", "import", DATA / "people.csv")
    assert imported["new"] == PEOPLE
    again = house.json("person", "import", DATA / "people.csv")
    assert (again["new"], again["changed"], again["unchanged"]) == (0, 0, PEOPLE)


def learn(browser: Browser, house: Installation, mail: Mailboxes) -> tuple[str, bytes]:
    """Ana, on her phone: letter, code, lessons, check, certificate. The award's number and the certificate's bytes."""
    context = phone(browser)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    get_in_from_letter(page, link_in(mail.to(ANA)[0], "/invitation/"), mail, ANA)

    expect(page.get_by_text("Security 101").first).to_be_visible()
    begin(page)
    lessons = read_every_lesson(page, "Security 101")
    assert lessons > 20
    asked = take_the_check(page, right_answers(COURSE / "check.yaml"))
    assert asked == 8
    expect(page.get_by_role("heading", name="You passed Security 101")).to_be_visible()
    no_sideways_scroll(page)
    expect(page.locator("#certificate")).to_contain_text("Your certificate")
    readable(page)
    number, pdf = certificate(page, house)
    assert broken == []
    context.close()
    return number, pdf


def certificate(page: Page, house: Installation) -> tuple[str, bytes]:
    """From the result to the certificate: its number, and the PDF as the phone gets it."""
    page.goto(f"{house.address}/certificates")
    link = page.locator("a[href*='/verify/']").first

    def shown() -> bool:
        page.reload()
        return link.count() > 0

    until(120, shown, "the award follows the completion")
    number = str(link.get_attribute("href")).rsplit("/", 1)[-1]
    answer = page.request.get(f"{house.address}/certificates/{number}.pdf")
    assert answer.status == 200
    return number, answer.body()


def verify_as_a_stranger(browser: Browser, house: Installation, number: str) -> None:
    """Somebody without an account, in a fresh browser."""
    context = phone(browser)
    page = context.new_page()
    answer = page.goto(f"{house.address}/verify/{number}")
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_text("Security 101").first).to_be_visible()
    assert context.request.get(f"{house.address}/verify/{'X' * len(number)}").status == 404
    context.close()


def no_sideways_scroll(page: Page) -> None:
    wide, shown = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert wide <= shown, f"{page.url} is {wide} px wide on a phone of {shown}"


def say_what_happened(house: Installation) -> None:
    """One of two hundred came in, completed and was certified."""
    figures = house.json("kpi")
    funnel = figures["funnel"]
    assert (funnel["invited"], funnel["came_in"], funnel["completed"], funnel["certified"]) == (PEOPLE, 1, 1, 1)
    activation = next(kpi for kpi in figures["kpis"] if kpi["key"] == "activation")
    assert (activation["numerator"], activation["n"]) == (1, PEOPLE)
