"""From the sign-in page through a company's own SAML provider, and home: npm samlp, which is by others.

The provider stands on another site (127.0.0.1, we are localhost), so that its POST brings no cookie of ours, as it is
everywhere.
"""

import json
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer
from playwright.sync_api import Browser, BrowserContext, Page, expect
from typer.testing import CliRunner

from gangway.identity import actions, queries
from gangway.identity.actions import Conduct
from gangway.identity.cli.saml import saml
from gangway.identity.models import FailedSignIn, Identity, Session
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.tests.connections import prove
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from tests import peers
from tests.conformance.saml.provider import keys
from tests.journeys.axe import assert_none, chromium, inspect
from tests.journeys.installation import free_port
from tests.journeys.learner import leave
from tests.world import OPERATOR, World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DOMAIN = "nordwind.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def address(live_server: Any, settings: Any) -> str:
    settings.BASE_URL = live_server.url
    settings.EMAIL_URL = ""
    assert urlsplit(live_server.url).hostname == "localhost"
    return str(live_server.url)


@pytest.fixture
def provider(world: World, address: str, settings: Any, tmp_path: Path) -> Iterator[str]:
    """Nordwind's provider runs, and the operator's command told the connection about it; its address."""
    prove(world.nordwind)
    with scopes.one(world.nordwind):
        made = actions.add_connection(kind=ConnectionKind.SAML, key="saml", name="x", actor=OPERATOR, now=clock.now())
        conduct = Conduct(admits=True, domains=[DOMAIN])
        actions.set_conduct(connection_id=made, conduct=conduct, actor=OPERATOR, now=clock.now())
        acs = queries.us(queries.connection(made)).acs_url
    port, pair = free_port(), keys("npm samlp")
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", port)})
    asked = {"port": port, "key": pair.private, "cert": pair.certificate, "acs": acs, "domain": DOMAIN}
    node, folder = peers.installed("saml")
    with (
        (tmp_path / "peer.log").open("wb") as log,
        subprocess.Popen(
            [node, "provider.mjs", json.dumps(asked)], cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True
        ) as peer,
    ):
        try:
            assert peer.stdout is not None
            assert peer.stdout.readline() == "ready\n", (tmp_path / "peer.log").read_text()
            _tell(f"http://127.0.0.1:{port}/metadata")
            yield f"http://127.0.0.1:{port}"
        finally:
            peer.terminate()


def _tell(metadata: str) -> None:
    command = typer.Typer()
    command.command()(saml)
    done = CliRunner().invoke(command, ["--partner", "nordwind", "--metadata", metadata, "--activate"])
    assert done.exit_code == 0, done.output


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    yield context
    leave(context)


def to_the_provider(page: Page, address: str, mailbox: str) -> None:
    page.goto(f"{address}/sign-in?next=/account/sessions")
    page.get_by_label("Your work mail address").fill(mailbox)
    page.get_by_role("button", name="Send me my code").click()
    expect(page.get_by_role("heading", name="Nordwind signs you in")).to_be_visible()
    page.get_by_role("link", name="Sign in through Nordwind").click()


def sign_in_there(page: Page, name: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Sign in").click()


def home(page: Page, address: str) -> None:
    page.wait_for_url(lambda url: url.startswith((f"{address}/welcome", f"{address}/account")))
    if "/welcome" in page.url:
        page.get_by_role("button", name="Start").click()
    page.wait_for_url(f"{address}/account/sessions")


def test_a_person_whom_the_partner_has_comes_in_and_again(
    world: World, provider: str, context: BrowserContext, address: str
) -> None:
    reads_english(world.ana)
    with closing(context.new_page()) as page:
        brought: list[str] = []
        page.on("request", lambda one: "/acs" in one.url and brought.append(one.all_headers().get("cookie", "")))
        to_the_provider(page, address, world.ana.email)
        sign_in_there(page, "ana")
        home(page, address)
        assert_none(inspect(page, "sessions"))
        assert brought == [""]  # the POST from the other site had no cookie, and she is in all the same
        assert Session.objects.get(method="saml").person_id == world.ana.id
        with scopes.one(world.nordwind):
            known = Identity.objects.get()
            assert (known.subject, known.person_id) == ("id-of-ana", world.ana.id)
        context.clear_cookies(name="gangway")
        to_the_provider(page, address, world.ana.email)
        page.wait_for_url(f"{address}/account/sessions")  # the provider knows her still: nothing to type
    assert Session.objects.filter(method="saml", person_id=world.ana.id).count() == 2


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
