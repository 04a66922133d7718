"""Somebody asks to be forgotten: what people themselves do about it."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.people.actions.giving import refuse_last_admin
from gangway.people.actions.persons import locked, move_mailbox, note, refuse_own
from gangway.people.events import PersonErased, PersonLeft
from gangway.people.models import Grant
from gangway.people.queries.roles import live
from gangway.people.rules import GONE, State


@action("people.person.erase")
def erase_person(*, person_id: UUID, actor: Actor, now: datetime) -> bool:
    """Turn a person into a tombstone, for good: no way in, no role, no mailbox. False where they were one already.

    Part of a whole: portal.actions.erase calls it and then every room `privacy`, which blank what is personal.
    OwnAccess: yourself. LastAdmin: nobody else could let people in.
    """
    refuse_last_admin(person_id, actor, now)
    person = locked(person_id)
    refuse_own(actor, person)
    if person.state == State.ERASED:
        return False
    was_here = person.state not in GONE
    person.state = State.ERASED.value
    person.left_at = person.left_at or now
    person.access_epoch += 1
    person.save()
    move_mailbox(person)
    Grant.objects.filter(live(now), person=person.id).update(until=now)
    note(actor, "people.person.erase", person.id, {}, now)
    if was_here:
        publish(PersonLeft(person_id=person.id, source="erased"), subject_id=person.id, now=now, actor=actor)
    publish(PersonErased(person_id=person.id), subject_id=person.id, now=now, actor=actor)
    return True
