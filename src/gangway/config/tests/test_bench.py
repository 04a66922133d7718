"""The benchmark gives no figure when an answer was not what it should be."""

import http.server
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gangway.config.bench import cpu, pages
from gangway.config.bench.house import NAME, BenchFailed, Visitor


@contextmanager
def server(for_member: tuple[int, str], for_stranger: tuple[int, str]) -> Iterator[int]:
    """Answers members (who send a cookie) and strangers differently."""

    class Answer(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, words = for_member if "session=1" in self.headers.get("Cookie", "") else for_stranger
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as running:
        running.daemon_threads = True
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running.server_port
        running.shutdown()


HELLO = f"Hello {NAME}"


def test_a_page_that_knows_its_member_and_hides_from_strangers_is_measured() -> None:
    with server((200, HELLO), (302, "")) as port:
        visitor = Visitor(port, "session=1")
        pages._require_signed_in(visitor, "/")
        assert len(pages._batch(visitor, "/", 7)) == 7
        visitor.connection.close()


@pytest.mark.parametrize(
    "for_member, for_stranger, words",
    [
        ((200, "Sign in"), (302, ""), "does not show who is signed in"),
        ((500, HELLO), (302, ""), "does not show who is signed in"),
        ((200, HELLO), (200, "Sign in"), "shows itself to strangers"),
        ((200, HELLO), (403, HELLO), "shows itself to strangers"),
    ],
)
def test_a_wrong_page_gives_no_figure(for_member: tuple[int, str], for_stranger: tuple[int, str], words: str) -> None:
    with server(for_member, for_stranger) as port, pytest.raises(BenchFailed, match=words):
        pages._require_signed_in(Visitor(port, "session=1"), "/")


def test_an_answer_that_is_not_200_ends_the_measurement() -> None:
    with server((503, ""), (503, "")) as port, pytest.raises(BenchFailed, match="answered 503"):
        pages._batch(Visitor(port, "session=1"), "/", 3)


def test_the_cpu_of_a_busy_process_is_seen() -> None:
    before = cpu.spent_ms([os.getpid()])
    while cpu.spent_ms([os.getpid()]) < before + 50:
        sum(range(100_000))
    assert os.getpid() in cpu.tree(os.getppid())
    assert cpu.spent_ms([2**22]) == 0
