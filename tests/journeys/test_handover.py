"""From a page of the vendor's own portal into Gangway: another site, which knows who is there and signs a token."""

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext

from gangway.identity import actions, handover
from gangway.identity.models import Session
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.tests.openid import key, signed
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.people.actions import name_elsewhere
from tests.journeys.axe import assert_none, inspect
from tests.journeys.learner import leave
from tests.world import OPERATOR, World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ISSUER = "https://portal.acme.example"


class Portal:
    """`/` has a link to Gangway; `/learn` signs whoever is there and makes the browser post it. `who`: its subject."""

    def __init__(self, gangway: str) -> None:
        portal = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                where = urlsplit(self.path)
                body = portal.learn(parse_qs(where.query)) if where.path == "/learn" else portal.home()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self.gangway, self.who = gangway, "4711"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def home(self) -> str:
        return f'<a href="{self.gangway}/handover/start?return_to=/account/sessions">Learn</a>'

    def learn(self, asked: dict[str, list[str]]) -> str:
        now = int(clock.now().timestamp())
        claims = {
            "iss": ISSUER, "aud": f"{self.gangway}/handover", "iat": now, "exp": now + 60, "jti": uuid4().hex,
            "nonce": asked["nonce"][0], "partner": "nordwind", "sub": self.who,
        }  # fmt: skip
        token = signed(claims, key("one"))
        form = (
            f'<form method="post" action="{self.gangway}/handover"><input type="hidden" name="token" value="{token}">'
        )
        return f"{form}</form><script>document.forms[0].submit()</script>"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)


@pytest.fixture
def portal(world: World, address: str, settings: Any) -> Iterator[Portal]:
    made = Portal(address)
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", made.server.server_address[1])})
    told: dict[str, Any] = {"actor": OPERATOR, "now": clock.now()}
    with scopes.one(world.host):
        actions.set_portal(name="Acme Portal", issuer=ISSUER, start_url=f"{made.address}/learn", **told)
        for one in handover.read_keys(json.dumps(key("one").as_dict(private=False))):
            actions.add_portal_key(key=one, **told)
        actions.set_portal_state(state=ConnectionState.ACTIVE, **told)
    with scopes.one(world.nordwind):
        name_elsewhere(person_id=world.ana.id, source="portal", value="4711", **told)
    yield made
    made.close()


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    yield context
    leave(context)


def test_one_press_on_the_portal_leads_in(world: World, portal: Portal, context: BrowserContext, address: str) -> None:
    reads_english(world.ana)
    with closing(context.new_page()) as page:
        page.goto(portal.address)
        page.get_by_role("link", name="Learn").click()
        page.wait_for_url(f"{address}/**")
        page.goto(f"{address}/account/sessions")
        assert_none(inspect(page, "sessions"))
    assert Session.objects.get(method="portal").person_id == world.ana.id


def test_somebody_unknown_reads_why(world: World, portal: Portal, context: BrowserContext, address: str) -> None:
    portal.who = "nobody"
    with closing(context.new_page()) as page:
        page.goto(portal.address)
        page.get_by_role("link", name="Learn").click()
        page.wait_for_url(f"{address}/handover/arrive**")
        assert page.get_by_role("heading", name="You have no account here yet").is_visible()
        assert_none(inspect(page, "portal_stuck"))
    assert not Session.objects.filter(method="portal").exists()


def test_a_token_posted_by_a_page_that_nobody_was_sent_to(
    world: World, portal: Portal, context: BrowserContext, address: str
) -> None:
    """A page that submits an attacker's token by itself leads the browser to the portal, which says who is there."""
    started = context.request.get(f"{address}/handover/start", max_redirects=0).headers["location"]
    context.clear_cookies()
    attackers = portal.learn(parse_qs(urlsplit(started).query))
    with closing(context.new_page()) as page:
        page.goto(portal.address)
        portal.who = "nobody"
        page.set_content(attackers)
        page.wait_for_url(f"{address}/handover/arrive**")
        assert page.get_by_text("was not accepted").first.is_visible()
    assert not Session.objects.filter(method="portal").exists()
