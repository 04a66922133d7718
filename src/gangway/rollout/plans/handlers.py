"""Events that a criterion depends on: mark it, the worker's round asks it within seconds."""

from typing import Any

from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.rollout.plans import actions, queries


def look_again(event: Any, fact: Fact) -> None:
    """Something happened that criteria depend on."""
    actions.ask_again(keys=queries.criteria_after(event.name), actor=Actor.job("plans"), now=fact.occurred_at)
