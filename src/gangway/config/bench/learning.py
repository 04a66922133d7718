"""`gangway bench learning`: what a learner's pages, handing in and certificates cost; how heavy a first visit is."""

import json
import re
import subprocess
import sys
import zlib
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urljoin, urlsplit

from gangway.config.bench import pages, people
from gangway.config.bench.house import BenchFailed, House, Visitor

COURSE = people.COURSE
BARE, WITH_BARE = "/bare", "gangway.config.bare"  # never imported here: this process keeps the pages it has
INSIDE = "import sys, django; django.setup(); from gangway.config.bench.inside import main; main(sys.argv[1:])"
HELD_BY = re.compile(
    r'<(?:script|img)[^>]+src="([^"]+)"|<link[^>]+rel="(?:stylesheet|preload|icon)"[^>]+href="([^"]+)"'
)
FETCHED_BY_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)")
LESSON_LINK = re.compile(rf'href="({re.escape(COURSE)}/lessons/[^"?#]+)"')


@dataclass(frozen=True)
class Cold:
    """A first visit with nothing in the browser's store: requests, and kilobytes as they travel (compressed)."""

    path: str
    requests: int
    kilobytes: float
    largest: str


def costs(house: House, rounds: int, batch: int) -> tuple[list[pages.Cost], Cold]:
    """The floor, the bare view, the course page and its first lesson, batch about batch; then a first visit. The house
    is empty of other work."""
    with house.serving(f"{WITH_BARE}:application") as web:
        visitor = Visitor(house.port, house.sign_in())
        visitor.press(f"{COURSE}/begin", at=COURSE)
        lesson = LESSON_LINK.search(visitor.get(COURSE)[1].decode())
        if lesson is None:
            raise BenchFailed("the course page leads to no lesson")
        paths = (pages.FLOOR, BARE, COURSE, lesson[1])
        found = pages.compare(house, web, visitor.cookies, paths, rounds, batch)
        return found, cold(visitor, COURSE)


def hand_in(house: House) -> list[people.Waits]:
    """Learners take the check one after the other with nothing beside it. The house serves."""
    saved, handed_in = list[float](), list[float]()
    with house.serving(), house.working():
        cookies = people.learners(house)
    with house.serving():
        for cookie in cookies:
            people.take(Visitor(house.port, cookie), saved, handed_in)
    return [people.waited("save an answer", saved), people.waited("hand in", handed_in)]


def inside(house: House, *words: str) -> dict[str, Any]:
    """Work in a process of its own, in that house: what it printed."""
    done = subprocess.run(  # noqa: S603  our own module
        [sys.executable, "-c", INSIDE, *words],
        env=house.environment | {"DJANGO_SETTINGS_MODULE": "gangway.config.settings"},
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
    )
    if done.returncode:
        raise BenchFailed(f"{words}: {done.stderr}"[-2000:])
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def cold(visitor: Visitor, path: str) -> Cold:
    """Fetch a page and everything that it holds or its style sheets fetch, once each, compressed."""
    sizes = {path: _travels(visitor, path)}
    waiting = _held(visitor.get(path)[1].decode(), path)
    while waiting:
        address = waiting.pop()
        if address in sizes:
            continue
        sizes[address] = _travels(visitor, address)
        if urlsplit(address).path.endswith(".css"):
            waiting |= _first_fonts(visitor.get(address)[1].decode(), address)
    largest = max(sizes, key=lambda address: sizes[address])
    return Cold(path, len(sizes), round(sum(sizes.values()) / 1024, 1), f"{largest} {sizes[largest] / 1024:.1f}")


def _held(page: str, path: str) -> set[str]:
    found = {urljoin(path, one or other) for one, other in HELD_BY.findall(page)}
    return {address for address in found if not address.startswith("data:")}


def _first_fonts(style: str, address: str) -> set[str]:
    """The fonts of a style sheet that a page in Latin letters fetches: those of the plain face."""
    found = {urljoin(address, one) for one in FETCHED_BY_STYLE.findall(style) if not one.startswith(("data:", "#"))}
    return {one for one in found if "latin" in one and "ext" not in one} or found


def _travels(visitor: Visitor, path: str) -> int:
    """Bytes of an answer on the wire: its head, and its body as a browser that takes gzip gets it."""
    connection = HTTPConnection("127.0.0.1", visitor.connection.port, timeout=30)
    connection.request("GET", path, headers={"Cookie": visitor.cookies, "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise BenchFailed(f"{path} answered {answer.status}")
    if answer.headers.get("Content-Encoding") == "gzip":
        zlib.decompress(body, 31)
    head = sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    connection.close()
    return head + len(body)
