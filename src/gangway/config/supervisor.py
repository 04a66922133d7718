"""One parent, a few child processes: starts them, restarts what dies with a growing pause, stops all within a limit.

The children live in sessions of their own, so that Ctrl-C in a terminal reaches only the parent, which stops them in
order. If the parent itself is killed, the kernel tells each child (Linux).
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

STOP_SECONDS = 3.0  # what a child gets to finish what it began; then it is killed, and a lease brings its work back
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0  # a child that ran this long is forgiven its earlier deaths
TICK_SECONDS = 0.1
PR_SET_PDEATHSIG = 1

log = structlog.get_logger(__name__)


def pause_before_restart(deaths: int) -> float:
    """Seconds to wait before the next start: 0.5, 1, 2, … at most 30."""
    return min(LONGEST_PAUSE, 0.5 * 2.0 ** max(0, deaths - 1))


@dataclass
class Child:
    """A process to keep alive: its command, and how often it died lately."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    start_again_at: float = field(default=0.0)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None


class Supervisor:
    """`run()` blocks until `stop` is set or a stop signal arrives, and leaves no process behind."""

    def __init__(
        self, children: Sequence[Child], environment: Mapping[str, str] | None = None, output: int | None = None
    ) -> None:
        """`output`: where what they print goes; None: where ours does."""
        self.children, self.output = children, output
        self.environment = {**os.environ, **(environment or {})}
        self.stop = threading.Event()

    def listen_for_signals(self) -> None:
        """SIGINT and SIGTERM ask for the stop. A second one changes nothing: stopping is bounded anyway."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stop.set())

    def run(self, on_started: Callable[[], None] = lambda: None) -> None:
        try:
            for child in self.children:
                self._start(child)
            on_started()
            while not self.stop.wait(TICK_SECONDS):
                for child in self.children:
                    self._look_after(child)
        finally:
            self._stop_all()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603  the commands are our own
            child.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
        child.started_at = time.monotonic()

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.running:
            return
        if child.process is not None:  # it died since the last look
            _kill_group(child.process.pid)  # its own children must not go on serving without it
            child.deaths = 1 if now - child.started_at > STEADY_SECONDS else child.deaths + 1
            pause = pause_before_restart(child.deaths)
            child.start_again_at = now + pause
            log.error("child.died", child=child.name, code=child.process.returncode, starts_again_in=pause)
            child.process = None
        elif now >= child.start_again_at:
            self._start(child)

    def _stop_all(self) -> None:
        """Ask every child to finish; kill, with everything it started, whoever is not gone in time."""
        processes = [child.process for child in self.children if child.process is not None]
        for process in processes:
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.error("child.killed", pid=process.pid)
            _kill_group(process.pid)
            process.wait()


def _kill_group(group: int) -> None:
    """What a child left behind in its own session; usually nothing."""
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return


def _die_with_parent() -> None:
    """Runs in the child before its program: SIGTERM when the parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
