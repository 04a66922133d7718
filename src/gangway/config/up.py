"""`gangway up`: migrate, then the web server and the worker under one parent, until Ctrl-C or SIGTERM."""

import errno
import os
import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from django.db import connections

from gangway.config import check, schema
from gangway.config.running import announced
from gangway.config.settings import ENV, Environment
from gangway.config.supervisor import Child, Supervisor
from gangway.kernel.refusal import Refusal

APPLICATION = "gangway.config.wsgi:application"
WAIT_SECONDS = 120.0  # for the first answer: a busy machine of one core takes a minute to import the house


class PortTaken(Refusal):
    """Something else already listens where Gangway should."""

    code = "config.port_taken"
    message = "Port {port} on {bind} is taken by another program."
    next_step = "Stop that program, or choose another port: PORT={other} gangway up."


class NotHeld(Refusal):
    """The database does not answer, or would let this process past row-level security."""

    code = "config.database"
    message = "Gangway does not start on this database: {words}."
    next_step = "Mend DATABASE_URL; `gangway check` looks again."


class NeverAnswered(Refusal):
    """The web server was started and did not answer."""

    code = "config.never_answered"
    message = "The web server did not answer within {seconds:.0f} seconds. Its own words are above."
    next_step = "Run `gangway check`, mend what it names, start again."


class NotAllowedPort(Refusal):
    """The system does not let this user listen there."""

    code = "config.port_not_allowed"
    message = "This user may not listen on {bind}, port {port}: {reason}."
    next_step = "Choose a port above 1023, for example PORT=8000, and let a proxy listen on port 80."


def up(*, prepare: Callable[[], None], on_ready: Callable[[], None], env: Environment = ENV) -> None:
    """Serve until told to stop.

    prepare: runs after the migrations, before anything is served (the demo world, …).
    on_ready: runs once the first request was answered (prints the address).
    Refuses where the port is taken. Returns within five seconds of SIGINT or SIGTERM, with no process left.
    """
    require_free_port(env.bind, env.port)
    require_database()
    schema.migrate()
    with announced(env.home.expanduser().resolve(), env.address):
        prepare()
        connections.close_all()
        supervisor = Supervisor([web(env), worker()])
        supervisor.listen_for_signals()
        first_answer = FirstAnswer(supervisor.stop, f"http://{reachable(env.bind)}:{env.port}/healthz", on_ready)
        supervisor.run(on_started=first_answer.start)
    if first_answer.missed:
        raise NeverAnswered(seconds=WAIT_SECONDS)


def require_free_port(bind: str, port: int) -> None:
    """Try to listen there for a moment. Raises PortTaken or NotAllowedPort."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((bind, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTaken(port=port, bind=bind, other=port + 1 if port < 65535 else 8000) from error
            raise NotAllowedPort(port=port, bind=bind, reason=os.strerror(error.errno or 0)) from error


def require_database() -> None:
    """It answers, and holds us by row-level security. Raises NotHeld."""
    for look in (check.reachable, check.role):
        finding = look()
        if not finding.ok:
            raise NotHeld(words=finding.words)


def web(env: Environment, application: str = APPLICATION) -> Child:
    """granian, speaking WSGI over HTTP/1 with a few blocking threads a process."""
    options: dict[str, Any] = {
        "--interface": "wsgi",
        "--host": env.bind,
        "--port": env.port,
        "--http": "1",
        "--workers": env.web_workers,
        "--blocking-threads": env.web_threads,
        "--workers-kill-timeout": 2,
        "--log-level": "warning",
    }
    words = [str(word) for pair in options.items() for word in pair]
    flags = ["--no-ws", "--respawn-failed-workers"]
    return Child("web", [sys.executable, "-m", "granian", *words, *flags, application])


def worker() -> Child:
    return Child("worker", [sys.executable, "-m", "gangway.config.cli", "worker"])


class FirstAnswer(threading.Thread):
    """Waits for the first answer while the parent already looks after its children; without one it stops all."""

    def __init__(self, stop: threading.Event, address: str, on_ready: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="first-answer")
        self.stop, self.address, self.on_ready = stop, address, on_ready
        self.missed = False

    def run(self) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while not self.stop.wait(0.1):
            if answers(self.address):
                self.on_ready()
                return
            if time.monotonic() > deadline:
                self.missed = True
                self.stop.set()


def reachable(bind: str) -> str:
    """The address at which a server that listens on `bind` answers on this machine."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  read, not bound
    host = everywhere.get(bind, bind)
    return f"[{host}]" if ":" in host else host


def answers(address: str) -> bool:
    """Whether our own server answers 200 there."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:  # noqa: S310  our own loopback address
            return bool(response.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False
