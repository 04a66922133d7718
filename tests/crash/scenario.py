"""A piece of work to kill, and the registry of all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gangway.kernel import worker

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LATER = timedelta(minutes=5)  # after a restart: leases of the dead have run out
Stage = dict[str, Any]


@dataclass(frozen=True)
class Scenario:
    """`prepare(stage)` sets the scene with commits; `act(stage)` is what dies.

    kind:
      once    something a person does: afterwards it happened wholly or not at all
      again   the same, and doing it again has no further effect
      worker  what the worker does by itself: after a restart it is always done, once
      steps   work in several transactions by design: doing it again finishes it, once
    aside: tables that rightly tell of each time it was begun.
    """

    key: str
    act: Callable[[Stage], Any]
    kind: str = "again"
    prepare: Callable[[Stage], Any] = lambda stage: None
    aside: frozenset[str] = frozenset()


SCENARIOS: dict[str, Scenario] = {}


def scenario(
    key: str,
    kind: str = "again",
    prepare: Callable[[Stage], Any] = lambda stage: None,
    aside: tuple[str, ...] = (),
) -> Any:
    """Register a function `act(stage)` under `key`."""

    def register(act: Callable[[Stage], Any]) -> Callable[[Stage], Any]:
        SCENARIOS[key] = Scenario(key, act, kind, prepare, frozenset(aside))
        return act

    return register


def settle() -> int:
    """Work like the worker after a restart, until nothing is left to do."""
    now = NOW + LATER
    for turn in range(200):
        if not worker.turn("restarted", now + timedelta(minutes=turn)):
            return turn
    raise RuntimeError("The worker did not come to rest.")
