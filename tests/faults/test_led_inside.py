"""Experiment 8, for the addresses that a partner's IT gives: metadata of SAML, issuers of OpenID Connect and what those
name. None of their forms leads inside, whatever is done with it, seen at the socket.

save: the address is given, and asked at once · test: a try asks for the keys that it names · deliver: a code is handed
in there · retry: it is asked again later · redirect: a public server sends on to it · rebind: its name was public when
it was given. The control checks a name when it is given and connects by asking again: there people come inside.
"""

import ipaddress
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest

from gangway.identity import oidc
from gangway.identity.oidc import discovery
from gangway.identity.rules.oidc import Fault
from gangway.identity.saml import fetching
from gangway.identity.tests.conftest import provider
from gangway.identity.tests.openid import OpenIdProvider
from gangway.identity.tests.test_oidc_inside import NAMES, NUMBERS, Trap
from gangway.kernel import outbound
from gangway.kernel.refusal import Refusal
from tests import proof

__all__ = ["provider"]

MORE = (
    *(
        "127.0.1",
        "127.0.0.1.",
        "127.255.255.254",
        "0177.0.0.1",
        "0x7f.0x0.0x0.0x1",
        "0177.0.1",
        "2130706434",
        "0x7F000001",
    ),
    *("0.0.0.1", "10.255.255.254", "10.1", "0xa.1", "012.0.0.1", "172.31.255.254", "172.16.1", "192.168.0.1"),
    *("192.168.257", "0xc0a80101", "3232235777", "100.127.255.254", "169.254.0.1", "169.254.170.2", "0xa9fea9fe"),
    *("2852039166", "192.0.2.1", "192.88.99.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "239.255.255.255"),
    *(
        "[0:0:0:0:0:0:0:1]",
        "[::ffff:10.0.0.1]",
        "[::ffff:169.254.169.254]",
        "[::ffff:192.168.1.1]",
        "[::ffff:0:127.0.0.1]",
    ),
    *("[::10.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[2002:a00:1::]", "[2002:c0a8:101::1]", "[fe80::1%25lo]", "[febf::1]"),
    *("[fdff::1]", "[ff01::1]", "[3fff::1]", "[100::1]", "user@127.0.0.1", "8.8.8.8@127.0.0.1", "a:b@[::1]"),
    *("１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"),
)
HOSTS = (*NUMBERS, *NAMES, *MORE)
FORMS = [f"{scheme}://{host}" for scheme in ("https", "http") for host in HOSTS]
# What a name leads to once it has been looked at: every address of the list that is one, as people write it.
INSIDE = [ip for host in (*NUMBERS, *MORE) for ip in [host.strip("[]")] if ip.count(":") > 1 or ip.count(".") == 3]
Lead = Callable[[OpenIdProvider, str], Any]


def redirected(provider: OpenIdProvider, url: str, ask: Callable[[str], Any]) -> Any:
    provider.replies["/jwks"] = (302, {"Location": url}, b"")
    return ask(f"{provider.issuer}/jwks")


def named(place: str) -> Lead:
    def lead(provider: OpenIdProvider, url: str) -> Any:
        provider.says = {place: url}
        return oidc.discover(provider.issuer)

    return lead


def metadata(url: str) -> bytes:
    return fetching.fetch_metadata(url, https_only=False)


def twice(ask: Callable[[str], Any]) -> Lead:
    """Again, whatever came of it at first."""

    def lead(_provider: OpenIdProvider, url: str) -> Any:
        with suppress(Fault, Refusal):
            ask(url)
        return ask(url)

    return lead


ACTS: dict[tuple[str, str], Lead] = {
    ("save", "metadata"): lambda _provider, url: metadata(url),
    ("save", "issuer"): lambda _provider, url: oidc.discover(url),
    ("test", "keys"): named("jwks_uri"),
    ("test", "token endpoint"): named("token_endpoint"),
    ("deliver", "code"): lambda _provider, url: discovery.ask(url, "The token endpoint", form={"code": "x"}),
    ("retry", "metadata"): twice(metadata),
    ("retry", "keys"): twice(lambda url: discovery.fetch_object(url, "The list of keys")),
    ("redirect", "metadata"): lambda provider, url: redirected(provider, url, metadata),
    ("redirect", "keys"): lambda provider, url: redirected(
        provider, url, lambda there: discovery.fetch_object(there, "The list of keys")
    ),
}
REBOUND: dict[str, Callable[[str], Any]] = {"metadata": metadata, "issuer": oidc.discover}


@pytest.fixture
def trap(provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trap]:
    """Somebody listens on loopback, and names are ours: no other is asked for anywhere."""
    ask = socket.getaddrinfo

    def resolve(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        text = host.decode() if isinstance(host, bytes) else str(host)
        options["flags"] = socket.AI_NUMERICHOST
        return [row for ip in NAMES.get(text, [text]) for row in ask(ip, port, *args, **options)]

    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        made = Trap(listening.getsockname()[1], provider.pair)
        made.connects()
        yield made


def led(trap: Trap, lead: Callable[[], Any]) -> tuple[list[Any], bool]:
    """Where it connected to, and whether what it was given was taken."""
    try:
        lead()
    except (Fault, Refusal):
        return trap.connects(), False
    return trap.connects(), True


def lead_inside(provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch, every: int) -> dict[str, Any]:
    """Each act with every so manieth form: what was tried, what was reached, what was taken."""
    tried: Counter[str] = Counter()
    reached, taken = [], []
    for (act, what), lead in ACTS.items():
        for form in FORMS[::every]:
            provider.be_honest()
            url = f"{form}:{trap.port}/x"
            found, was_taken = led(trap, lambda lead=lead, url=url: lead(provider, url))
            tried[act] += 1
            reached += [(act, what, url, where) for where in found]
            # a provider may name a place where nobody is asked yet: it is asked when a code is delivered
            taken += [(act, what, url)] if was_taken and what != "token endpoint" else []
    for number, ip in enumerate(INSIDE[::every]):
        name = f"n{number}.evil.example"
        for what, ask in REBOUND.items():
            for scheme in ("https", "http"):
                found, was_taken = led(trap, rebind(monkeypatch, name, ip, ask, f"{scheme}://{name}:{trap.port}/x"))
                tried["rebind"] += 1
                reached += [("rebind", what, ip, where) for where in found]
                taken += [("rebind", what, ip)] if was_taken else []
    return {"forms": len(FORMS[::every]), "tries": dict(tried), "reached": reached, "taken": taken}


def rebind(
    monkeypatch: pytest.MonkeyPatch, name: str, ip: str, ask: Callable[[str], Any], url: str
) -> Callable[[], Any]:
    """The name is public while it is looked at, and leads inside by the time it is asked."""
    monkeypatch.setitem(NAMES, name, ["8.8.8.8"])
    assert [row[4][0] for row in socket.getaddrinfo(name, 1, type=socket.SOCK_STREAM)] == ["8.8.8.8"]
    monkeypatch.setitem(NAMES, name, [ip])
    return lambda: ask(url)


def came_in_by_looking_first(provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """The control: what the name led to when it was given decides. How many of how many came inside."""
    monkeypatch.setattr(outbound, "public_address", lambda _text: True)  # it was public, when it was looked at
    monkeypatch.setattr(fetching, "SECONDS", 0.3)
    monkeypatch.setattr(discovery, "SECONDS", 0.3)
    provider.be_honest()
    tries = came = 0
    for what, ask in REBOUND.items():
        url = f"https://control-{what}.evil.example:{trap.port}/x"
        found, _ = led(trap, rebind(monkeypatch, f"control-{what}.evil.example", "127.0.0.1", ask, url))
        tries, came = tries + 1, came + (("127.0.0.1", trap.port) in found)
    return came, tries


def test_no_address_of_a_provider_leads_inside(
    provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lead_inside(provider, trap, monkeypatch, every=9)
    assert (found["reached"], found["taken"]) == ([], [])
    assert min(found["tries"].values()) >= 10
    assert came_in_by_looking_first(provider, trap, monkeypatch) == (2, 2)


@pytest.mark.prove
def test_none_of_all_forms_leads_inside(provider: OpenIdProvider, trap: Trap, monkeypatch: pytest.MonkeyPatch) -> None:
    found = lead_inside(provider, trap, monkeypatch, every=1)
    came, tries = came_in_by_looking_first(provider, trap, monkeypatch)
    proof.write(
        "8 addresses of providers",
        forms=found["forms"],
        tries=found["tries"],
        connects_inside=found["reached"],
        taken=found["taken"],
        control=f"check-then-resolve: {came} of {tries} came inside",
    )
    assert (found["reached"], found["taken"]) == ([], [])
    assert found["forms"] >= 150
    assert came == tries


def test_what_names_lead_to_are_addresses() -> None:
    assert len(INSIDE) >= 40
    assert sum(1 for ip in INSIDE if _is_address(ip)) >= 40


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(text.split("%")[0]))
    return False
