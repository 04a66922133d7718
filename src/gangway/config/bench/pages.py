"""The cost of a page beside the cost of answering at all: CPU of the web server's processes, batch about batch."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from gangway.config.bench import cpu
from gangway.config.bench.house import NAME, BenchFailed, House, Visitor

FLOOR = "/me"  # loads session, person and partner, and says who it is
PAGE = "/courses/partner-essentials"
WARM_UP = 30


@dataclass(frozen=True)
class Cost:
    """One page: CPU of the server per request (median and worst of the batches), and what a visitor waited."""

    path: str
    requests: int
    cpu_ms: float
    cpu_ms_worst_batch: float
    wait_ms_p50: float
    wait_ms_p95: float


def measure(house: House, rounds: int, batch: int) -> list[Cost]:
    """Both pages, interleaved. BenchFailed unless every answer is 200 and shows who is signed in, before and after."""
    with house.serving() as web:
        return compare(house, web, house.sign_in(), (FLOOR, PAGE), rounds, batch)


def compare(house: House, web: int, cookies: str, paths: Sequence[str], rounds: int, batch: int) -> list[Cost]:
    """These pages of somebody who is signed in, interleaved; `web` is the server's process."""
    visitor = Visitor(house.port, cookies)
    for path in paths:
        _require_signed_in(visitor, path)
        _batch(visitor, path, WARM_UP)
    pids = cpu.tree(web)
    spent: dict[str, list[float]] = {path: [] for path in paths}
    waits: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(rounds):
        for path in paths:
            before = cpu.spent_ms(pids)
            waits[path] += _batch(visitor, path, batch)
            spent[path].append((cpu.spent_ms(pids) - before) / batch)
    if sorted(cpu.tree(web)) != sorted(pids):
        raise BenchFailed("a process of the web server was replaced meanwhile")
    for path in paths:
        _require_signed_in(visitor, path)
    return [_cost(path, spent[path], waits[path]) for path in paths]


def _batch(visitor: Visitor, path: str, count: int) -> list[float]:
    """Milliseconds each of `count` requests took; every one must be 200."""
    waits = []
    for _ in range(count):
        begun = time.perf_counter()
        status, _body = visitor.get(path)
        waits.append((time.perf_counter() - begun) * 1000)
        if status != 200:
            raise BenchFailed(f"{path} answered {status}")
    return waits


def _require_signed_in(visitor: Visitor, path: str) -> None:
    """The page shows a name that only the signed-in person sees, and a stranger does not get it."""
    marker = NAME.split()[0].encode()
    status, body = visitor.get(path)
    stranger_status, stranger_body = Visitor(visitor.connection.port or 0).get(path)
    if status != 200 or marker not in body:
        raise BenchFailed(f"{path} does not show who is signed in ({status})")
    if stranger_status == 200 or marker in stranger_body:
        raise BenchFailed(f"{path} shows itself to strangers ({stranger_status})")


def _cost(path: str, spent: list[float], waits: list[float]) -> Cost:
    return Cost(
        path=path,
        requests=len(waits),
        cpu_ms=round(statistics.median(spent), 2),
        cpu_ms_worst_batch=round(max(spent), 2),
        wait_ms_p50=round(statistics.median(waits), 2),
        wait_ms_p95=round(statistics.quantiles(waits, n=20)[-1], 2),
    )
