"""The worker's round over waves that go, and the hourly look for people who stand still."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from gangway.insights import queries as insights
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress, task
from gangway.kernel.tenancy import scopes
from gangway.rollout.launches import actions, queries
from gangway.rollout.launches.queries import Work
from gangway.rollout.launches.rules.nudges import TURNS, Nudge
from gangway.rollout.launches.rules.states import PIECE

SENDER = Actor.job("launches.carry_on")
NUDGER = Actor.job("launches.nudge")
PIECES_A_TURN = 4


def carry_on(now: datetime) -> int:
    """A worker's round: take the next steps of every wave that goes; how many people and launches were moved."""
    return sum(_carry(wave_id, now) for wave_id in queries.going(now))


def _carry(wave_id: UUID, now: datetime) -> int:
    work = queries.work_of(wave_id)
    if not work:
        return int(actions.finish_wave(wave_id=wave_id, actor=SENDER, now=now))
    done = 0
    for number, one in enumerate(work):
        done += _step(one, now)
        if number >= PIECES_A_TURN and done:
            break
    return done


def _step(one: Work, now: datetime) -> int:
    """The next piece of one launch; at least 1 where anything was written, so that the worker comes back at once."""
    with scopes.one(one.partner_id):
        if not one.queued:
            return max(actions.queue_piece(launch_id=one.launch_id, actor=SENDER, now=now), 1)
        if not one.confirmed and now < one.letters_from:
            return 0
        if not one.confirmed:
            return int(actions.confirm_launch(launch_id=one.launch_id, actor=SENDER, now=now))
        return max(actions.tell_piece(launch_id=one.launch_id, actor=SENDER, now=now), 1)


@task()
def nudge() -> int:
    """Hourly: queue the reminders that are due, partner by partner in pages of ids; how many people were looked at."""
    return nudge_due(clock.now())


def nudge_due(now: datetime) -> int:
    """The same at a given time."""
    looked, partners = 0, queries.nudged(now)
    for number, one in enumerate(partners, 1):
        with scopes.one(one.partner_id):
            for kind in Nudge:
                for page in _pages(kind, now):
                    actions.queue_nudges(wave_id=one.wave_id, nudge=kind, person_ids=page, actor=NUDGER, now=now)
                    looked += len(page)
        progress(number, len(partners))
    return looked


def _pages(kind: Nudge, now: datetime) -> Iterator[list[UUID]]:
    """People of the open scope who are due for a nudge, in pages."""
    clocks_after, clocks_until = TURNS[kind].clocks(now)
    came_in = {Nudge.COME_IN: False, Nudge.START: True, Nudge.LAST: None}[kind]
    after: UUID | None = None
    while page := insights.standing_still(
        clocks_after=clocks_after, clocks_until=clocks_until, came_in=came_in, after=after, limit=PIECE
    ):
        yield page
        after = page[-1]
