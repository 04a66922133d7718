"""A company's IT connects simplesamlphp by the link, without an account; then its people come in by it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from gangway.identity.models import Identity, Session
from gangway.kernel.tenancy import scopes
from tests import peers
from tests.conformance.saml.provider import keys
from tests.journeys.company import DOMAIN, begin_alone, home, sent_to_the_it, to_the_provider, try_and_open
from tests.journeys.installation import free_port
from tests.journeys.learner import leave, press
from tests.world import World, reads_english

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def context(browser: Browser, address: str) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce", locale="en")
    yield context
    leave(context)


@contextmanager
def simplesamlphp(port: int, ours: Mapping[str, str], folder: Path) -> Iterator[str]:
    """Their provider, which knows what was copied from our page; the address of its metadata."""
    pair = keys("simplesamlphp")
    (folder / "provider.key").write_text(pair.private)
    (folder / "provider.crt").write_text(pair.certificate)
    told = {"port": port, "folder": str(folder), "domain": DOMAIN, **ours}
    metadata = f"http://127.0.0.1:{port}/saml2/idp/metadata.php"
    with peers.simplesamlphp(port, json.dumps(told), folder / "peer.log"):
        yield metadata


def test_it_connects_alone_and_its_people_come_in(
    world: World, context: BrowserContext, address: str, settings: Any, tmp_path: Path
) -> None:
    reads_english(world.ana)
    port = free_port()
    settings.PROVIDERS_INSIDE = frozenset({("127.0.0.1", port)})
    with closing(context.new_page()) as page:
        ours = begin_alone(page, sent_to_the_it(world, address), "Connect by SAML")
        known = {"entity_id": ours["Metadata, which is also the entity id"], "acs": ours["Reply URL (ACS)"]}
        with simplesamlphp(port, known, tmp_path) as metadata:
            page.get_by_label("Address of the provider's metadata").fill(metadata)
            press(page, "Save what it says")
            try_and_open(page, sign_in_there)
            context.clear_cookies()
            to_the_provider(page, address, world.ana.email)
            sign_in_there(page)
            home(page, address)
    assert Session.objects.get(method="saml").person_id == world.ana.id
    with scopes.one(world.nordwind):
        assert Identity.objects.get().person_id == world.ana.id


def sign_in_there(page: Page) -> None:
    page.locator("input[name=username]").fill("ana")
    page.locator("input[name=password]").fill("over there")
    page.get_by_role("button", name="Login").click()
