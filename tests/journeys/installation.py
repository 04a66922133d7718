"""A real installation for a journey: `gangway up` on a free port with a folder of its own, and its command."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from gangway.ui.build import ensure

GANGWAY = [sys.executable, "-m", "gangway.config.cli"]


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def until(seconds: float, condition: Any, what: str) -> Any:
    """Wait until `condition()` is true and return it; fail saying what did not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        threading.Event().wait(0.1)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


class Installation:
    """`with Installation(folder, EMAIL_URL=…) as house:` serves until the block ends; `house.run` is its command."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "up.log"
        # Nothing of the test run's own database or folder: this installation is one of its own.
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "BASE_URL"}}
        self.environment = {**inherited, "GANGWAY_HOME": str(folder / "home"), "PORT": str(self.port), **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Installation":
        ensure()  # pages look and behave as their sources say
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*GANGWAY, "up"], env=self.environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
        try:
            until(300, self._ready, f"{self.address} answers; it said:\n{self.words()[-3000:]}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"gangway up ended:\n{self.words()[-3000:]}"
        return self.status("/readyz") == 200

    def words(self) -> str:
        """What `gangway up` has printed so far."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def status(self, path: str) -> int:
        """The status of one GET; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=60) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return 0

    def get(self, path: str) -> str:
        with urllib.request.urlopen(self.address + path, timeout=60) as answer:
            return str(answer.read().decode())

    def run(self, *words: str | Path) -> str:
        """Run `gangway …` beside the server; what it printed. Fails with its words if it does not end well."""
        done = subprocess.run(
            [*GANGWAY, *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert done.returncode == 0, f"gangway {' '.join(map(str, words))}:\n{done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words: str | Path) -> Any:
        """The one JSON document that `gangway … --json` prints."""
        return json.loads(self.run(*words, "--json"))

    def children(self) -> dict[str, int]:
        """Name → process id of what the parent started: web, worker."""
        assert self.process is not None
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        found = {}
        for line in listing.stdout.splitlines():
            pid, words = line.strip().split(" ", 1)
            found["web" if "granian" in words else "worker"] = int(pid)
        return found

    def ctrl_c(self) -> None:
        """Press Ctrl-C and wait until it has ended. Fails if it does not end well, or if something stays behind."""
        assert self.process is not None
        children = self.children()
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(60)
        assert code == 0, self.words()[-3000:]
        assert not [pid for pid in children.values() if Path(f"/proc/{pid}").exists()], "a child stayed behind"
