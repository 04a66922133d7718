"""When the plan is looked at: seconds after an event, and every night."""

from datetime import datetime

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import task
from gangway.rollout.plans import actions


def evaluate_due(now: datetime) -> int:
    """A worker's round: ask the criteria that events made due."""
    return actions.evaluate_due(actor=Actor.job("plans.evaluate_due"), now=now)


@task()
def evaluate_nightly() -> int:
    """Ask every criterion: facts also fade without an event. Returns how many were asked."""
    looked = actions.evaluate_plan(actor=Actor.job("plans.evaluate_nightly"), now=clock.now())
    return looked.asked
