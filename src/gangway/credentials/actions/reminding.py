"""The holders of awards that end soon are reminded, at most once of each of the days before the end."""

from collections.abc import Sequence
from datetime import datetime

from gangway.credentials.queries import EndingAward
from gangway.credentials.rules import ENDING, Notice
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.messaging import actions as messaging


@action("credentials.ending.remind")
def remind_of_ending(*, notice: Notice, awards: Sequence[EndingAward], actor: Actor, now: datetime) -> None:
    """Queue one reminder for the holder of each of these awards of the scope's partner, at most 500 at once; who has
    it already gets no second.

    Whether the award still ends without another is asked again when the letter goes; it goes no more once the next
    reminder is due.
    """
    messaging.queue_messages(
        drafts=[
            messaging.Draft(
                person_id=award.person_id,
                payload={"award": str(award.award_id), "days": notice.days},
                dedupe_key=f"{ENDING}:{award.award_id}:{notice.days}",
                not_after=notice.not_after(award.expires_at),
            )
            for award in awards
        ],
        letter_key=ENDING,
        actor=actor,
        now=now,
    )
