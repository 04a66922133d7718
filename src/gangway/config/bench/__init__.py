"""`gangway bench`: what a page, an event and many people cost, on an installation made for it. See bench/README.md."""

import os
import platform
import tempfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypedDict

from gangway.config.bench import learning, pages, people, relay, scim
from gangway.config.bench.house import BenchFailed, House
from gangway.kernel.refusal import Refusal


class NoFigure(Refusal):
    """Something answered wrongly, so nothing was measured."""

    code = "config.no_figure"
    message = "No figure: {words}."
    next_step = "Mend what it names and measure again."


class Report(TypedDict):
    """One measurement, with what it was made on."""

    machine: dict[str, Any]
    method: dict[str, int]
    pages: list[dict[str, Any]]
    page_over_floor: float
    relay: dict[str, Any]


class PeopleReport(TypedDict):
    """`gangway bench people`: one measurement, with what it was made on."""

    machine: dict[str, Any]
    method: dict[str, Any]
    bringing: dict[str, Any]
    meanwhile: dict[str, Any]
    doors: list[dict[str, Any]]
    lists: list[dict[str, Any]]


def run_people(*, many: int, sign_ins: int, databases: Mapping[str, str] | None = None) -> PeopleReport:
    """Import `many` people, twice; let `sign_ins` come in at once; open lists. Raises NoFigure, as `run`.

    `databases`: DATABASE_URL and DATABASE_OWNER_URL of an empty PostgreSQL database; SQLite without.
    """
    load = os.getloadavg()[0]
    try:
        with tempfile.TemporaryDirectory(prefix="gangway-bench-") as folder:
            house = House(Path(folder), databases)
            house.furnish()
            house.furnish_for_people(people.LEARNERS + sign_ins)
            if not databases:
                relay.let_rest(house)
            with house.serving(), house.working():
                doors = people.storm(house, sign_ins)
                learners = people.learners(house)
            brought = people.bring(house, many)
            with house.serving():
                waits, rate = people.quiz(house, learners, many)
                listed = people.lists(house)
    except BenchFailed as failure:
        raise NoFigure(words=str(failure)) from failure
    return {
        "machine": _machine(load),
        "method": {"database": house.database_kind, "people": many, "sign_ins": sign_ins},
        "bringing": asdict(brought),
        "meanwhile": {"people_per_second": rate, "waits": [asdict(one) for one in waits]},
        "doors": [asdict(door) for door in doors],
        "lists": [asdict(one) for one in listed],
    }


class LearningReport(TypedDict):
    """`gangway bench learning`: one measurement, with what it was made on."""

    machine: dict[str, Any]
    method: dict[str, Any]
    pages: list[dict[str, Any]]
    course_over_bare: float
    course_over_floor: float
    statements: dict[str, int]
    checks: list[dict[str, Any]]
    first_visit: dict[str, Any]
    certificates: dict[str, float]


def run_learning(
    *, rounds: int, batch: int, certificates: int, databases: Mapping[str, str] | None = None
) -> LearningReport:
    """A learner's pages, their checks, and so many certificates. Raises NoFigure, as `run`; `databases` as above."""
    load = os.getloadavg()[0]
    try:
        with tempfile.TemporaryDirectory(prefix="gangway-bench-") as folder:
            house = House(Path(folder), databases)
            house.furnish()
            house.furnish_for_people(people.LEARNERS + certificates)
            relay.let_rest(house)
            costs, first = learning.costs(house, rounds, batch)
            checks = learning.hand_in(house)
            with house.serving():
                cookies = house.sign_in()
            said = learning.inside(house, "statements", cookies, *(cost.path for cost in costs))
            issued = learning.inside(house, "certificates", "learners", str(certificates))
    except BenchFailed as failure:
        raise NoFigure(words=str(failure)) from failure
    floor, plain, course = (cost.cpu_ms for cost in costs[:3])
    return {
        "machine": _machine(load),
        "method": {"database": house.database_kind, "rounds": rounds, "batch": batch, "certificates": certificates},
        "pages": [asdict(cost) for cost in costs],
        "course_over_bare": round(course / plain, 2) if plain else 0.0,
        "course_over_floor": round(course / floor, 2) if floor else 0.0,
        "statements": said,
        "checks": [asdict(one) for one in checks],
        "first_visit": asdict(first),
        "certificates": issued,
    }


class ScimReport(TypedDict):
    """`gangway bench scim`: one measurement, with what it was made on. Peer: django-scim2."""

    machine: dict[str, Any]
    method: dict[str, Any]
    ours: list[dict[str, Any]]
    peer: list[dict[str, Any]]
    times_faster: dict[str, float]
    groups: list[dict[str, Any]]
    rate: dict[str, Any]


def run_scim(*, many: int, requests: int, seconds: int, databases: Mapping[str, str] | None = None) -> ScimReport:
    """A directory of `many` people: so many requests of each kind, then a rate for so long. Raises NoFigure."""
    load = os.getloadavg()[0]
    sizes = [size for size in (10, 1_000, 10_000) if size <= many - 500]
    start = many * 9 // 10 + 1
    try:
        with tempfile.TemporaryDirectory(prefix="gangway-bench-") as folder:
            house = House(Path(folder), databases)
            house.furnish()
            ours, peer = scim.prepare(house, many, sizes)
            with scim.serving(house, peer, scim.PEER) as server:
                theirs = [scim.finding(server, requests), scim.bringing(server, requests)]
                theirs.append(scim.paging(server, max(3, requests // 10), start))
            with scim.serving(house, ours, scim.OURS) as server:
                costs = [scim.finding(server, requests), scim.bringing(server, requests)]
                costs += [scim.paging(server, requests, start), scim.mixed(server, requests * 2)]
                joined = scim.joining(server, requests)
                kept = scim.at_a_rate(server, 25, seconds)
    except BenchFailed as failure:
        raise NoFigure(words=str(failure)) from failure
    pairs = zip(costs, theirs, strict=False)
    return {
        "machine": _machine(load),
        "method": {"database": house.database_kind, "people": many, "requests": requests, "seconds": seconds},
        "ours": [asdict(one) for one in costs],
        "peer": [asdict(one) for one in theirs],
        "times_faster": {one.what: round(two.wait_ms_p50 / one.wait_ms_p50, 1) for one, two in pairs},
        "groups": [asdict(one) for one in joined],
        "rate": asdict(kept),
    }


def _machine(load: float) -> dict[str, Any]:
    return {"cpus": os.cpu_count(), "python": platform.python_version(), "load_before": round(load, 2)}


def run(*, rounds: int, batch: int, many: int) -> Report:
    """Measure both. Raises NoFigure where an answer was not as it should be."""
    load = os.getloadavg()[0]
    try:
        with tempfile.TemporaryDirectory(prefix="gangway-bench-") as folder:
            house = House(Path(folder))
            house.furnish()
            relay.let_rest(house)
            costs = pages.measure(house, rounds, batch)
            read = relay.measure(house, many)
    except BenchFailed as failure:
        raise NoFigure(words=str(failure)) from failure
    floor, page = costs
    return {
        "machine": _machine(load),
        "method": {"rounds": rounds, "batch": batch, "people": many},
        "pages": [asdict(cost) for cost in costs],
        "page_over_floor": round(page.cpu_ms / floor.cpu_ms, 2) if floor.cpu_ms else 0.0,
        "relay": asdict(read),
    }
