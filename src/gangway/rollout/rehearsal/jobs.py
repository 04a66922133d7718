"""The robot's rounds: once a day, and when an award was issued to it; rehearsals by button and by night."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.rollout.rehearsal import actions, queries
from gangway.rollout.rehearsal.rules import Cause

ACTOR = Actor.job("rehearsal")


FRESH = timedelta(hours=12)


@task()
def send_robot(*, anew: bool = False) -> int:
    """Walk every course not walked in its present version, look at its awards. How many courses stand walked.

    Only where a plan runs: nobody else asked for a robot, and it makes the shell partner on first use. The daily round
    leaves alone what was looked at in the last twelve hours; `anew` looks at everything.
    """
    if not actions.wanted():
        return 0
    now = clock.now()
    walked = actions.walk_courses(actor=ACTOR, now=now)
    actions.look_at_awards(unseen_since=None if anew else now - FRESH, actor=ACTOR, now=now)
    return sum(1 for one in walked if one.completed)


@task()
def look_at_award(*, award_id: str) -> int:
    """Look at one award of a robot. 1 when its page is right."""
    _, passed = actions.look_at_awards(award_id=UUID(award_id), actor=ACTOR, now=clock.now())
    return passed


@task()
def rehearse(*, type_key: str = "") -> bool:
    """A whole rehearsal, asked for on its page; whether it passed. Where one is under way, that one is enough."""
    return _rehearse(Cause.PAGE, type_key)


@task()
def rehearse_nightly() -> bool:
    """The canary: the same by night, where it is switched on and there is a vendor. Whether it passed.

    Asked again and again. Where another rehearsal is under way, it comes after that one.
    """
    if not (queries.canary_on() and queries.night_due(clock.now())):
        return False
    return _rehearse(Cause.NIGHT, "")


def _rehearse(cause: Cause, type_key: str) -> bool:
    try:
        run = actions.rehearse(type_key=type_key, cause=cause, on_step=_on_step, actor=ACTOR, now=clock.now())
    except (actions.AlreadyRehearsing, actions.NothingToRehearse):
        return False
    return run.passed is True


def _on_step(done: int, step: Mapping[str, Any]) -> None:
    progress(done, words=str(step["name"]))
