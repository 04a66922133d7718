"""A company's sign-in is down, or refuses: when a code by mail opens beside it, whatever the protocol."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine

from gangway.identity import actions
from gangway.identity.actions import Conduct
from gangway.identity.models import FailedSignIn
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind, Fallback
from gangway.identity.rules.saml import SamlReason
from gangway.identity.saml.metadata import read_metadata
from gangway.identity.tests.conftest import ME, Browser, World, letters
from gangway.identity.tests.connections import connect, prove
from gangway.identity.tests.oidc_way import Way, last_failure, way
from gangway.identity.tests.test_saml_settings import metadata
from gangway.kernel import clock, outbound
from gangway.kernel.outbound import Answer, NoAnswer
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db
__all__ = ["way"]
METADATA = "https://idp.example/metadata"


def test_a_refusal_shuts_the_code_in_the_browser_that_brought_it_and_in_no_other(
    way: Way, other_browser: Browser
) -> None:
    """The error is signed by nobody: whoever types Ana's address and makes one up in their own browser shuts nothing of
    hers. Whom the provider refused gets no code past it, typed or not, for a day."""
    ana = "ana@nordwind.example"
    with scopes.one(way.connection.partner_id):
        conduct = Conduct(domains=["nordwind.example"], fallback=Fallback.OPEN)
        actions.set_conduct(connection_id=way.connection.id, conduct=conduct, actor=ME, now=clock.now())
    typed, straight = way.browser, Browser()
    typed.press("/sign-in", email=ana)
    for browser in (typed, straight):
        way.browser = browser
        forged = f"{way.door}/callback?error=access_denied&state={state_of(way.leave())}&iss={way.provider.issuer}"
        assert b"said no" in browser.get(forged).content
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        typed.ask(ana, by="mail")
        straight.ask(ana, by="mail")
        assert letters() == []
        other_browser.ask(ana, by="mail")
        assert len(letters()) == 1
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        typed.ask(ana, by="mail")
        assert len(letters()) == 2


def test_a_provider_that_is_down_opens_the_code_though_nobody_came_back_from_it(
    way: Way, other_browser: Browser
) -> None:
    """The browser sees that nobody answers, and we do not: so whoever asks for a code makes us look."""
    ana = "ana@nordwind.example"
    with scopes.one(way.connection.partner_id):
        conduct = Conduct(domains=["nordwind.example"])
        actions.set_conduct(connection_id=way.connection.id, conduct=conduct, actor=ME, now=clock.now())
    way.browser.ask(ana, by="mail")
    assert letters() == []
    way.browser.ask(ana, by="mail")  # asked again at once, it is not looked again
    assert way.provider.seen["/.well-known/openid-configuration"] == 2  # one of them by `tell`
    way.provider.replies["/.well-known/openid-configuration"] = (503, {}, b"")
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        other_browser.ask(ana, by="mail")
    assert len(letters()) == 1
    assert last_failure() == "no_answer"


def test_a_provider_that_is_gone_is_asked_for_those_only_whom_its_failure_lets_in(way: Way) -> None:
    way.provider.replies["/.well-known/openid-configuration"] = (503, {}, b"")
    asked = way.provider.seen["/.well-known/openid-configuration"]
    with scopes.one(way.connection.partner_id):
        conduct = Conduct(domains=["nordwind.example"], fallback=Fallback.NEVER)
        actions.set_conduct(connection_id=way.connection.id, conduct=conduct, actor=ME, now=clock.now())
    for address in ("ana@nordwind.example", "nobody@nordwind.example", "eva@freelance.example"):
        way.browser.ask(address, by="mail")
    assert way.provider.seen["/.well-known/openid-configuration"] == asked
    assert not FailedSignIn.objects.filter(step="provider_broken").exists()


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


# ── SAML: nobody comes back from a provider that is down, so it is asked where its metadata stand ───────────────────


@dataclass
class Metadata:
    """Where a provider's metadata stand: what it answers, and how often it was asked."""

    status: int = 200
    asked: int = 0

    def __call__(self, url: str, **options: Any) -> Answer:
        assert url == METADATA
        self.asked += 1
        if self.status == 0:
            raise NoAnswer("nobody could be reached there")
        return Answer(self.status, metadata())


@pytest.fixture
def there(house: World, monkeypatch: pytest.MonkeyPatch) -> Metadata:
    """Nordwind comes in by SAML, and its provider answered when its address was given."""
    made = Metadata()
    monkeypatch.setattr(outbound, "fetch", made)
    return made


def by_saml(house: World, url: str, **conduct: Any) -> ConnectionRow:
    row = connect(house.ana.partner_id, ConnectionKind.SAML)
    prove(house.ana.partner_id)
    with scopes.one(row.partner_id):
        found = read_metadata(metadata(), https_only=True, now=clock.now())
        actions.set_saml_metadata(connection_id=row.id, metadata=found, url=url, actor=ME, now=clock.now())
        told = Conduct(**{"domains": ["nordwind.example"], **conduct})
        actions.set_conduct(connection_id=row.id, conduct=told, actor=ME, now=clock.now())
    return row


@pytest.mark.parametrize("status", [0, 500, 503])
def test_a_saml_provider_that_is_down_opens_the_code(
    house: World, browser: Browser, other_browser: Browser, there: Metadata, status: int
) -> None:
    by_saml(house, METADATA)
    browser.ask(house.ana.email, by="mail")
    browser.ask(house.ana.email, by="mail")  # asked again at once, it is not looked again
    assert (letters(), there.asked) == ([], 1)
    there.status = status
    with time_machine.travel(clock.now() + timedelta(minutes=2)):
        other_browser.ask(house.ana.email, by="mail")
        assert len(letters()) == 1
        assert last_failure() == SamlReason.SILENT
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        there.status = 200
        Browser().ask(house.ana.email, by="mail")
        assert len(letters()) == 1, "a day later it is closed again"


@pytest.mark.parametrize("status", [302, 403, 404])
def test_a_saml_provider_that_answers_anything_else_is_there(
    house: World, browser: Browser, there: Metadata, status: int
) -> None:
    by_saml(house, METADATA)
    there.status = status
    browser.ask(house.ana.email, by="mail")
    assert (letters(), there.asked) == ([], 1)
    assert not FailedSignIn.objects.filter(step="provider_broken").exists()


@pytest.mark.parametrize(("url", "conduct"), [("", {}), (METADATA, {"fallback": Fallback.NEVER})])
def test_a_saml_provider_is_not_asked_where_it_says_nothing_or_opens_nothing(
    house: World, browser: Browser, there: Metadata, url: str, conduct: dict[str, Any]
) -> None:
    """Of metadata given as a file nobody can ask; and where the company narrowed the code away, nothing would open."""
    by_saml(house, url, **conduct)
    there.status = 0
    browser.ask(house.ana.email, by="mail")
    assert (letters(), there.asked) == ([], 0)
