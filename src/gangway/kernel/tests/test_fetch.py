"""Ask a stranger's server once: what it says is bounded in size and time, and leads nowhere else."""

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gangway.kernel import clock, outbound

HEAD = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


class Stranger:
    """A server that answers every connection with the same pieces of bytes, `pause` seconds apart."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        self.pieces: list[bytes] = [HEAD + b"\r\nhello"]
        self.pause = 0.0
        self.asked: list[bytes] = []
        self.stop = threading.Event()
        self.tls: ssl.SSLContext | None = None
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def fetch(self, url: str = "", **options: Any) -> outbound.Answer:
        return outbound.fetch(url or self.url, allow=[("127.0.0.1", self.port)], **options)

    def _serve(self) -> None:
        with suppress(OSError):  # closed at the end of the test
            while True:
                taken, _ = self.socket.accept()
                with closing(taken), suppress(OSError):
                    self._answer(taken if self.tls is None else self.tls.wrap_socket(taken, server_side=True))

    def _answer(self, line: socket.socket) -> None:
        self.asked.append(line.recv(65536))
        for piece in self.pieces:
            line.sendall(piece)
            if self.pause and self.stop.wait(self.pause):
                return
        line.shutdown(socket.SHUT_WR)  # closed at once, the line is reset and takes what was said with it
        line.settimeout(5)
        line.recv(65536)


@pytest.fixture
def stranger() -> Iterator[Stranger]:
    made = Stranger()
    yield made
    made.stop.set()
    made.socket.close()


def test_what_it_says_comes_back(stranger: Stranger) -> None:
    assert stranger.fetch() == outbound.Answer(200, b"hello")
    assert stranger.asked[0].startswith(b"GET / ")
    assert stranger.fetch(form={"a": "1 2"}, headers={"X-Own": "yes"}).body == b"hello"
    assert stranger.asked[1].startswith(b"POST / ")
    assert b"X-Own: yes" in stranger.asked[1]


def test_a_redirect_is_an_answer_and_not_followed(stranger: Stranger) -> None:
    stranger.pieces = [f"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {stranger.url}\r\n\r\n".encode()]
    assert stranger.fetch().status == 302
    assert len(stranger.asked) == 1


def test_an_answer_without_end_is_cut(stranger: Stranger) -> None:
    stranger.pieces = [HEAD + b"\r\n", *[b"x" * 1000] * 200]
    assert len(stranger.fetch().body) == 200_000
    with pytest.raises(outbound.NoAnswer, match="longer than 1000 bytes"):
        stranger.fetch(limit=1000)


def test_packed_bodies_are_not_unpacked(stranger: Stranger) -> None:
    packed = gzip.compress(b"0" * 1_000_000)
    stranger.pieces = [HEAD + b"Content-Encoding: gzip\r\n\r\n" + packed]
    assert stranger.fetch().body == packed
    assert b"Accept-Encoding: identity" in stranger.asked[0]


@pytest.mark.parametrize("pieces", [[HEAD, *[b"X: y\r\n"] * 100], [HEAD + b"\r\n", *[b"x"] * 100]])
def test_one_that_dribbles_is_left(stranger: Stranger, pieces: list[bytes]) -> None:
    """Each byte comes in time; all of them together do not."""
    stranger.pieces, stranger.pause = pieces, 0.05
    begun = time.monotonic()
    with pytest.raises(outbound.NoAnswer, match=r"within 0\.3 seconds"):
        stranger.fetch(seconds=0.3)
    assert time.monotonic() - begun < 2


def test_a_conversation_that_is_over_reads_nothing_more(stranger: Stranger) -> None:
    with outbound.http(allow=[("127.0.0.1", stranger.port)], altogether=0) as client, pytest.raises(httpx.ReadTimeout):
        client.get(stranger.url)


def test_one_that_is_silent_is_left(stranger: Stranger) -> None:
    stranger.pieces, stranger.pause = [b"", b""], 5
    with pytest.raises(outbound.NoAnswer, match="did not answer"):
        stranger.fetch(seconds=0.2)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://127.0.0.1/", "no answer of HTTP"),
        ("http://[::1/", "no answer of HTTP"),
        ("http://a b/", "no answer of HTTP|nobody could be reached"),
    ],
)
def test_an_address_that_is_none_is_no_answer(stranger: Stranger, url: str, words: str) -> None:
    with pytest.raises(outbound.NoAnswer, match=words):
        stranger.fetch(url)


def test_what_is_no_http_is_no_answer(stranger: Stranger) -> None:
    stranger.pieces = [b"220 mail.example ESMTP\r\n"]
    with pytest.raises(outbound.NoAnswer, match="RemoteProtocolError"):
        stranger.fetch()


def test_nobody_there(stranger: Stranger) -> None:
    stranger.socket.close()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    with pytest.raises(outbound.NoAnswer, match="nobody could be reached"):
        outbound.fetch(f"http://127.0.0.1:{port}/", allow=[("127.0.0.1", port)])


def test_inside_is_not_outside(stranger: Stranger) -> None:
    with pytest.raises(outbound.NotOutside):
        outbound.fetch(stranger.url)
    assert stranger.asked == []


def test_a_certificate_that_nobody_vouches_for_is_not_taken(stranger: Stranger, tmp_path: Path) -> None:
    made = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = clock.now()
    certificate = (
        x509.CertificateBuilder(name, name, made.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(made, hashes.SHA256())
    )
    pem = tmp_path / "own.pem"
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    stranger.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    stranger.tls.load_cert_chain(pem)
    with pytest.raises(outbound.NoAnswer, match="CERTIFICATE_VERIFY_FAILED"):
        stranger.fetch(f"https://127.0.0.1:{stranger.port}/")
    assert stranger.asked == []
