"""What `gangway up` refuses before it starts anything, and how it waits for the first answer."""

import http.server
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from gangway.config import up
from gangway.config.settings import Environment


@contextmanager
def listening() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_a_taken_port_is_refused_with_another_one_to_try() -> None:
    with listening() as port, pytest.raises(up.PortTaken) as refused:
        up.require_free_port("127.0.0.1", port)
    assert str(refused.value) == f"Port {port} on 127.0.0.1 is taken by another program."
    assert f"PORT={port + 1}" in refused.value.step


def test_a_free_port_is_free_again_after_the_look() -> None:
    with listening() as port:
        pass
    up.require_free_port("127.0.0.1", port)
    up.require_free_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(up.NotAllowedPort, match=r"may not listen on 203\.0\.113\.1"):
        up.require_free_port("203.0.113.1", 8000)


def test_the_first_answer_is_waited_for() -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *words: object) -> None:
            """Quiet."""

    said: list[str] = []
    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        waiting = up.FirstAnswer(
            threading.Event(), f"http://127.0.0.1:{server.server_port}/", lambda: said.append("ready")
        )
        waiting.start()
        waiting.join(10)
        server.shutdown()
    assert said == ["ready"]
    assert not waiting.missed


def test_without_an_answer_everything_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(up, "WAIT_SECONDS", 0.3)
    with listening() as port:
        pass
    stop = threading.Event()
    waiting = up.FirstAnswer(stop, f"http://127.0.0.1:{port}/", lambda: None)
    waiting.start()
    assert stop.wait(10)
    assert waiting.missed


def test_the_web_server_is_told_what_the_settings_say() -> None:
    child = up.web(Environment(PORT=8123, BIND="0.0.0.0", WEB_WORKERS=3, WEB_THREADS=2))
    words = " ".join(child.command)
    for pair in ("--port 8123", "--host 0.0.0.0", "--workers 3", "--blocking-threads 2", "--http 1"):
        assert pair in words


@pytest.mark.django_db
def test_the_role_of_production_may_start() -> None:
    up.require_database()


@pytest.mark.postgres_only
@pytest.mark.django_db(databases=["default", "owner"])
def test_a_role_that_owns_the_tables_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections

    monkeypatch.setattr(up.check, "MAIN", "owner")
    owner = connections["owner"]
    assert owner.settings_dict["USER"] != connection.settings_dict["USER"]
    with pytest.raises(up.NotHeld, match="owns tables"):
        up.require_database()
