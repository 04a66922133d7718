"""From the sign-in page through a company's own SAML provider, and home: npm samlp, which is by others.

The provider stands on another site (127.0.0.1, we are localhost), so that its POST brings no cookie of ours, as it is
everywhere.
"""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gangway.identity import queries
from gangway.identity.cli.saml import saml
from gangway.identity.models import FailedSignIn, Identity, Session
from gangway.identity.rules.connections import ConnectionKind
from gangway.kernel.tenancy import scopes
from tests import peers
from tests.conformance.saml.provider import keys
from tests.journeys.axe import assert_none, inspect
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


@contextmanager
def samlp(acs: str, settings: Any, log: Path) -> Iterator[str]:
    """Nordwind's provider, which answers to `acs`; its address."""
    port, pair = free_port(), keys("npm samlp")
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", port)})
    asked = {"port": port, "key": pair.private, "cert": pair.certificate, "acs": acs, "domain": DOMAIN}
    node, folder = peers.installed("saml")
    with running([node, "provider.mjs", json.dumps(asked)], folder, log):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def provider(world: World, address: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """The provider runs, and the operator's command told the connection about it; its address."""
    made = begun(world, ConnectionKind.SAML)
    with scopes.one(world.nordwind):
        acs = queries.us(queries.connection(made)).acs_url
    with samlp(acs, settings, tmp_path / "peer.log") as its:
        operator(saml, metadata=f"{its}/metadata")
        yield its


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    yield context
    leave(context)


def sign_in_there(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign in").click()


def test_the_it_connects_alone_and_a_person_comes_in_and_again(
    world: World, context: BrowserContext, address: str, settings: Any, tmp_path: Path
) -> None:
    reads_english(world.ana)
    with closing(context.new_page()) as page:
        ours = begin_alone(page, sent_to_the_it(world, address), "Connect by SAML")
        with samlp(ours["Reply URL (ACS)"], settings, tmp_path / "peer.log") as its:
            page.get_by_label("Address of the provider's metadata").fill(f"{its}/metadata")
            press(page, "Save what it says")
            try_and_open(page, lambda tab: sign_in_there(tab, "ana"))
            context.clear_cookies()
            brought: list[str] = []
            page.on("request", lambda one: "/acs" in one.url and brought.append(one.all_headers().get("cookie", "")))
            to_the_provider(page, address, world.ana.email)
            home(page, address)  # the provider knows her still: nothing to type
            assert_none(inspect(page, "sessions"))
            assert brought == [""]  # the POST from the other site had no cookie, and she is in all the same
            context.clear_cookies(name="gangway")
            to_the_provider(page, address, world.ana.email)
            page.wait_for_url(f"{address}/account/sessions")
    assert Session.objects.filter(method="saml", person_id=world.ana.id).count() == 2
    with scopes.one(world.nordwind):
        known = Identity.objects.get()
    assert (known.subject, known.person_id) == ("id-of-ana", world.ana.id)


def test_an_answer_nobody_asked_for_begins_a_sign_in_of_its_own(
    world: World, provider: str, context: BrowserContext, address: str
) -> None:
    """From the provider's list of applications: she is in, by an answer to a request of ours."""
    with closing(context.new_page()) as page:
        to_the_provider(page, address, world.ana.email)
        sign_in_there(page, "ana")
        page.wait_for_url(lambda url: url.startswith((f"{address}/welcome", f"{address}/account")))
        context.clear_cookies()
        posts: list[str] = []
        page.on("request", lambda one: "/acs" in one.url and posts.append(one.url))
        page.goto(f"{provider}/unasked")
        page.wait_for_url(lambda url: url.startswith(address) and "/sso/" not in url)
        assert len(posts) == 2
    assert Session.objects.filter(method="saml", person_id=world.ana.id).count() == 2
    with scopes.host():
        assert not FailedSignIn.objects.filter(reason__startswith="saml").exists()


def test_whom_the_provider_refuses_is_told_so_with_a_number(
    world: World, provider: str, context: BrowserContext, address: str
) -> None:
    with closing(context.new_page()) as page:
        to_the_provider(page, address, world.ana.email)
        page.get_by_role("button", name="Refuse").click()
        expect(page.get_by_role("heading", name="Your company's sign-in said no")).to_be_visible()
        assert_none(inspect(page, "said no"))
        page.get_by_role("link", name="Try again").click()
        sign_in_there(page, "ana")
        page.wait_for_url(lambda url: url.startswith(address) and "/sso/" not in url)
    with scopes.host():
        assert list(FailedSignIn.objects.values_list("step", "reason")) == [
            ("provider_refused", "saml.provider_refused")
        ]
