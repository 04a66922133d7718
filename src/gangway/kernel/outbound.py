"""The one gate to the outside world: HTTP that cannot be led inside, and the question whether mail may leave.

The address is checked when the connection is made (not when the URL is read: names can change in between), against an
explicit list: `ipaddress.is_global` passes NAT64, 6to4 and IPv4-compatible addresses. Redirects are not followed.
"""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from gangway.kernel.actions import running
from gangway.kernel.models import Installation

_CLOSED = [
    ipaddress.ip_network(block)
    for block in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
    )
]
_OPEN_V6 = ipaddress.ip_network("2000::/3")
_CLOSED_V6 = [
    ipaddress.ip_network(block)
    for block in ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "64:ff9b::/96", "64:ff9b:1::/48"]
]


class NotOutside(OSError):
    """The address is not on the public internet, and not one this caller was allowed."""


def public_address(text: str) -> bool:
    """Whether an IP address is one of the public internet; everything not known to be is not."""
    address = ipaddress.ip_address(text.split("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _CLOSED)
    return address in _OPEN_V6 and not any(address in block for block in _CLOSED_V6)


def guard() -> None:
    """No network inside an action: its transaction would be held open by a stranger."""
    verb = running()
    if verb is not None:
        raise RuntimeError(f"{verb} tried to reach the network inside its transaction: write a row, send it later.")


class _Backend(httpcore.NetworkBackend):
    def __init__(self, allowed: frozenset[tuple[str, int]]) -> None:
        self._allowed = allowed
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        guard()
        last: Exception = NotOutside(f"{host}: no address")
        for address in _addresses(host, port):
            if not public_address(address) and (address, port) not in self._allowed:
                raise NotOutside(f"{host} leads to {address}, which is not on the public internet.")
            try:
                return self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.ConnectError as error:
                last = error
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise NotOutside("Unix sockets are not outside.")


def _addresses(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host}: {error}") from error
    return [str(row[4][0]) for row in found]


def http(*, allow: Iterable[tuple[str, int]] = (), timeout: float = 10.0) -> httpx.Client:
    """An httpx client for one conversation. `allow` names (ip, port) pairs that are ours, e.g. this installation."""
    guard()
    transport = httpx.HTTPTransport(retries=0, trust_env=False)
    transport._pool._network_backend = _Backend(frozenset(allow))
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


def armed() -> bool:
    """Whether this installation may write to people: production, and armed (a restored copy is not)."""
    guard()
    row = Installation.objects.first()
    return row is not None and row.environment == "production" and row.armed
