"""Writes that join storeys: a person leaves and the receipt is kept; a person is erased from every context."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity import queries as identity
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.personal import Privacy
from gangway.kernel.wiring import part
from gangway.messaging import queries as messaging
from gangway.people import actions as people_actions
from gangway.people import queries as people
from gangway.portal.queries.privacy import LEFT


@action("portal.person.leave")
def leave(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A person of the scope's partner has left; what was open to them at that moment is kept as their receipt.

    Refuses as people.actions.person_leaves does.
    """
    doors, letters = identity.open_doors(person_id, now), messaging.waiting_letters(person_id)
    roles = people.roles_held(person_id, now)
    people_actions.person_leaves(person_id=person_id, actor=actor, now=now)
    voided: dict[str, Any] = {
        "sessions": [{"method": row.method.value, "since": row.started_at.isoformat()} for row in doors.sessions],
        "links": doors.links,
        "invitation": doors.invitation,
        "letters": [{"title": row.title, "since": row.queued_at.isoformat()} for row in letters],
        "roles": [row.role for row in roles],
    }
    audit.record(
        actor=actor,
        verb=LEFT,
        object_type="person",
        object_id=person_id,
        changes=voided,
        changes_personal={"devices": [row.device for row in doors.sessions]},
        now=now,
    )


@action("portal.person.erase")
def erase(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Erase a person of the scope's partner everywhere at once: a tombstone, and nothing personal in any context.

    Refuses as people.actions.erase_person does. Erasing somebody again blanks what came since.
    """
    forget(person_id=person_id, rooms=part("PRIVACY"), actor=actor, now=now)


def forget(*, person_id: UUID, rooms: Sequence[Privacy], actor: Actor, now: datetime) -> None:
    """The walk of erase through the given rooms, inside its transaction."""
    subject = people.subject(person_id)
    people_actions.erase_person(person_id=person_id, actor=actor, now=now)
    for room in rooms:
        room.erase(subject, now)
