"""A directory brings a person, changes them, shuts them out, takes them away: by the actions of people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.actions.connections import locked_connection
from gangway.identity.actions.receipts import keep_receipt, what_is_open
from gangway.identity.actions.scim.counting import count_users
from gangway.identity.actions.scim.groups import ChangedMeanwhile, NameTaken, leave_groups
from gangway.identity.actions.scim.holding import note_removal, refuse_flood, refuse_removals
from gangway.identity.models import Connection, Identity, ScimUser, ScimValue
from gangway.identity.queries import SHUT_OUT
from gangway.identity.rules.connections import JoinAttribute
from gangway.identity.rules.scim import START_LENGTH, Facts, Told, ValueRow, facts, folded, mailboxes, value_rows
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.prepared import columns, insert, loaded, prepared, update
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import launched_at
from gangway.people import actions as people
from gangway.people import queries as people_queries


class MailboxTaken(Refusal):
    code = "identity.scim_mailbox_taken"
    message = "This mail address is somebody of this partner whom this connection does not look after."
    next_step = "Let their admin take it from them, or send another address."


@action("identity.scim.create_user")
def create_user(*, connection_id: UUID, told: Told, actor: Actor, now: datetime) -> UUID:
    """Bring a person: adopt who is meant and here already, let in again who left, admit who is new. Their SCIM id.

    NameTaken: user name or external id are somebody's whom this connection brought. MailboxTaken. Held: it brings more
    people than the partner has. Invalid: a value that cannot be.
    """
    connection = locked_connection(connection_id)
    said = facts(told)
    _refuse_taken(connection, told, None)
    refuse_flood(connection, now)
    with _as_taken():
        person_id, made = _person(connection, told, said, actor, now)
    row = ScimUser(
        connection=connection,
        identity=_identity(connection, person_id, made, now),
        person_id=person_id,
        made=made,
        created_at=now,
        changed_at=now,
    )
    _write(row, told)
    count_users(connection, 1)
    if not (made and told.active):  # who is new may come in already
        _be_active(connection, person_id, told.active, actor, now)
    _note("create", row, {"active": told.active, "made": made}, actor, now)
    return person_id


@action("identity.scim.change_user")
def change_user(
    *, connection_id: UUID, person_id: UUID, told: Told, version: int | None, actor: Actor, now: datetime
) -> bool:
    """Write what a directory says of somebody it brought; whether it said anything new. Refuses as create_user does.

    version: which one was read. ChangedMeanwhile: it is another one by now. Held: too many were shut out this hour.
    """
    connection = locked_connection(connection_id)
    row = _locked(connection_id, person_id, version)
    before = Told(row.user_name, row.external_id, row.active, row.active_said, row.attributes)
    if told == before:
        return False
    if before.active and not told.active:
        refuse_removals(connection, row, now)
    _refuse_taken(connection, told, row)
    said, was = facts(told), facts(before)
    # Language and zone are the person's own choice until the directory says something else than before.
    said = replace(
        said,
        locale=said.locale if said.locale != was.locale else None,
        zone=said.zone if said.zone != was.zone else None,
    )
    with _as_taken():
        _direct(connection, person_id, told, said, actor, now)
    if before.active and not told.active:
        was_open = what_is_open(person_id, now)
        _be_active(connection, person_id, False, actor, now)
        note_removal(connection, row, gone=False, now=now)
        keep_receipt(was_open, verb=SHUT_OUT, about={"gone": False}, actor=actor, now=now)
    elif told.active != before.active:
        _be_active(connection, person_id, True, actor, now)
    row.version += 1
    row.changed_at = now
    _write(row, told, fresh=before.attributes != told.attributes)
    _note("change", row, {"active": told.active, "version": row.version}, actor, now)
    return True


@action("identity.scim.delete_user")
def delete_user(
    *, connection_id: UUID, person_id: UUID, version: int | None = None, actor: Actor, now: datetime
) -> None:
    """Somebody left, as their directory says: no way in, and nothing that it told is kept. Held, ChangedMeanwhile."""
    connection = locked_connection(connection_id)
    row = _locked(connection_id, person_id, version)
    refuse_removals(connection, row, now)
    note_removal(connection, row, gone=True, now=now)
    was_open = what_is_open(person_id, now)
    leave_groups(connection, person_id, actor=actor, now=now)
    people.person_leaves(person_id=person_id, source=_source(connection), actor=actor, now=now)
    if row.active:
        keep_receipt(was_open, verb=SHUT_OUT, about={"gone": True}, actor=actor, now=now)
    _note("delete", row, {}, actor, now)
    ScimValue.objects.filter(user=row.id).delete()
    row.delete()
    count_users(connection, -1)


@contextmanager
def _as_taken() -> Iterator[None]:
    """In the directory's words: a mailbox or an id is somebody's of the same partner."""
    try:
        yield
    except people.AlreadyHere as taken:
        raise MailboxTaken(field=taken.field) from taken


def _source(connection: Connection) -> str:
    return f"{connection.kind}:{connection.key}"


def _locked(connection_id: UUID, person_id: UUID, version: int | None) -> ScimUser:
    """The user of this connection, locked until the transaction ends; NotFound for everybody it did not bring."""
    for row in loaded(ScimUser, _of_person(connection_id, person_id)):
        if version is not None and version != row.version:
            raise ChangedMeanwhile
        return row
    raise NotFound


@prepared
def _of_person(connection_id: UUID, person_id: UUID) -> Any:
    rows = ScimUser.objects.select_for_update().filter(connection=connection_id, person=person_id)
    return rows.values_list(*columns(ScimUser))


def _refuse_taken(connection: Connection, told: Told, row: ScimUser | None) -> None:
    own = row.pk if row else None
    if any(one != own for (one,) in _named(connection.id, told.user_name_key)):
        raise NameTaken(field="userName", attribute="userName")
    if told.external_id and any(one != own for (one,) in _numbered(connection.id, told.external_id)):
        raise NameTaken(field="externalId", attribute="externalId")


@prepared
def _named(connection_id: UUID, user_name_key: str) -> Any:
    return ScimUser.objects.filter(connection=connection_id, user_name_key=user_name_key).values_list("pk")


@prepared
def _numbered(connection_id: UUID, external_id: str) -> Any:
    return ScimUser.objects.filter(connection=connection_id, external_id=external_id).values_list("pk")


def _person(connection: Connection, told: Told, said: Facts, actor: Actor, now: datetime) -> tuple[UUID, bool]:
    """Who is meant, written as the directory says, and whether they are new here."""
    source = _source(connection)
    letter = told.active and launched_at(scopes.writer()) is not None  # before the launch nobody is written to
    left = people_queries.left_by_external_id(source, told.external_id) if told.external_id else None
    if left is not None:
        people.readmit_person(person_id=left, managed_by=source, email=said.email, letter=letter, actor=actor, now=now)
    here = left or _whom_to_adopt(source, told)
    if here is None:
        return _admitted(source, told, said, letter, actor, now), True
    if left is None:
        people.adopt_person(person_id=here, managed_by=source, external_id=told.external_id, actor=actor, now=now)
    _direct(connection, here, told, said, actor, now)
    return here, False


def _whom_to_adopt(source: str, told: Told) -> UUID | None:
    """Who is here by a file, an invitation or just in time: by this mailbox, else by the join key, where they came by a
    sign-in that is joined to this directory. MailboxTaken: the mailbox is a directory's person's."""
    found = people_queries.here_by_mailbox(mailboxes(told))
    free = [person_id for person_id, managed_by in found if not managed_by]
    if found and not free:
        raise MailboxTaken(field="emails")
    return (
        free[0]
        if free
        else people_queries.here_by_external_id(
            (JoinAttribute.EXTERNAL_ID.named_for(source), told.external_id),
            (JoinAttribute.USER_NAME.named_for(source), told.user_name_key),
        )
    )


def _admitted(source: str, told: Told, said: Facts, letter: bool, actor: Actor, now: datetime) -> UUID:
    return people.admit_person(
        name=said.name,
        email=said.email,
        # Whom nobody can write to and nobody numbered is told from others by a number of ours.
        external_id=told.external_id or (None if said.email else f"urn:uuid:{new_id()}"),
        locale=said.locale,
        zone=said.zone,
        letter=letter,
        source=source,
        managed_by=source,
        actor=actor,
        now=now,
    )


def _direct(connection: Connection, person_id: UUID, told: Told, said: Facts, actor: Actor, now: datetime) -> None:
    people.direct_person(
        person_id=person_id,
        managed_by=_source(connection),
        name=said.name,
        email=said.email,
        locale=said.locale,
        zone=said.zone,
        external_id=told.external_id or ("" if said.email else None),
        actor=actor,
        now=now,
    )


def _be_active(connection: Connection, person_id: UUID, active: bool, actor: Actor, now: datetime) -> None:
    """active=false shuts somebody out with this answer: their epoch voids sessions, links, tokens, letters."""
    switch = people.resume_person if active else people.suspend_person
    switch(person_id=person_id, managed_by=_source(connection), actor=actor, now=now)


def _identity(connection: Connection, person_id: UUID, new: bool, now: datetime) -> Identity:
    for known in () if new else loaded(Identity, _known(connection.id, person_id)):
        return known
    made = Identity(connection=connection, subject=str(person_id), person_id=person_id, since=now)
    insert(made)
    return made


@prepared
def _known(connection_id: UUID, person_id: UUID) -> Any:
    rows = Identity.objects.filter(connection=connection_id, person=person_id).order_by("id")
    return rows.values_list(*columns(Identity))[:1]


def _write(row: ScimUser, told: Told, *, fresh: bool = True) -> None:
    """The row, and the values by which it is found, anew where they are others."""
    new = row._state.adding
    row.user_name, row.user_name_key = told.user_name, told.user_name_key
    row.external_id, row.attributes = told.external_id, dict(told.attributes)
    row.active, row.active_said = told.active, told.active_said
    if new:
        insert(row)
    else:
        update(row)
    if not fresh:
        return
    if not new:
        ScimValue.objects.filter(user=row.id).delete()
    insert(*(_value(row, one) for one in value_rows(told.attributes)))


def _value(row: ScimUser, one: ValueRow) -> ScimValue:
    key = folded(one.value)
    return ScimValue(
        user=row,
        attribute=one.attribute,
        value=one.value,
        value_key=key,
        start=key[:START_LENGTH],
        type_key=folded(one.type),
        display_key=folded(one.display),
        primary=one.primary,
        parts=dict(one.parts),
    )


def _note(verb: str, row: ScimUser, changes: dict[str, object], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=f"identity.scim.{verb}_user",
        object_type="person",
        object_id=row.person_id,
        changes={"connection": str(row.connection_id), **changes},
        now=now,
    )
