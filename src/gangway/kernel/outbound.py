"""The one gate to the outside world: HTTP that cannot be led inside, and the question whether mail may leave.

The address is checked when the connection is made (not when the URL is read: names can change in between), against an
explicit list: `ipaddress.is_global` passes NAT64, 6to4 and IPv4-compatible addresses. Redirects are not followed.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import httpcore
import httpx
from django.conf import settings

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


class _Stream(httpcore.NetworkStream):
    """A connection that is over at `ends`, however slowly its other side goes on."""

    def __init__(self, inner: httpcore.NetworkStream, ends: float) -> None:
        self._inner = inner
        self._ends = ends

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        left = self._ends - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the answer took too long")
        return self._inner.read(max_bytes, left if timeout is None else min(timeout, left))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._ends)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend(httpcore.NetworkBackend):
    def __init__(self, allowed: frozenset[tuple[str, int]], ends: float) -> None:
        self._allowed = allowed
        self._ends = ends
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
                found = self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
                return _Stream(found, self._ends)
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


def http(
    *, allow: Iterable[tuple[str, int]] = (), timeout: float = 10.0, altogether: float = float("inf")
) -> httpx.Client:
    """An httpx client for one conversation. `allow` names (ip, port) pairs that are ours, e.g. this installation;
    `timeout`: seconds for each step; `altogether`: for all of it."""
    guard()
    transport = httpx.HTTPTransport(verify=_trusted(), retries=0, trust_env=False)
    transport._pool._network_backend = _Backend(frozenset(allow), time.monotonic() + altogether)
    return httpx.Client(transport=transport, timeout=timeout, follow_redirects=False, trust_env=False)


@cache
def _trusted() -> ssl.SSLContext:
    """Whom certificates are believed of: read once, because reading all of them costs more than a conversation."""
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a stranger's server said. The body is for machines: it is never shown to anybody."""

    status: int
    body: bytes


class NoAnswer(OSError):
    """No answer came, or none that ends: the text says which, and holds nothing that the other side wrote."""


def fetch(
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    allow: Iterable[tuple[str, int]] = (),
    seconds: float = 10.0,
    limit: int = 512 * 1024,
) -> Answer:
    """Ask one address once, and read at most `limit` bytes for at most `seconds`; with a `form` it is a POST.

    A redirect is an answer like others, and is not followed. NoAnswer. NotOutside: the address is no public one.
    """
    sent = {"Accept-Encoding": "identity", **(headers or {})}  # a body that unpacks has no size before it is read
    body = bytearray()
    try:
        with (
            http(allow=allow, timeout=seconds, altogether=seconds) as client,
            client.stream("GET" if form is None else "POST", url, data=form, headers=sent) as answer,
        ):
            for piece in answer.iter_raw():
                body += piece
                if len(body) > limit:
                    raise NoAnswer(f"its answer is longer than {limit} bytes")
            return Answer(answer.status_code, bytes(body))
    except httpx.TimeoutException as error:
        raise NoAnswer(f"it did not answer within {seconds:g} seconds") from error
    except httpx.ConnectError as error:
        raise NoAnswer(f"nobody could be reached there ({_first_line(error)})") from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, OverflowError) as error:
        raise NoAnswer(f"what came was no answer of HTTP ({type(error).__name__})") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def armed() -> bool:
    """Whether this installation may write to people: production by its setting and by its row, and armed.

    The row comes along when a database is copied into a sandbox, so the setting alone closes the door too; a restored
    copy is not armed.
    """
    guard()
    if settings.GANGWAY_ENVIRONMENT != "production":
        return False
    row = Installation.objects.first()
    return row is not None and row.environment == "production" and row.armed
