"""The leaver's receipt: what was open to somebody, read before they are shut out and kept after it in one commit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.queries.persons import OpenDoors, open_doors
from gangway.kernel import audit
from gangway.kernel.actor import Actor
from gangway.messaging import queries as messaging
from gangway.messaging.queries import WaitingLetter
from gangway.people import queries as people


@dataclass(frozen=True, slots=True)
class WasOpen:
    """What one commit voids: sessions, links and an invitation; letters that wait; roles."""

    person_id: UUID
    doors: OpenDoors
    letters: tuple[WaitingLetter, ...]
    roles: tuple[str, ...]


def what_is_open(person_id: UUID, now: datetime) -> WasOpen:
    """Read it before shutting a person of the open scope out; NotFound beyond it."""
    return WasOpen(
        person_id,
        open_doors(person_id, now),
        messaging.waiting_letters(person_id),
        tuple(row.role for row in people.roles_held(person_id, now)),
    )


def keep_receipt(
    was: WasOpen, *, verb: str, about: Mapping[str, Any] | None = None, actor: Actor, now: datetime
) -> None:
    """Keep what was void from now on as an audit entry of this verb; devices go where erasing reaches them."""
    audit.record(
        actor=actor,
        verb=verb,
        object_type="person",
        object_id=was.person_id,
        changes={
            "sessions": [
                {"method": row.method.value, "since": row.started_at.isoformat()} for row in was.doors.sessions
            ],
            "links": was.doors.links,
            "invitation": was.doors.invitation,
            "letters": [{"title": row.title, "since": row.queued_at.isoformat()} for row in was.letters],
            "roles": list(was.roles),
            **(about or {}),
        },
        changes_personal={"devices": [row.device for row in was.doors.sessions]},
        now=now,
    )
