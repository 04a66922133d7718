"""The cost of an event: people are imported while nobody works, then a worker reads the log to its end."""

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import psycopg

from gangway.config.bench import cpu
from gangway.config.bench.house import BenchFailed, House

LIMIT = 300.0
REST = 2.0  # seconds of looking at a worker with nothing to do
UNREAD = """
SELECT (SELECT count(*) FROM kernel_outboxevent WHERE position IS NULL),
       (SELECT coalesce(sum(last_position), 0) FROM kernel_lane) * (SELECT count(DISTINCT "group") FROM kernel_cursor)
       - (SELECT coalesce(sum(position), 0) FROM kernel_cursor)
"""


@dataclass(frozen=True)
class Cost:
    """`events` brought to `groups` groups each, with what their handlers do; CPU of the worker's process."""

    events: int
    groups: int
    seconds: float
    events_per_second: float
    cpu_ms_per_event: float
    idle_cpu_ms_per_second: float
    parked: int


def measure(house: House, people: int) -> Cost:
    """BenchFailed if the log does not come to rest, or a handler failed. The house must be at rest before."""
    before = _events(house)
    file = house.folder / "many.csv"
    lines = [f"Person {n},person{n}@nordwind.example" for n in range(people)]
    file.write_text("\n".join(["name,email", *lines, ""]))
    house.run("person", "import", str(file), "--partner", "nordwind", "--no-letters")
    events = _events(house) - before
    with house.working() as worker:
        begun, spent = time.monotonic(), cpu.spent_ms([worker])
        _until_read(house)
        seconds = time.monotonic() - begun
        used = cpu.spent_ms([worker]) - spent
        idle = cpu.spent_ms([worker])
        threading.Event().wait(REST)
        idle = (cpu.spent_ms([worker]) - idle) / REST
    events += _events(house) - before - events  # what handlers said themselves was read as well
    return Cost(
        events=events,
        groups=int(_ask(house, 'SELECT count(DISTINCT "group") FROM kernel_cursor')[0]),
        seconds=round(seconds, 2),
        events_per_second=round(events / seconds, 1),
        cpu_ms_per_event=round(used / events, 2),
        idle_cpu_ms_per_second=round(idle, 1),
        parked=_require_none_failed(house),
    )


def let_rest(house: House) -> None:
    """Have a worker do everything that waits: enrolments, cursors of every group."""
    with house.working():
        _until_read(house)


def _until_read(house: House) -> None:
    """Wait until every group has read everything; a moment later still."""
    deadline, calm = time.monotonic() + LIMIT, 0
    while calm < 3:
        unplaced, unread = _ask(house, UNREAD)
        calm = calm + 1 if unplaced == 0 and unread == 0 and _ask(house, "SELECT count(*) FROM kernel_cursor")[0] else 0
        if time.monotonic() > deadline:
            raise BenchFailed(f"the log did not come to rest within {LIMIT:.0f} s: {unplaced}, {unread} unread")
        threading.Event().wait(0.1)


def _events(house: House) -> int:
    return int(_ask(house, "SELECT count(*) FROM kernel_outboxevent")[0])


def _require_none_failed(house: House) -> int:
    failures = int(_ask(house, "SELECT count(*) FROM kernel_failure")[0])
    if failures:
        raise BenchFailed(f"{failures} reactions failed")
    return failures


def _ask(house: House, question: str) -> tuple[int, ...]:
    with closing(_connected(house)) as connection:
        row: tuple[int, ...] = connection.execute(question).fetchone()
        return row


def _connected(house: House) -> Any:
    if house.database_kind == "postgresql":
        return psycopg.connect(house.environment["DATABASE_URL"])
    return sqlite3.connect(f"file:{house.database}?mode=ro", uri=True, timeout=20)
