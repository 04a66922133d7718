"""Writes that join storeys: a person leaves and the receipt is kept; a person is erased from every context."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from gangway.identity import actions as identity
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.personal import Privacy
from gangway.kernel.wiring import part
from gangway.people import actions as people_actions
from gangway.people import queries as people
from gangway.portal.queries.privacy import LEFT


@action("portal.person.leave")
def leave(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """A person of the scope's partner has left; what was open to them at that moment is kept as their receipt.

    Refuses as people.actions.person_leaves does.
    """
    was_open = identity.what_is_open(person_id, now)
    people_actions.person_leaves(person_id=person_id, actor=actor, now=now)
    identity.keep_receipt(was_open, verb=LEFT, actor=actor, now=now)


@action("portal.person.erase")
def erase(*, person_id: UUID, actor: Actor, now: datetime) -> None:
    """Erase a person of the scope's partner everywhere at once: a tombstone, and nothing personal in any context.

    Refuses as people.actions.erase_person does. Erasing somebody again blanks what came since. Merged accounts
    are one human: whichever is named, all of them are erased.
    """
    for account_id in people.whole(person_id):
        forget(person_id=account_id, rooms=part("PRIVACY"), actor=actor, now=now)


def forget(*, person_id: UUID, rooms: Sequence[Privacy], actor: Actor, now: datetime) -> None:
    """The walk of erase through the given rooms, inside its transaction."""
    subject = people.subject(person_id)
    people_actions.erase_person(person_id=person_id, actor=actor, now=now)
    for room in rooms:
        room.erase(subject, now)
