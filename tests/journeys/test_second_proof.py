"""A passkey and an authenticator app in a real browser: added, asked for, the whole sign-in, lost and taken away."""

import re
from collections.abc import Iterator
from typing import Any

import pyotp
import pytest
from django.conf import settings as house
from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from gangway.identity.actions.sessions import begin_session
from gangway.identity.jobs import write_asked
from gangway.identity.rules import Method
from gangway.identity.tests.conftest import sign_in_letter
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from tests.journeys.axe import CONTRAST, assert_none, inspect
from tests.journeys.learner import leave
from tests.world import World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, reduced_motion="reduce")
    yield context
    leave(context)


def with_phone(page: Page) -> tuple[CDPSession, str]:
    """A tab to which a virtual authenticator belongs."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    return devtools, made["authenticatorId"]


def signed_in(context: BrowserContext, address: str, someone: Any) -> None:
    reads_english(someone)
    with scopes.one(someone.partner_id):
        session = begin_session(
            person_id=someone.id, method=Method.CODE, device="", actor=Actor.person(someone.id), now=clock.now()
        )
    context.add_cookies([{"name": house.SESSION_COOKIE, "value": session.cookie, "url": address}])


def prove_mailbox(page: Page, address: str, mailbox: str) -> None:
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Your work mail address").fill(mailbox)
    page.get_by_role("button", name="Send me my code").click()
    expect(page.get_by_role("heading", name="Type the code from your mail")).to_be_visible()
    write_asked(clock.now())
    page.get_by_label("Six-digit code").fill(sign_in_letter().code)


def looks_right(page: Page, name: str) -> None:
    assert_none(inspect(page, name))
    page.emulate_media(color_scheme="dark")
    assert_none(inspect(page, name, CONTRAST))
    page.emulate_media(color_scheme="light")


def test_a_passkey_from_adding_to_losing(world: World, context: BrowserContext, address: str) -> None:
    page = context.new_page()
    devtools, phone = with_phone(page)
    signed_in(context, address, world.ben)
    page.goto(f"{address}/account/security")
    looks_right(page, "security, empty")
    page.get_by_label("A name you will know it by").fill("Ben's phone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("Ben's phone")).to_be_visible()
    looks_right(page, "security, one passkey")
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("A name you will know it by").fill("Again")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("This device holds a passkey of yours already.")).to_be_visible()
    page.get_by_role("button", name="Make new recovery codes").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    looks_right(page, "recovery codes")

    prove_mailbox(page, address, world.ben.email)
    expect(page.get_by_role("heading", name="One thing more")).to_be_visible()
    page.get_by_text("I have lost it").click()
    looks_right(page, "the second proof")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(re.compile(r"/welcome|/desk|/$"))

    context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(re.compile(r"/welcome|/desk|/$"))
    page.goto(f"{address}/account/security")
    page.get_by_role("link", name="Remove the passkey Ben's phone").click()
    looks_right(page, "removing")
    page.get_by_role("button", name="Remove the passkey").click()
    expect(page.get_by_text("Ben's phone")).to_have_count(0)

    context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey opens nothing here.")).to_be_visible()
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": phone, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()


def test_an_app_from_adding_to_coming_in_without_script(world: World, browser: Browser, address: str) -> None:
    """Forms alone: the whole way of an authenticator app needs no script."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    signed_in(context, address, world.dee)
    page.goto(f"{address}/account/security")
    expect(page.get_by_role("button", name="Add a passkey")).to_be_hidden()
    page.get_by_role("button", name="Add an authenticator app").click()
    page.get_by_text("No camera? Type this key instead").click()
    app = pyotp.TOTP(page.locator("#key").inner_text().replace(" ", ""))
    page.get_by_label("Six digits of the app").fill(app.at(clock.now()))
    page.get_by_role("button", name="Add the app").click()
    expect(page.get_by_text("Your app")).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_label("Your work mail address").fill(world.dee.email)
    page.get_by_role("button", name="Send me my code").click()
    write_asked(clock.now())
    page.get_by_label("Six-digit code").fill(sign_in_letter().code)
    page.get_by_role("button", name="Sign in").click()
    field = page.get_by_label("Six digits of your authenticator app")
    field.fill(app.at(clock.now(), counter_offset=1))  # the one before confirmed the app
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/welcome|/console|/$"))
    leave(context)


def test_the_page_of_the_app_and_of_the_lost_one_look_right(
    world: World, context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    signed_in(context, address, world.ana)
    page.goto(f"{address}/account/security")
    page.get_by_role("button", name="Add an authenticator app").click()
    expect(page.get_by_role("heading", name="Add an authenticator app")).to_be_visible()
    looks_right(page, "adding an app")
    page.get_by_text("No camera? Type this key instead").click()
    app = pyotp.TOTP(page.locator("#key").inner_text().replace(" ", ""))
    page.get_by_label("Six digits of the app").fill(app.at(clock.now()))
    expect(page.get_by_text("Your app")).to_be_visible()
    page.get_by_role("link", name="Remove the authenticator app").click()
    looks_right(page, "removing an app")
    page.context.clear_cookies()
    signed_in(context, address, world.dee)
    page.goto(f"{address}/console/people/{world.ana.id}/factors/reset")
    looks_right(page, "a lost one")
    page.get_by_role("button", name="Take it away").click()
    page.wait_for_url("**/console/people")
