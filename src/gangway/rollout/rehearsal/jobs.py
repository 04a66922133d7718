"""The robot's rounds: once a day, and when an award was issued to it."""

from datetime import timedelta
from uuid import UUID

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import task
from gangway.rollout.rehearsal import actions

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
