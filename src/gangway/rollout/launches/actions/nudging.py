"""People who stand still after a launch are reminded, at most once of each thing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.messaging import actions as messaging
from gangway.rollout.launches.rules.nudges import TURNS, Nudge, cause_of, letter_key


@action("launches.nudges.queue")
def queue_nudges(*, wave_id: UUID, nudge: Nudge, person_ids: Sequence[UUID], actor: Actor, now: datetime) -> None:
    """Queue one nudge for people of the scope's partner, at most 500 at once; who has it already gets no second.

    Whether each still stands there is asked again when the letter goes; after its days it goes no more.
    """
    messaging.queue_messages(
        drafts=[
            messaging.Draft(person_id=person_id, dedupe_key=f"{letter_key(nudge)}:{person_id}")
            for person_id in person_ids
        ],
        letter_key=letter_key(nudge),
        not_after=now + (TURNS[nudge].ends - TURNS[nudge].begins),
        cause=cause_of(wave_id, nudge),
        actor=actor,
        now=now,
    )
