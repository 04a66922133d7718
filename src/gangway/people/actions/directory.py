"""What a directory does with people: it takes over who is here already, lets who left in again, and says how they are
called. `managed_by` names it; from then on nobody else changes them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.prepared import columns, insert, loaded, prepared
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.values import clean_line, clean_locale, clean_mail, clean_zone, mail_key
from gangway.people.actions.persons import AlreadyHere, ChangedElsewhere, change, locked, move_mailbox, note
from gangway.people.events import PersonAdmitted, PersonChanged
from gangway.people.models import ExternalId, Person
from gangway.people.queries.merging import merged_into
from gangway.people.queries.rows import known_by_external_id
from gangway.people.rules import GONE, State


class MergedAway(Refusal):
    code = "people.merged_away"
    message = "This account was merged into another one."
    next_step = "Undo the merge first, or let the directory send the account that stayed."


@action("people.person.adopt")
def adopt_person(*, person_id: UUID, managed_by: str, external_id: str = "", actor: Actor, now: datetime) -> None:
    """A directory looks after somebody from now on who came by a file, an invitation or just in time.

    ChangedElsewhere: another one does already. NotFound: they are gone. AlreadyHere: the id is somebody else's.
    """
    person = locked(person_id)
    if person.state in GONE:
        raise NotFound
    if person.managed_by not in ("", managed_by):
        raise ChangedElsewhere
    person.managed_by = managed_by
    person.save()
    _name_for(person, managed_by, external_id)
    note(actor, "people.person.adopt", person.id, {"managed_by": managed_by, "external_id": external_id}, now)
    event = PersonChanged(person_id=person.id, fields=("managed_by",))
    publish(event, subject_id=person.id, now=now, actor=actor)


@action("people.person.readmit")
def readmit_person(
    *, person_id: UUID, managed_by: str, email: str | None, letter: bool = True, actor: Actor, now: datetime
) -> None:
    """Somebody who left works here again, as the same external id of the same source says.

    NotFound: they were erased, or never left. AlreadyHere: their mailbox is somebody else's by now. MergedAway: they
    did not leave, their account is a way to another one.
    """
    person = locked(person_id)
    if person.state != State.LEFT:
        raise NotFound
    if merged_into(person_id) is not None:
        raise MergedAway
    person.state = State.INVITED.value
    person.left_at = None
    person.managed_by = managed_by
    person.access_epoch += 1
    person.email, person.email_key = (clean_mail(email), mail_key(email)) if email else (None, None)
    _refuse_taken(person)
    person.save()
    move_mailbox(person)
    note(actor, "people.person.readmit", person.id, {"managed_by": managed_by, "email": person.email}, now)
    event = PersonAdmitted(person_id=person.id, letter=letter, source=managed_by)
    publish(event, subject_id=person.id, now=now, actor=actor)


@action("people.person.direct")
def direct_person(
    *,
    person_id: UUID,
    managed_by: str,
    name: str,
    email: str | None,
    locale: str | None = None,
    zone: str | None = None,
    external_id: str | None = "",
    actor: Actor,
    now: datetime,
) -> bool:
    """Write what a directory says of somebody it looks after; whether anything changed.

    Language, zone and id stay as they are where it says nothing (None). ChangedElsewhere: it does not look after them.
    AlreadyHere: the mailbox or the id is somebody else's.
    """
    person = locked(person_id)
    if person.managed_by != managed_by:
        raise ChangedElsewhere
    said: dict[str, Any] = {
        "name": clean_line(name),
        "email": clean_mail(email) if email else None,
        "email_key": mail_key(email) if email else None,
        "locale": clean_locale(locale) if locale else person.locale,
        "zone": clean_zone(zone) if zone else person.zone,
    }
    changes = {field: value for field, value in said.items() if value != getattr(person, field)}
    if "email_key" in changes:
        person.email_key = said["email_key"]
        _refuse_taken(person)
    named = external_id is not None and _name_for(person, managed_by, external_id)
    if changes:
        change(person, changes, verb="people.person.direct", actor=actor, now=now)
    return bool(changes) or named


def _refuse_taken(person: Person) -> None:
    others = Person.objects.filter(email_key=person.email_key).exclude(state__in=GONE).exclude(pk=person.id)
    if person.email_key and others.exists():
        raise AlreadyHere(field="email", email=person.email)


def _name_for(person: Person, source: str, external_id: str) -> bool:
    """The id by which a source knows somebody; whether it is another one now."""
    known = next(iter(loaded(ExternalId, _number_of(person.id, source))), None)
    if (known.value if known else "") == external_id:
        return False
    if external_id and known_by_external_id(source, external_id):
        raise AlreadyHere(field="external_id", email=external_id)
    if known is not None:
        known.delete()
    if external_id:
        insert(ExternalId(person=person, source=source, value=external_id))
    return True


@prepared
def _number_of(person_id: UUID, source: str) -> Any:
    return ExternalId.objects.filter(person=person_id, source=source).values_list(*columns(ExternalId))
