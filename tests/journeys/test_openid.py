"""From the sign-in page through a company's own OpenID provider, and home: npm oidc-provider, which is by others."""

import json
import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gangway.identity import queries
from gangway.identity.cli.oidc import set_up
from gangway.identity.models import FailedSignIn, Identity, Session
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel.tenancy import scopes
from tests import peers
from tests.journeys.axe import CONTRAST, assert_none, inspect
from tests.journeys.company import (
    DOMAIN,
    begin_alone,
    begun,
    home,
    operator,
    running,
    sent_to_the_it,
    to_the_provider,
    try_and_open,
)
from tests.journeys.installation import free_port
from tests.journeys.learner import leave, press
from tests.world import World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "secret.txt"
    file.write_text("a secret: with + signs & such\n")
    return file


@contextmanager
def provider(callback: str, secret: Path, settings: Any) -> Iterator[str]:
    """Nordwind's provider, which knows the client `gangway` and where it may answer to; its issuer."""
    port = free_port()
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", port)})
    asked = {"port": port, "client": "gangway", "secret": secret.read_text().strip(), "callback": callback}
    node, folder = peers.installed("oidc")
    command = [node, "provider.mjs", json.dumps({**asked, "domain": DOMAIN})]
    with running(command, folder, secret.with_name("peer.log")):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def connection(world: World, address: str, settings: Any, secret: Path) -> Iterator[UUID]:
    """The provider runs, and the operator's command told the connection about it."""
    made = begun(world, ConnectionKind.OIDC)
    with scopes.one(world.nordwind):
        callback = f"{address}/sso/{queries.connection(made).route}/callback"
    with provider(callback, secret, settings) as issuer:
        operator(set_up, issuer=issuer, client_id="gangway", secret_file=secret)
        yield made


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    context.route(re.compile(r"^https://"), lambda route: route.abort())  # the fonts of the peer's pages
    yield context
    leave(context)


def sign_in_there(page: Page, name: str) -> None:
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_the_it_connects_alone_and_a_person_comes_in_and_again(
    world: World, context: BrowserContext, address: str, settings: Any, secret: Path
) -> None:
    reads_english(world.ana)
    with closing(context.new_page()) as page:
        ours = begin_alone(page, sent_to_the_it(world, address), "Connect by OpenID Connect")
        with provider(ours["Redirect URI"], secret, settings) as issuer:
            page.get_by_label("Issuer").fill(issuer)
            page.get_by_label("Client id").fill("gangway")
            page.get_by_label("Client secret").fill(secret.read_text().strip())
            press(page, "Save and ask the provider")
            try_and_open(page, lambda tab: sign_in_there(tab, "ana"))
            context.clear_cookies()
            to_the_provider(page, address, world.ana.email)
            sign_in_there(page, "ana")
            home(page, address)
            assert_none(inspect(page, "sessions"))
            assert Session.objects.get(method="oidc").person_id == world.ana.id
            with scopes.one(world.nordwind):
                known = Identity.objects.get()
            assert (known.subject, known.person_id) == ("ana", world.ana.id)
            context.clear_cookies(name="gangway")
            page.goto(f"{ours['Start page of the application']}?next=/account/sessions")
            page.wait_for_url(f"{address}/account/sessions")  # the provider knows her still: nothing to type
    assert Session.objects.filter(method="oidc", person_id=world.ana.id).count() == 2


def test_somebody_new_is_admitted_just_in_time(
    world: World, connection: UUID, context: BrowserContext, address: str
) -> None:
    with closing(context.new_page()) as page:
        to_the_provider(page, address, "noor@nordwind.example")
        sign_in_there(page, "noor")
        page.wait_for_url(f"{address}/welcome**")
        assert_none(inspect(page, "welcome"))
    with scopes.one(world.nordwind):
        newcomer = Identity.objects.get(subject="noor").person_id
    assert Session.objects.get().person_id == newcomer
    assert newcomer not in {world.ana.id, world.ben.id}


def test_who_turns_back_there_is_told_so_with_a_number(
    world: World, connection: UUID, context: BrowserContext, address: str
) -> None:
    with closing(context.new_page()) as page:
        to_the_provider(page, address, world.ana.email)
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("heading", name="Your company's sign-in said no")).to_be_visible()
        assert_none(inspect(page, "said no"))
        page.emulate_media(color_scheme="dark")
        assert_none(inspect(page, "said no, dark", CONTRAST))
        page.get_by_role("link", name="Try again").click()
        sign_in_there(page, "ana")
        page.wait_for_url(lambda url: url.startswith(address))
    with scopes.host():
        assert list(FailedSignIn.objects.values_list("step", "reason")) == [("provider_refused", "denied")]
