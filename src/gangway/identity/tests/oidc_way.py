"""A connection of Nordwind to an OpenID provider on loopback, and browsers that go by it."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse

from gangway.identity import actions, oidc
from gangway.identity.models import FailedSignIn
from gangway.identity.queries import ConnectionRow
from gangway.identity.tests.conftest import ME, Browser, World
from gangway.identity.tests.connections import connect, prove
from gangway.identity.tests.openid import CLIENT, SECRET, OpenIdProvider
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes


@dataclass
class Way:
    """A connection of Nordwind to the provider, and browsers that go by it."""

    provider: OpenIdProvider
    connection: ConnectionRow
    browser: Browser = field(default_factory=Browser)

    @property
    def door(self) -> str:
        return f"/sso/{self.connection.route}"

    def leave(self, next_path: str = "/") -> str:
        """To the provider: the address there."""
        answer = self.browser.get(self.door, {"next": next_path})
        assert answer.status_code == 302, answer.content
        return str(answer["Location"])

    def back(self, address: str, browser: Browser | None = None) -> HttpResponse:
        """The address to which the provider sends the browser."""
        return (browser or self.browser).get(address[address.index("/sso/") :])

    def sign_in(self) -> HttpResponse:
        return self.back(self.provider.authorize(self.leave()))


@pytest.fixture
def way(house: World, provider: OpenIdProvider) -> Way:
    connection = connect(house.ana.partner_id)
    prove(house.ana.partner_id)
    tell(connection, provider)
    return Way(provider, connection)


def tell(connection: ConnectionRow, provider: OpenIdProvider, **changes: Any) -> None:
    """What `gangway connection oidc` does, two minutes ago."""
    now = clock.now() - timedelta(minutes=2)
    with scopes.one(connection.partner_id):
        found = oidc.discover(provider.issuer)
        mine = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET, **changes}
        actions.set_oidc(connection_id=connection.id, actor=ME, now=now, **mine)
        actions.store_discovery(
            connection_id=connection.id,
            issuer=provider.issuer,
            document=found.document,
            keys=found.keys,
            actor=ME,
            now=now,
        )


def last_failure() -> str:
    with scopes.host():
        return str(FailedSignIn.objects.order_by("-at", "-id").values_list("reason", flat=True)[0])
