"""Processes that die: forked, with real commits, killed at a database step, and brought back."""

import contextlib
import os
import pickle
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import RawIOBase
from typing import Any

import time_machine
from django.db import connection, connections

from tests.database import Run

PATIENCE = 60
COPY = os.environ.get("GANGWAY_TEST_COPY", "main")


class Died(RuntimeError):
    """A process that should have lived ended otherwise."""


@dataclass(frozen=True)
class Point:
    """Where a process dies: before or after its n-th statement; after the last one it dies on its way home."""

    step: int
    after: bool

    def __str__(self) -> str:
        return f"{'after' if self.after else 'before'} statement {self.step}"


def points(steps: int) -> list[Point]:
    """Every point of a run of so many statements, and its very end. A commit may lie between `after` and `before`."""
    inside = [Point(step, after) for step in range(steps) for after in (False, True)]
    return [*inside, Point(steps, False)]


class Ground:
    """This worker's database: keeps named copies of it and puts them back."""

    def __init__(self) -> None:
        self.database = Run().database

    def keep(self, name: str) -> None:
        forget_connections()
        self.database.keep(COPY, f"{COPY}_{name}")

    def back(self, name: str) -> None:
        forget_connections()
        self.database.clone(COPY, f"{COPY}_{name}")


def forget_connections() -> None:
    """Close everything: a child must not share a socket or a file with its parent."""
    for one in connections.all(initialized_only=True):
        one.close()
        if one.vendor == "postgresql":
            one.close_pool()


def in_child(work: Callable[[], Any], now: datetime) -> Any:
    """Do `work` in a process of its own at a frozen time; what it returned."""
    code, told = _fork(work, now)
    if code != 0 or told is None:
        raise Died(f"exit {code}: {told}")
    return told[0]


def killed_child(work: Callable[[], Any], now: datetime, point: Point) -> bool:
    """Do `work` in a process that dies at `point`; False where it came to its end before."""

    def doomed() -> bool:
        with dying_at(point):
            work()
        _die()
        return False

    code, told = _fork(doomed, now)
    if code == -signal.SIGKILL:
        return True
    raise Died(f"exit {code}: {told}")


def _fork(work: Callable[[], Any], now: datetime) -> tuple[int, Any]:
    forget_connections()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _live(work, now, writer)
    os.close(writer)
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        told = _listen(child, pipe)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), pickle.loads(told) if told else None


def _listen(child: int, pipe: RawIOBase) -> bytes:
    """All that a child says until it ends; one that hangs is killed."""
    told, deadline = bytearray(), time.monotonic() + PATIENCE
    while (left := deadline - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            piece = pipe.read(1 << 20)
            if not piece:
                return bytes(told)
            told += piece
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise Died(f"hung for {PATIENCE} s")


def _live(work: Callable[[], Any], now: datetime, writer: int) -> None:
    """The child's whole life. It never returns into the test runner that it is a copy of."""
    code = 1
    try:
        os.close(0)
        with time_machine.travel(now, tick=False), os.fdopen(writer, "wb") as pipe:
            try:
                told: Any = (work(),)
                code = 0
            except BaseException:
                told = traceback.format_exc()[-3000:]
            pickle.dump(told, pipe)
        forget_connections()
    finally:
        os._exit(code)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextlib.contextmanager
def dying_at(point: Point) -> Iterator[None]:
    """Kill this process at a statement of its connection."""
    count = 0

    def step(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        here, count = count, count + 1
        if here == point.step and not point.after:
            _die()
        done = execute(sql, params, many, context)
        if here == point.step:
            _die()
        return done

    with connection.execute_wrapper(step):
        yield


@contextlib.contextmanager
def counting() -> Iterator[list[str]]:
    """The statements that this connection runs."""
    ran: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        ran.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield ran
