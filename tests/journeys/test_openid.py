"""From the sign-in page through a company's own OpenID provider, and home: npm oidc-provider, which is by others."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import typer
from playwright.sync_api import Browser, BrowserContext, Page, expect
from typer.testing import CliRunner

from gangway.identity import actions, queries
from gangway.identity.actions import Conduct
from gangway.identity.cli.oidc import set_up
from gangway.identity.models import FailedSignIn, Identity, Session
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.tests.connections import prove
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from tests import peers
from tests.journeys.axe import CONTRAST, assert_none, chromium, inspect
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
    return str(live_server.url)


@pytest.fixture
def connection(world: World, address: str, settings: Any, tmp_path: Path) -> Iterator[UUID]:
    """Nordwind's provider runs, and the operator's command told the connection about it."""
    prove(world.nordwind)
    with scopes.one(world.nordwind):
        made = actions.add_connection(kind=ConnectionKind.OIDC, key="oidc", name="x", actor=OPERATOR, now=clock.now())
        conduct = Conduct(admits=True, domains=[DOMAIN])
        actions.set_conduct(connection_id=made, conduct=conduct, actor=OPERATOR, now=clock.now())
        callback = f"{address}/sso/{queries.connection(made).route}/callback"
    port, secret = free_port(), tmp_path / "secret.txt"
    secret.write_text("a secret: with + signs & such\n")
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", port)})
    asked = {"port": port, "client": "gangway", "secret": secret.read_text().strip(), "callback": callback}
    node, folder = peers.installed("oidc")
    command = [node, "provider.mjs", json.dumps({**asked, "domain": DOMAIN})]
    with (
        (tmp_path / "peer.log").open("wb") as log,
        subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True) as peer,
    ):
        try:
            assert peer.stdout is not None
            assert peer.stdout.readline() == "ready\n", (tmp_path / "peer.log").read_text()
            _tell(f"http://127.0.0.1:{port}", secret)
            yield made
        finally:
            peer.terminate()


def _tell(issuer: str, secret: Path) -> None:
    command = typer.Typer()
    command.command()(set_up)
    words = ["--partner", "nordwind", "--issuer", issuer, "--client-id", "gangway", "--secret-file", str(secret)]
    done = CliRunner().invoke(command, [*words, "--activate"])
    assert done.exit_code == 0, done.output


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    context.route(re.compile(r"^https://"), lambda route: route.abort())  # the fonts of the peer's pages
    yield context
    leave(context)


def to_the_provider(page: Page, address: str, mailbox: str) -> None:
    page.goto(f"{address}/sign-in?next=/account/sessions")
    page.get_by_label("Your work mail address").fill(mailbox)
    page.get_by_role("button", name="Send me my code").click()
    expect(page.get_by_role("heading", name="Nordwind signs you in")).to_be_visible()
    page.get_by_role("link", name="Sign in through Nordwind").click()


def sign_in_there(page: Page, name: str) -> None:
    page.locator("input[name=login]").fill(name)
    page.locator("input[name=password]").fill("anything")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click()


def test_a_person_whom_the_partner_has_comes_in_and_again(
    world: World, connection: UUID, context: BrowserContext, address: str
) -> None:
    reads_english(world.ana)
    with closing(context.new_page()) as page:
        to_the_provider(page, address, world.ana.email)
        sign_in_there(page, "ana")
        if "/welcome" in page.url:
            page.get_by_role("button", name="Start").click()
        page.wait_for_url(f"{address}/account/sessions")
        assert_none(inspect(page, "sessions"))
        session = Session.objects.get(method="oidc")
        assert session.person_id == world.ana.id
        with scopes.one(world.nordwind):
            known = Identity.objects.get()
            assert (known.connection_id, known.subject, known.person_id) == (connection, "ana", world.ana.id)
        context.clear_cookies(name="gangway")
        page.goto(f"{address}/sso/{_route(world, connection)}?next=/account/sessions")
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


def _route(world: World, connection: UUID) -> str:
    with scopes.one(world.nordwind):
        return queries.connection(connection).route
