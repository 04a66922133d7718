"""The channel team's afternoon: sixty partners from a spreadsheet, their people, a wave undone, and one that goes."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.axe import chromium
from tests.journeys.channel import (
    bring_partners,
    bring_people,
    come_in_by_code,
    desktop,
    first_of_staff,
    plan_wave,
    send_wave,
    table_of,
    write_at_any_hour,
)
from tests.journeys.installation import Installation, until
from tests.journeys.learner import press, readable
from tests.journeys.mailbox import Mailboxes, link_in, text_of

pytestmark = pytest.mark.browser
PARTNERS, TEAM = 60, 2
KEYS = [f"partner-{n:02}" for n in range(PARTNERS)]
TYPES, TIERS = ("reseller", "msp", "distributor"), ("registered", "silver", "gold")
PARTNER_ROWS = table_of(
    ("slug", "name", "type", "tier"),
    [(key, f"Partner {n:02} GmbH", TYPES[n % 3], TIERS[n % 3]) for n, key in enumerate(KEYS)],
)
ADMINS = [f"admin@{key}.example" for key in KEYS]
LEARNERS = [f"person{n}@{key}.example" for key in KEYS for n in range(TEAM)]


def test_sixty_partners_from_a_spreadsheet_to_a_launch(tmp_path: Path) -> None:
    with Mailboxes() as mail, Installation(tmp_path, EMAIL_URL=mail.url) as house, chromium() as browser:
        page = desktop(browser).new_page()
        first_of_staff(page, house, "Acme Robotics", "Dee Diaz", "dee@acme.example")

        bring_partners(page, house, PARTNER_ROWS, PARTNERS)
        rows = [(key, address, "partner_admin") for key, address in zip(KEYS, ADMINS, strict=True)]
        bring_people(page, house, table_of(("partner", "email", "role"), rows), PARTNERS, "Write to them now")
        until(120, lambda: all(mail.to(address) for address in ADMINS), "every partner admin is invited")
        come_in_by_code(house, mail, ADMINS)

        rows = [(address.partition("@")[2].removesuffix(".example"), address) for address in LEARNERS]
        bring_people(page, house, table_of(("partner", "email"), rows), len(LEARNERS), "Write to them with the launch")
        assert not any(mail.to(address) for address in LEARNERS), "somebody was written to before the launch"

        plan_wave(page, house, "Wave 1")
        readable(page)
        send_wave(page, len(LEARNERS))
        readable(page)
        press(page, "Undo this wave")
        expect(page.get_by_text("Undone").first).to_be_visible()

        wave = plan_wave(page, house, "Wave 2")
        write_at_any_hour(page)
        house.run("launch", "send", wave_key(house, "Wave 2"), "--now")
        until(180, lambda: all(mail.to(address) for address in LEARNERS), "everybody of the second wave has a letter")
        assert [len(mail.to(address)) for address in LEARNERS] == [1] * len(LEARNERS), "somebody was written to twice"
        letter = mail.to(LEARNERS[0])[0]
        assert "/invitation/" in link_in(letter, "/invitation/"), text_of(letter)

        come_in_by_code(house, mail, LEARNERS[:3])
        until(60, lambda: house.json("kpi")["funnel"]["came_in"] >= 3, "who came in is counted")
        page.goto(wave)
        readable(page)
        page.goto(f"{wave}/untold")
        readable(page)
        page.goto(wave)
        press(page, "Receipt")
        page.wait_for_url("**/receipt")
        readable(page)


def wave_key(house: Installation, name: str) -> str:
    (key,) = (row["key"] for row in house.json("launch", "list") if row["name"] == name)
    return str(key)
