"""The worker process: the relay, each round of the contexts (due letters, …) and the jobs, each in its own thread.

So a slow round never holds another up: a code that somebody waits for is written while the plan is looked at.
"""

import threading
from collections.abc import Callable
from datetime import datetime

import structlog
from django.db import close_old_connections, connections

from gangway.kernel import clock
from gangway.kernel.jobs import runner
from gangway.kernel.outbox import relay
from gangway.kernel.wiring import part

IDLE_SECONDS = 0.2
FAILED_SECONDS = 2.0
log = structlog.get_logger(__name__)


def turn(name: str, now: datetime) -> int:
    """One turn of everything, in the calling thread: for commands, tests and the demo world."""
    return relay.turn(now) + rounds(now) + runner.turn(name, now)


def rounds(now: datetime) -> int:
    """One turn of each round that the contexts brought, e.g. letters that are due."""
    return sum(int(each(now)) for each in part("ROUNDS"))


def work(name: str, stop: threading.Event) -> None:
    """Work until `stop` is set; what is begun is finished first."""
    loops: list[Callable[[datetime], int]] = [
        relay.turn,
        *part("ROUNDS"),
        lambda now: runner.turn(name, now),
    ]
    threads = [
        threading.Thread(target=_loop, args=(loop, stop), name=f"{name}-{number}") for number, loop in enumerate(loops)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _loop(one_turn: Callable[[datetime], int], stop: threading.Event) -> None:
    while not stop.is_set():
        close_old_connections()
        try:
            done = one_turn(clock.now())
        except Exception:
            log.exception("worker.turn_failed")
            stop.wait(FAILED_SECONDS)
            continue
        if not done:
            stop.wait(IDLE_SECONDS)
    connections.close_all()
