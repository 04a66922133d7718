"""A vendor's portal for tests: it signs tokens, honest or not, and posts them by a browser."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from django.http import HttpResponse

from gangway.identity import actions, handover, queries
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.tests.conftest import ME, Browser
from gangway.identity.tests.openid import key, signed
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import host_partner

ISSUER, START = "https://portal.acme.example", "https://portal.acme.example/learn?from=gangway"


def public(*named: str) -> str:
    return json.dumps(key(*(named or ("one",))).as_dict(private=False))


def open_portal(*keys: str) -> None:
    """What the console's page does: the portal, its keys, and its door."""
    host = host_partner()
    assert host is not None
    with scopes.one(host.id):
        actions.set_portal(name="Acme Portal", issuer=ISSUER, start_url=START, actor=ME, now=clock.now())
        for text in keys or (public(),):
            for one in handover.read_keys(text):
                actions.add_portal_key(key=one, actor=ME, now=clock.now())
        actions.set_portal_state(state=ConnectionState.ACTIVE, actor=ME, now=clock.now())


@dataclass
class Portal:
    """`claims`: overrides of what is signed (None takes a name out); `how`: of how it is signed."""

    browser: Browser = field(default_factory=Browser)
    claims: dict[str, Any] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)

    def start(self, return_to: str = "", browser: Browser | None = None) -> str:
        """Gangway sends the browser here: the nonce it brought."""
        answer = (browser or self.browser).get("/handover/start", {"return_to": return_to} if return_to else {})
        assert answer.status_code == 302, answer.content
        assert answer["Location"].startswith(f"{START}&nonce=")
        return parse_qs(urlsplit(answer["Location"]).query)["nonce"][0]

    def token(self, nonce: str | None, **more: Any) -> str:
        row, now = queries.vendor_portal(), int(clock.now().timestamp())
        assert row is not None
        honest = {
            "iss": ISSUER, "aud": row.audience, "iat": now, "exp": now + 120, "jti": uuid4().hex, "nonce": nonce,
            "partner": "nordwind", "sub": "4711", "email": "ana@nordwind.example",
        }  # fmt: skip
        whole = {name: value for name, value in {**honest, **self.claims, **more}.items() if value is not None}
        how = {"with_key": key("one"), **self.how}
        return signed(whole, **how)

    def post(self, token: str, browser: Browser | None = None) -> HttpResponse:
        """The browser posts the token from the portal's site, without our cookies, and follows by GET with them."""
        answer = Browser().post("/handover", {"token": token})
        if answer.status_code != 303:
            return answer
        return (browser or self.browser).get(answer["Location"])

    def hand_over(self, return_to: str = "", **claims: Any) -> HttpResponse:
        return self.post(self.token(self.start(return_to), **claims))
