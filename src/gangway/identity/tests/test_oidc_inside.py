"""A part of experiment 8: no address that a provider names leads inside, seen at the socket.

Each form of an address is given as the issuer, as an endpoint that discovery names, as the place of a token or of
claims, and as where a redirect leads. On loopback somebody listens at the port they all name: nobody may come there.
"""

import socket
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Any

import pytest

from gangway.identity import oidc
from gangway.identity.oidc import discovery
from gangway.identity.rules.oidc import Fault, Reason
from gangway.identity.tests.openid import OpenIdProvider
from gangway.kernel import outbound

NUMBERS = (
    *("127.0.0.1", "127.1", "127.0.0.2", "0", "0.0.0.0", "0x7f.1", "0x7f000001", "2130706433", "017700000001"),
    *("127.000.000.001", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.0.0.192"),
    *("198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]"),
    *("[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[fe80::1]"),
    *("[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[2001::1]"),
)
NAMES = {
    "localhost": ["127.0.0.1"],
    "localhost.": ["127.0.0.1"],
    "LOCALHOST": ["127.0.0.1"],
    "inside.evil.example": ["127.0.0.1"],
    "metadata.evil.example": ["169.254.169.254"],
    "six.evil.example": ["::1"],
    "mapped.evil.example": ["::ffff:127.0.0.1"],
    "both.evil.example": ["127.0.0.1", "8.8.8.8"],
    "router.evil.example": ["192.168.1.1"],
}
FORMS = [f"{scheme}://{host}" for scheme in ("https", "http") for host in (*NUMBERS, *NAMES)]
PLACES = ("issuer", "jwks_uri", "token_endpoint", "redirect")
_connects: list[Any] = []
sys.addaudithook(lambda event, words: _connects.append(words[1]) if event == "socket.connect" else None)


@dataclass
class Trap:
    """Somebody listens at `port` on loopback."""

    port: int
    allowed: tuple[str, int]

    def connects(self) -> list[Any]:
        """Every address this process tried to reach since it was last asked, but the provider's."""
        seen = [where for where in _connects if isinstance(where, tuple) and where[:2] != self.allowed]
        _connects.clear()
        return seen


@pytest.fixture
def trap(provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    ask = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        """Our own names; everything else is a number, which needs no asking around."""
        return [row for ip in NAMES.get(host, [host]) for row in ask(ip, port, *args, **options)]

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        made = Trap(listening.getsockname()[1], provider.pair)
        made.connects()
        yield made


def lead(provider: OpenIdProvider, url: str, place: str) -> Reason | None:
    """Have Gangway led there: what it says."""
    provider.be_honest()
    try:
        if place == "issuer":
            oidc.discover(url)
        elif place == "redirect":
            provider.replies["/jwks"] = (302, {"Location": url}, b"")
            oidc.discover(provider.issuer)
        elif place == "token_endpoint":
            discovery.ask(url, "The token endpoint", form={"code": "x"})
        else:
            provider.says = {place: url}
            oidc.discover(provider.issuer)
    except Fault as fault:
        return fault.reason
    return None


@pytest.mark.parametrize("place", PLACES)
def test_no_form_of_an_address_leads_inside(provider: OpenIdProvider, trap: Trap, place: str) -> None:
    reached, taken = [], []
    for form in FORMS:
        url = f"{form}:{trap.port}/x"
        if lead(provider, url, place) is None:
            taken.append(url)
        reached += [(url, where) for where in trap.connects()]
    assert (reached, taken) == ([], [])


def test_there_are_enough_of_them() -> None:
    assert len(FORMS) * len(PLACES) >= 300


def test_a_name_that_changes_its_mind_is_asked_when_it_is_connected(
    provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: public when the settings were made, loopback later."""
    monkeypatch.setitem(NAMES, "changes.evil.example", ["127.0.0.1"])
    found = lead(provider, f"https://changes.evil.example:{trap.port}/x", "issuer")
    assert (found, trap.connects()) == (Reason.ADDRESS, [])


def test_control_without_the_check_somebody_comes_inside(
    provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound, "public_address", lambda text: True)
    monkeypatch.setattr(discovery, "SECONDS", 0.3)
    for place in PLACES[:3]:
        with suppress(Fault):
            lead(provider, f"https://inside.evil.example:{trap.port}/x", place)
        assert trap.connects() == [("127.0.0.1", trap.port)]
