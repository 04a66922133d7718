"""A person comes, changes, is suspended, leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.outbox import publish, publish_all
from gangway.kernel.prepared import columns, insert, loaded, prepared, update
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line, clean_locale, clean_mail, clean_zone, mail_key, sort_key
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people.actions.giving import refuse_beyond, refuse_last_admin
from gangway.people.events import (
    PersonActivated,
    PersonAdmitted,
    PersonChanged,
    PersonLeft,
    PersonResumed,
    PersonSuspended,
)
from gangway.people.models import ExternalId, Grant, Mailbox, Person
from gangway.people.queries.roles import live
from gangway.people.queries.rows import here_by_mailbox, known_by_external_id
from gangway.people.rules import COMES_IN, GONE, PersonSpec, State, check_role, parse_row, usual_reach

PERSONAL = frozenset({"name", "email", "external_id"})


class AlreadyHere(Refusal):
    code = "people.already_here"
    message = "{email} is somebody of this partner already."
    next_step = "Look the person up in the team."


class InByThisAddress(Refusal):
    code = "people.in_by_this_address"
    message = "{name} came in by this address."
    next_step = "Change it by a file of people that names their number, or ask your channel team."


class ChangedElsewhere(Refusal):
    code = "people.changed_elsewhere"
    message = "The directory of their company changes this account."
    next_step = "Change it there; it arrives here by itself."


class MayNotComeIn(Refusal):
    code = "people.may_not_come_in"
    status = 403
    message = "This account is not open."
    next_step = "Ask your company's admin."


class OwnAccess(Refusal):
    code = "people.own_access"
    message = "Nobody suspends or removes themselves."
    next_step = "Ask another admin."


def own_partner() -> PartnerRow:
    """The partner whose people may be written now."""
    return partner_by_id(scopes.writer())


def locked(person_id: UUID) -> Person:
    """The person, locked until the transaction ends; NotFound outside the scope."""
    for found in loaded(Person, _locked(person_id)):
        return found
    raise NotFound


@prepared
def _locked(person_id: UUID) -> Any:
    return Person.objects.select_for_update().filter(pk=person_id).values_list(*columns(Person))


def note(
    actor: Actor, verb: str, object_id: UUID, changes: Mapping[str, Any], now: datetime, object_type: str = "person"
) -> None:
    """The audit entry about a person (or an import); what is personal goes where erasing reaches it."""
    audit.record(
        actor=actor,
        verb=verb,
        object_type=object_type,
        object_id=object_id,
        changes={field: value for field, value in changes.items() if field not in PERSONAL},
        changes_personal={field: value for field, value in changes.items() if field in PERSONAL},
        now=now,
    )


@action("people.person.admit")
def admit_person(
    *,
    name: str,
    email: str | None = None,
    external_id: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
    roles: Sequence[str] = (),
    letter: bool = True,
    source: str = "desk",
    managed_by: str = "",
    synthetic: bool = False,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Let somebody into the scope's partner; `letter` says whether they are written to. Their id.

    Locale and zone are the partner's unless given. AlreadyHere: the mailbox or external id is somebody's who has not
    left. Invalid: a value or role that cannot be.
    """
    row = {"name": name, "email": email, "external_id": external_id, "locale": locale, "zone": zone}
    spec = parse_row({**row, "role": " ".join(roles)})
    partner = own_partner()
    for role in spec.roles:
        check_role(role, partner.kind)
    taken = spec.email_key and here_by_mailbox([spec.email_key])
    if taken or (external_id and known_by_external_id(source, external_id)):
        raise AlreadyHere(email=email or external_id)
    come: dict[str, Any] = {"managed_by": managed_by, "letter": letter, "synthetic": synthetic}
    try:
        (person,) = admit_all([spec], partner, source=source, **come, actor=actor, now=now)
    except IntegrityError as faster:  # a file or a directory brought them since the look
        raise AlreadyHere(email=email or external_id) from faster
    return UUID(str(person.id))


def admit_all(
    specs: Sequence[PersonSpec],
    partner: PartnerRow,
    *,
    source: str,
    managed_by: str = "",
    letter: bool,
    synthetic: bool = False,
    actor: Actor,
    now: datetime,
) -> list[Person]:
    """Write people who were found to be new, with mailbox, external id, roles, audit and event, in bulk."""
    for role in sorted({role for spec in specs for role in spec.roles}):
        refuse_beyond(role, usual_reach(role), partner.id, actor=actor, now=now)
    people = [_newcomer(spec, partner, managed_by, synthetic, now) for spec in specs]
    pairs = list(zip(people, specs, strict=True))
    insert(*people)
    insert(
        *(
            Mailbox(email_key=person.email_key, partner_id=partner.id, person=person)
            for person in people
            if person.email_key
        )
    )
    numbered = [(person, spec.external_id) for person, spec in pairs if spec.external_id]
    insert(*(ExternalId(person=person, source=source, value=value) for person, value in numbered))
    insert(*(new_grant(person, role, partner.id, now) for person, spec in pairs for role in spec.roles))
    entries = [_admitted_entry(person, spec, source, letter) for person, spec in pairs]
    audit.record_all(entries, actor=actor, verb="people.person.admit", object_type="person", now=now)
    facts = [(PersonAdmitted(person_id=person.id, letter=letter, source=source), person.id) for person in people]
    publish_all(facts, now=now, actor=actor)
    return people


def _admitted_entry(person: Person, spec: PersonSpec, source: str, letter: bool) -> audit.Entry:
    plain = {"source": source, "letter": letter, "locale": person.locale, "zone": person.zone}
    said = {"name": person.name, "email": person.email, "external_id": spec.external_id}
    return audit.Entry(person.id, {**plain, "roles": list(spec.roles), "groups": list(spec.groups)}, said)


def _newcomer(spec: PersonSpec, partner: PartnerRow, managed_by: str, synthetic: bool, now: datetime) -> Person:
    name = spec.name or spec.guessed or spec.email or ""
    return Person(
        id=new_id(),
        partner_id=partner.id,
        name=name,
        email=spec.email,
        email_key=spec.email_key,
        locale=spec.locale or partner.locale,
        zone=spec.zone or partner.zone,
        sort_key=sort_key(name),
        synthetic=synthetic or partner.kind == "shell",  # whoever a shell brings is a robot, by whatever door
        managed_by=managed_by,
        invited_at=now,
    )


def new_grant(person: Person, role: str, partner_id: UUID, now: datetime) -> Grant:
    """A role at its usual reach."""
    reach = usual_reach(role)
    reach_id = person.id if reach == "portfolio" else partner_id
    return Grant(partner_id=partner_id, person=person, role=role, reach=reach.value, reach_id=reach_id, granted_at=now)


@action("people.person.activate")
def activate_person(*, person_id: UUID, actor: Actor, now: datetime) -> bool:
    """They signed in: True when it was the first time. MayNotComeIn: suspended or gone."""
    person = locked(person_id)
    if person.state not in COMES_IN:
        raise MayNotComeIn
    if person.state == State.ACTIVE:
        return False
    first = person.activated_at is None
    person.state = State.ACTIVE.value
    person.activated_at = person.activated_at or now
    person.save()
    note(actor, "people.person.activate", person.id, {"first": first}, now)
    if first:
        event = PersonActivated(person_id=person.id, synthetic=person.synthetic)
        publish(event, subject_id=person.id, now=now, actor=actor)
    return first


@action("people.person.set_profile")
def set_profile(
    *,
    person_id: UUID,
    name: str | None = None,
    locale: str | None = None,
    zone: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """How a person is called, in which language and zone we speak to them; None leaves a part alone.

    ChangedElsewhere: a directory says how they are called.
    """
    person = locked(person_id)
    said = {
        "name": clean_line(name) if name is not None else None,
        "locale": clean_locale(locale) if locale is not None else None,
        "zone": clean_zone(zone) if zone is not None else None,
    }
    changes = {field: value for field, value in said.items() if value is not None and value != getattr(person, field)}
    if "name" in changes:
        refuse_managed(person, "")
    if changes:
        change(person, changes, verb="people.person.set_profile", actor=actor, now=now)


@action("people.person.mend_mailbox")
def mend_mailbox(*, person_id: UUID, email: str, actor: Actor, now: datetime) -> bool:
    """Put the address right of somebody who has not come in yet; whether it changed.

    What the old address opened is void. Refuses Invalid, AlreadyHere, InByThisAddress (whoever came in is not moved to
    another mailbox by a colleague) and ChangedElsewhere.
    """
    person = locked(person_id)
    address, key = clean_mail(email), mail_key(email)
    if person.activated_at is not None or person.state not in COMES_IN:
        raise InByThisAddress(name=person.name)
    if person.managed_by:
        raise ChangedElsewhere
    if key == person.email_key:
        return False
    if Person.objects.filter(email_key=key).exclude(state__in=GONE).exists():
        raise AlreadyHere(field="email", email=address)
    change(person, {"email": address, "email_key": key}, verb="people.person.mend_mailbox", actor=actor, now=now)
    return True


def change(person: Person, changes: Mapping[str, Any], *, verb: str, actor: Actor, now: datetime) -> None:
    """Write changed columns of a locked person, with audit and event. Another mailbox voids what the old one opened."""
    for field, value in changes.items():
        setattr(person, field, value)
    person.sort_key = sort_key(person.name)
    if "email_key" in changes:
        person.access_epoch += 1
        move_mailbox(person)
    update(person)
    note(actor, verb, person.id, {field: value for field, value in changes.items() if field != "email_key"}, now)
    event = PersonChanged(person_id=person.id, fields=tuple(field for field in changes if field != "email_key"))
    publish(event, subject_id=person.id, now=now, actor=actor)


def move_mailbox(person: Person) -> None:
    """The directory finds the person by their present mailbox only, and by none once they are gone."""
    Mailbox.objects.filter(person=person.id).delete()
    if person.email_key and person.state not in GONE:
        Mailbox.objects.create(email_key=person.email_key, partner_id=person.partner_id, person_id=person.id)


@action("people.person.suspend")
def suspend_person(*, person_id: UUID, managed_by: str = "", actor: Actor, now: datetime) -> None:
    """Shut a person out at once: the access epoch voids each session, link and letter. OwnAccess: yourself.

    managed_by: the directory that says so. ChangedElsewhere: another one looks after them. LastAdmin: nobody else could
    let people in.
    """
    refuse_last_admin(person_id, actor, now)
    person = locked(person_id)
    refuse_own(actor, person)
    refuse_managed(person, managed_by)
    if person.state not in COMES_IN:
        return
    person.state = State.SUSPENDED.value
    person.access_epoch += 1
    person.save()
    note(actor, "people.person.suspend", person.id, {}, now)
    publish(PersonSuspended(person_id=person.id), subject_id=person.id, now=now, actor=actor)


@action("people.person.resume")
def resume_person(*, person_id: UUID, managed_by: str = "", actor: Actor, now: datetime) -> None:
    """Let a suspended person come in again, as far as they had come before. ChangedElsewhere: as in suspending."""
    person = locked(person_id)
    refuse_managed(person, managed_by)
    if person.state != State.SUSPENDED:
        return
    person.state = State.ACTIVE.value if person.activated_at else State.INVITED.value
    person.save()
    note(actor, "people.person.resume", person.id, {}, now)
    publish(PersonResumed(person_id=person.id), subject_id=person.id, now=now, actor=actor)


@action("people.person.leave")
def person_leaves(*, person_id: UUID, source: str = "desk", actor: Actor, now: datetime) -> None:
    """A person works here no more: no way in, no role, no mailbox; what they learned stays. OwnAccess: yourself.

    ChangedElsewhere: another directory than `source` looks after them. LastAdmin: nobody else could let people in.
    """
    refuse_last_admin(person_id, actor, now)
    person = locked(person_id)
    refuse_own(actor, person)
    refuse_managed(person, source)
    if person.state in GONE:
        return
    person.state = State.LEFT.value
    person.left_at = now
    person.access_epoch += 1
    person.save()
    move_mailbox(person)
    Grant.objects.filter(live(now), person=person.id).update(until=now)
    note(actor, "people.person.leave", person.id, {"source": source}, now)
    publish(PersonLeft(person_id=person.id, source=source), subject_id=person.id, now=now, actor=actor)


def refuse_managed(person: Person, by: str) -> None:
    """ChangedElsewhere where a directory looks after somebody, and it is not the one that asks."""
    if person.managed_by not in ("", by):
        raise ChangedElsewhere


def refuse_own(actor: Actor, person: Person) -> None:
    """OwnAccess where somebody would shut themselves out."""
    if actor.kind == "person" and actor.id == str(person.id):
        raise OwnAccess
