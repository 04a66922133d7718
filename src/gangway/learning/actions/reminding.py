"""People are reminded of a due date, at most once before it and once after it."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.learning.queries.due import DueRow
from gangway.learning.rules import DUE, DueNotice
from gangway.messaging import actions as messaging
from gangway.partners.queries import partner_by_id


@action("learning.due.remind")
def remind_of_due(*, notice: DueNotice, rows: Sequence[DueRow], actor: Actor, now: datetime) -> None:
    """Queue one reminder for each of these enrolments of the scope's partner, at most 500 at once; for another due date
    another one. Whether it is still due is asked again when the letter goes; after its days it goes no more."""
    zone = ZoneInfo(partner_by_id(scopes.writer()).zone)
    messaging.queue_messages(
        drafts=[
            messaging.Draft(
                person_id=row.person_id,
                payload={"enrolment": str(row.enrolment_id), "due_on": row.due_on.isoformat(), "notice": notice.value},
                dedupe_key=_key(notice, row.enrolment_id, row.due_on.isoformat()),
                not_after=datetime.combine(notice.last_day(row.due_on) + timedelta(days=1), time(), zone),
            )
            for row in rows
        ],
        letter_key=DUE,
        actor=actor,
        now=now,
    )


def _key(notice: DueNotice, enrolment_id: UUID, due_on: str) -> str:
    return f"{DUE}:{notice.value}:{enrolment_id}:{due_on}"
