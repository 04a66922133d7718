"""Work of identity that waits: letters that were asked for, and tries to be forgotten."""

from datetime import datetime

from gangway.identity import actions, queries
from gangway.identity.rules import LETTERS_WAITING
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import task
from gangway.messaging import queries as messaging

BATCH = 50
WRITER = Actor.job("identity.write_asked")


def write_asked(now: datetime) -> int:
    """The worker's round: write the letters that the sign-in page noted; how many were looked at.

    While the mail server is behind, they stay noted: those it could not take in time are never written.
    """
    if messaging.urgent_waiting(LETTERS_WAITING):
        return 0
    asked = queries.letters_asked_for(BATCH)
    for challenge_id in asked:
        actions.write_letter(challenge_id=challenge_id, actor=WRITER, now=now)
    return len(asked)


@task()
def forget_old_challenges() -> int:
    """Nightly: challenges, questions to authenticators and departures nobody can use or count any more, and failed
    sign-ins of a month ago; how many."""
    actor, now = Actor.job("identity.forget_old_challenges"), clock.now()
    forget = (
        actions.forget_challenges,
        actions.forget_ceremonies,
        actions.forget_departures,
        actions.forget_failed,
    )
    return sum(forget_these(actor=actor, now=now) for forget_these in forget)
