"""`gangway bench scim`: a directory of many people, beside django-scim2 on the same database, one after the other."""

import itertools
import json
import secrets
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.client import HTTPConnection
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote

from gangway.config import up
from gangway.config.bench import cpu
from gangway.config.bench.house import BenchFailed, House
from gangway.config.bench.people import Waits, waited
from gangway.config.peer.names import BEARER, user_name

OURS, PEER = up.APPLICATION, "gangway.config.peer.wsgi:application"
SEED = "import sys, django; django.setup(); from {} import main; main(sys.argv[1:])"
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LONG = 3_600
PAGE = 100
WARM = 20  # of each kind before anything is measured: every thread of a server has then written its statements
MIX = (*("find",) * 16, *("patch",) * 3, "bring")  # 80 %, 15 %, 5 %
LINES = 4  # connections of the client while it keeps a rate


@dataclass(frozen=True)
class Cost:
    """One kind of request: CPU of the server for each, and what a directory waited."""

    what: str
    requests: int
    cpu_ms: float
    wait_ms_p50: float
    wait_ms_p95: float


@dataclass(frozen=True)
class Membership:
    """A person joins and quits a group of so many, by PATCH."""

    members: int
    requests: int
    cpu_ms: float
    wait_ms_p50: float


@dataclass(frozen=True)
class Rate:
    """The mix, so many a second: what each waited from the moment it was due."""

    per_second: int
    waits: Waits


@dataclass(frozen=True)
class Seeded:
    """Where a directory is, and what it holds: `groups` by id, some `persons` who are in none of them."""

    port: int
    token: str
    people: int
    groups: Mapping[str, int]
    persons: Sequence[str]


class Client:
    """A directory's line to a server."""

    def __init__(self, port: int, token: str) -> None:
        self.line = HTTPConnection("127.0.0.1", port, timeout=60)
        self.token = token

    def ask(self, method: str, path: str, body: Any = None) -> tuple[float, Any]:
        """Milliseconds, and the answer's JSON; BenchFailed unless it is a 2xx."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        begun = time.perf_counter()
        self.line.request(method, f"/scim/v2{path}", None if body is None else json.dumps(body), headers)
        answer = self.line.getresponse()
        text = answer.read()
        took = (time.perf_counter() - begun) * 1000
        if answer.status not in (200, 201, 204):
            raise BenchFailed(f"{method} {path} answered {answer.status}: {text[:300]!r}")
        return took, json.loads(text) if text else None

    def find(self, number: int) -> float:
        """By user name; exactly one must be found."""
        asked = quote(f'userName eq "{user_name(number)}"')
        took, found = self.ask("GET", f"/Users?filter={asked}")
        if found["totalResults"] != 1:
            raise BenchFailed(f"{user_name(number)} was found {found['totalResults']} times")
        return took

    def bring(self, name: str) -> float:
        return self.ask("POST", "/Users", user(name))[0]

    def rename(self, person: str, name: str) -> float:
        operation = {"op": "replace", "path": "name.familyName", "value": name}
        return self.ask("PATCH", f"/Users/{person}", {"schemas": [PATCH], "Operations": [operation]})[0]

    def page(self, start: int, count: int) -> float:
        took, found = self.ask("GET", f"/Users?startIndex={start}&count={count}")
        if len(found["Resources"]) != count:
            raise BenchFailed(f"a page of {count} held {len(found['Resources'])}")
        return took


def user(name: str) -> dict[str, Any]:
    """A user as Entra sends one, as far as both servers keep it."""
    return {
        "schemas": [SCHEMA],
        "userName": name,
        "externalId": f"x-{name}",
        "active": True,
        "name": {"givenName": "Person", "familyName": name[:20]},
        "emails": [{"value": name, "type": "work", "primary": True}],
    }


@dataclass
class Server:
    """A server that runs: its processes, a line to it, and the names it was sent."""

    seeded: Seeded
    pids: list[int]
    label: str
    sent: int = 0

    def client(self) -> Client:
        return Client(self.seeded.port, self.seeded.token)

    def fresh(self) -> str:
        """A name nobody has yet."""
        self.sent += 1
        return f"{self.label}{self.sent}@fresh.example"

    def numbers(self, count: int) -> Iterator[int]:
        """Who is looked for: far apart, so that no page is near the last one."""
        return ((n * 7_919) % self.seeded.people for n in range(count))


def prepare(house: House, people: int, sizes: Sequence[int]) -> tuple[Seeded, Seeded]:
    """A directory of so many people for both; ours has groups of these sizes too."""
    if find_spec("django_scim") is None:
        raise BenchFailed("django-scim2 is not installed: pip install django-scim2")
    house.run("connection", "add", "--partner", "nordwind", "--kind", "scim")
    token = house.run("token", "issue", "--partner", "nordwind", "--right", "scim").strip()
    words = ["nordwind", str(people), *map(str, sizes)]
    told = json.loads(_seed(house, "gangway.config.settings", "gangway.config.bench.seeding", words))
    ours = Seeded(house.port, token, people, told["groups"], told["persons"])
    house.environment[BEARER] = secrets.token_urlsafe(32)
    _seed(house, "gangway.config.peer.settings", "gangway.config.peer.seeding", [str(people)])
    return ours, replace(ours, token=house.environment[BEARER], groups={}, persons=["1"])


def _seed(house: House, settings: str, module: str, words: Sequence[str]) -> str:
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-c", SEED.format(module), *words],
        env=house.environment | {"DJANGO_SETTINGS_MODULE": settings},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(f"{module}: {done.stderr}"[-2000:])
    return done.stdout


@contextmanager
def serving(house: House, seeded: Seeded, application: str) -> Iterator[Server]:
    """A server of the same shape for either application; BenchFailed if a process was replaced meanwhile."""
    with house.serving(application) as web:
        server = Server(seeded, cpu.tree(web), application.split(".")[2][:4])
        client = server.client()
        for number in server.numbers(WARM):
            client.find(number)
            client.bring(server.fresh())
        yield server
        if sorted(cpu.tree(web)) != sorted(server.pids):
            raise BenchFailed("a process of the web server was replaced meanwhile")


def finding(server: Server, requests: int) -> Cost:
    client, numbers = server.client(), server.numbers(requests)
    return cost(server, "userName eq", requests, lambda: client.find(next(numbers)))


def bringing(server: Server, requests: int) -> Cost:
    client = server.client()
    return cost(server, "POST /Users", requests, lambda: client.bring(server.fresh()))


def paging(server: Server, requests: int, start: int, count: int = PAGE) -> Cost:
    client = server.client()
    what = f"startIndex={start}&count={count}"
    return cost(server, what, requests, lambda: client.page(start, count))


def joining(server: Server, requests: int) -> list[Membership]:
    """One joins and quits groups of every size, taking turns."""
    client, seeded = server.client(), server.seeded
    person = seeded.persons[0]
    member = [{"value": person}]

    def turn(group: str) -> float:
        join = {"op": "add", "path": "members", "value": member}
        leave = {"op": "remove", "path": f'members[value eq "{person}"]'}
        asked = [{"schemas": [PATCH], "Operations": [one]} for one in (join, leave)]
        return sum(client.ask("PATCH", f"/Groups/{group}", one)[0] for one in asked) / len(asked)

    for group in seeded.groups:
        turn(group)
    found = []
    for group, size in seeded.groups.items():
        one = cost(server, group, requests, partial(turn, group))
        found.append(Membership(size, requests * 2, round(one.cpu_ms / 2, 2), one.wait_ms_p50))
    return found


def mixed(server: Server, requests: int) -> Cost:
    """80 % look for somebody, 15 % change one, 5 % bring one; one after the other."""
    one = _mix(server, server.client())
    return cost(server, "80 % userName eq, 15 % PATCH, 5 % POST", requests, one)


def _mix(server: Server, client: Client, line: int = 0) -> Callable[[], float]:
    """Each line changes people of its own: two that change one at once would be told so."""
    places, numbers, persons = itertools.count(), server.numbers(sys.maxsize), server.seeded.persons

    def one() -> float:
        place = next(places)
        match MIX[(place * 7) % len(MIX)]:
            case "find":
                return client.find(next(numbers))
            case "patch":
                return client.rename(persons[(place * LINES + line) % len(persons)], f"{id(client)} {place}")
            case _:
                return client.bring(server.fresh())

    return one


def cost(server: Server, what: str, requests: int, one: Callable[[], float]) -> Cost:
    before = cpu.spent_ms(server.pids)
    waits = [one() for _ in range(requests)]
    spent = cpu.spent_ms(server.pids) - before
    found = waited(what, waits)
    return Cost(what, requests, round(spent / requests, 2), round(statistics.median(waits), 2), found.p95_ms)


def at_a_rate(server: Server, per_second: int, seconds: int) -> Rate:
    """The mix at a steady rate, whether or not the server keeps up; a wait begins when its request was due."""
    clients = [server.client() for _ in range(LINES)]
    works = [_mix(server, client, line) for line, client in enumerate(clients)]
    waits: list[float] = []
    begun, never = time.monotonic(), threading.Event()

    def line(number: int) -> None:
        for place in range(number, per_second * seconds, LINES):
            due = begun + place / per_second
            never.wait(max(0.0, due - time.monotonic()))
            works[number]()
            waits.append((time.monotonic() - due) * 1000)

    with ThreadPoolExecutor(LINES) as pool:
        for done in [pool.submit(line, number) for number in range(LINES)]:
            done.result()
    return Rate(per_second, waited("the mix", waits))
