"""A small installation of its own for a benchmark: made by the command, on SQLite, in a folder that goes away."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from gangway.config import up
from gangway.config.settings import Environment
from gangway.config.supervisor import Child, Supervisor

ESSENTIALS = Path(__file__).parents[1] / "demo" / "partner-essentials"
NAME, MAIL, STAFF = "Benedikta Benchmark", "bench@nordwind.example", "bench@host.example"
MANY = ("many", "peer", "meanwhile", "learners")  # partners that people are imported into
PATIENCE = 300.0
IDLE = 10.0  # seconds; after 30 the server lets a line go on which nobody asks
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class BenchFailed(RuntimeError):
    """No figure: something did not answer as it should."""


class House:
    """Where the installation is, and its command."""

    def __init__(self, folder: Path, databases: Mapping[str, str] | None = None) -> None:
        with socket.socket() as trial:
            trial.bind(("127.0.0.1", 0))
            self.port: int = trial.getsockname()[1]
        self.folder = folder
        unset = {"DATABASE_URL", "DATABASE_OWNER_URL", "EMAIL_URL", "BASE_URL"}
        self.environment = {name: value for name, value in os.environ.items() if name not in unset}
        self.environment |= {"GANGWAY_HOME": str(folder), "PORT": str(self.port), "LOG_LEVEL": "ERROR"}
        # Said, not left out: what is not said here a child takes from this process.
        self.environment |= databases or {"DATABASE_URL": f"sqlite:///{self.database}", "DATABASE_OWNER_URL": ""}
        self.database_kind = "postgresql" if databases else "sqlite"

    @property
    def database(self) -> Path:
        return self.folder / "gangway.sqlite3"

    def run(self, *words: str) -> str:
        """Run `gangway …` there; BenchFailed with its words if it does not end well."""
        done = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "gangway.config.cli", *words],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode:
            raise BenchFailed(f"gangway {' '.join(words)}: {done.stdout}{done.stderr}"[-2000:])
        return done.stdout

    def furnish(self) -> None:
        """One partner, one person, the course that comes with Gangway; the work that waits is done."""
        partners, people = self.folder / "partners.csv", self.folder / "people.csv"
        partners.write_text("slug,name,type\nnordwind,Nordwind,reseller\n")
        people.write_text(f"name,email\n{NAME},{MAIL}\n")
        self.run("partner", "apply", str(partners))
        self.run("person", "import", str(people), "--partner", "nordwind", "--no-letters")
        self.run("course", "import", str(ESSENTIALS))

    def furnish_for_people(self, learners: int) -> None:
        """Beside that: empty partners to import into, learners with an address each, and one of the channel team."""
        rows = {
            "partners": ["slug,name,type", *(f"{slug},{slug.title()},reseller" for slug in MANY)],
            "learners": ["name,email", *(f"Learner {n},learner{n}@learner.example" for n in range(learners))],
            "staff": ["name,email,role", f"{NAME},{STAFF},platform_admin"],
        }
        for name, lines in rows.items():
            (self.folder / f"{name}.csv").write_text("\n".join([*lines, ""]))
        self.run("partner", "apply", str(self.folder / "partners.csv"))
        (host,) = (row["slug"] for row in json.loads(self.run("partner", "list", "--json")) if row["kind"] == "host")
        for name, slug in (("learners", "learners"), ("staff", host)):
            self.run("person", "import", str(self.folder / f"{name}.csv"), "--partner", slug, "--no-letters")
        self.host = host

    @contextmanager
    def serving(self, application: str = up.APPLICATION) -> Iterator[int]:
        """The web server alone; gives its process id."""
        env = Environment(PORT=self.port, BIND="127.0.0.1", WEB_WORKERS=1)  # type: ignore[call-arg]
        child = up.web(env, application)
        with self._running(child) as process:
            if not _wait(lambda: up.answers(f"http://127.0.0.1:{self.port}/readyz")):
                raise BenchFailed("the web server did not answer")
            yield process

    @contextmanager
    def working(self) -> Iterator[int]:
        """The worker alone; gives its process id."""
        with self._running(up.worker()) as process:
            yield process

    @contextmanager
    def _running(self, child: Child) -> Iterator[int]:
        supervisor = Supervisor([child], self.environment)
        thread = threading.Thread(target=supervisor.run, name="bench-supervisor")
        thread.start()
        try:
            if not _wait(lambda: child.process is not None):
                raise BenchFailed(f"{child.name} did not start")
            assert child.process is not None
            yield child.process.pid
        finally:
            supervisor.stop.set()
            thread.join()

    def sign_in(self, mail: str = MAIL, slug: str = "nordwind") -> str:
        """Come in by the operator's link, say yes to the welcome page; the cookies of the session."""
        link = re.search(r"https?://\S+", self.run("sign-in-link", mail, "--partner", slug))
        if link is None:
            raise BenchFailed("sign-in-link printed no link")
        visitor = Visitor(self.port)
        visitor.press(urlsplit(link.group()).path)
        visitor.press("/welcome", name=NAME, locale="en", zone="Europe/Berlin", next="")
        return visitor.cookies


class Visitor:
    """A browser without pictures: keeps cookies and its connection, sends the form token back."""

    def __init__(self, port: int, cookies: str = "") -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.went, self._asked = "", time.monotonic()
        self._jar = dict(pair.split("=", 1) for pair in cookies.split("; ") if pair)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._jar.items())

    def get(self, path: str) -> tuple[int, bytes]:
        return self._ask("GET", path)

    def press(self, path: str, *, at: str = "", **fields: str) -> float:
        """Open a page (`at` another one) and press its button; milliseconds that the press alone took.

        `went` is where it leads.
        """
        _status, page = self.get(at or path)
        token = TOKEN.search(page.decode())
        form = {**fields, "csrfmiddlewaretoken": token.group(1) if token else ""}
        begun = time.perf_counter()
        status, answer = self._ask("POST", path, urlencode(form))
        waited = (time.perf_counter() - begun) * 1000
        if status not in (200, 302, 303):
            raise BenchFailed(f"{path} answered {status}: {answer[:300]!r}")
        return waited

    def _ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        origin = f"http://127.0.0.1:{self.connection.port}"
        headers = {"Cookie": self.cookies, "Origin": origin, "Accept": "text/html"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if time.monotonic() - self._asked > IDLE:
            self.connection.close()  # the next request opens another
        self.connection.request(method, path, body or None, headers)
        self._asked = time.monotonic()
        answer = self.connection.getresponse()
        self.went = answer.headers.get("Location", "")
        for value in answer.headers.get_all("Set-Cookie") or []:
            name, _, content = value.split(";", 1)[0].partition("=")
            self._jar[name] = content
        return answer.status, answer.read()


def _wait(condition: object) -> bool:
    for _ in range(int(PATIENCE / 0.1)):
        if condition():  # type: ignore[operator]
            return True
        threading.Event().wait(0.1)
    return False
