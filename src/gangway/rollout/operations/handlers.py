"""What a cutover that is under way hears of."""

from typing import Any

from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.rollout.operations import actions


def rehearsal_ended(event: Any, fact: Fact) -> None:
    """A rehearsal is another room's, joined in config/wiring.py: only whether it `passed` is read."""
    if event.passed:
        at = fact.occurred_at
        actions.note_rehearsal(at=at, actor=Actor.job("operations"), now=at)
