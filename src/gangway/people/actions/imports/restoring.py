"""People back to what they were before the rows of an import changed them.

All of somebody's changes go back, or none: who was changed since stays as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.values import sort_key
from gangway.people.actions.imports.marks import Holdings
from gangway.people.actions.persons import move_mailbox, note
from gangway.people.events import PersonChanged, PersonLeft, RoleRevoked
from gangway.people.models import ExternalId, Grant, GroupMember, ImportChange, ImportRun, Person
from gangway.people.rules import GONE, State


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody whom an import changed. `rows`: its changes, the latest first. `stood`: where they are now."""

    person: Person
    rows: Sequence[ImportChange]
    stood: tuple[str | None, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for row in self.rows for name in row.before["columns"]))


def changed_people(run: ImportRun, batch: Sequence[ImportChange], *, lock: bool = False) -> list[Changed]:
    """Those whose latest change is in `batch`, with all their changes, the latest first."""
    latest = {row.pk for row in batch}
    chosen = {row.person_id for row in batch}
    found = Person.objects.filter(pk__in=chosen).order_by("pk")
    people = {person.id: person for person in (found.select_for_update() if lock else found)}
    rows: dict[UUID, list[ImportChange]] = {}
    for row in ImportChange.objects.filter(run=run.pk, person__in=chosen).order_by("-pk"):
        rows.setdefault(row.person_id, []).append(row)
    return [
        Changed(people[key], theirs, (people[key].email_key, people[key].state))
        for key, theirs in rows.items()
        if theirs[0].pk in latest
    ]


def goes_back(one: Changed, holdings: Holdings, source: str, now: datetime) -> bool:
    """Take the changes back in memory; False, and the person is of no use any more, if any was changed since.

    Nor does somebody leave again who was given a role since they came back.
    """
    for row in one.rows:
        if holdings.changed_mark(one.person, row.before, source) != row.left:
            return False
        _set(one.person, row.before["columns"])
        holdings.take_back(one.person.id, row.before, source)
    leaves = one.person.state in GONE and one.stood[1] not in GONE
    return not (leaves and holdings.has_role(one.person.id, now))


def wanted_mailbox(one: Changed) -> str | None:
    """The mailbox that somebody who went back in memory needs, unless they have it."""
    key: str | None = one.person.email_key
    return None if one.person.state in GONE or key == one.stood[0] else key


def holder(key: str) -> UUID | None:
    """Whose this mailbox is now."""
    found = Person.objects.filter(email_key=key).exclude(state__in=GONE).values_list("pk", flat=True)
    person: UUID | None = found.first()
    return person


def restore(one: Changed, *, source: str, actor: Actor, now: datetime) -> None:
    """Write what `goes_back` did in memory, with audit and events."""
    person, columns = one.person, one.columns
    for row in one.rows:
        _take_back(person, row.before, source, actor, now)
    moves = "email_key" in columns or "state" in columns
    # The access epoch only grows: what the import's address or role opened stays void for good.
    person.access_epoch += moves
    person.save()
    if moves:
        move_mailbox(person)
    named = tuple(name for name in columns if name not in ("email_key", "left_at"))
    note(actor, "people.person.restore", person.id, {name: getattr(person, name) for name in named}, now)
    if any("groups" in row.before for row in one.rows):
        named = (*named, "groups")
    if named:
        publish(PersonChanged(person_id=person.id, fields=named), subject_id=person.id, now=now, actor=actor)
    if person.state == State.LEFT and one.stood[1] != State.LEFT:
        publish(PersonLeft(person_id=person.id, source=source), subject_id=person.id, now=now, actor=actor)


def _set(person: Person, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(person, name, datetime.fromisoformat(value) if name == "left_at" and value else value)
    person.sort_key = sort_key(person.name)


def _take_back(person: Person, before: Mapping[str, Any], source: str, actor: Actor, now: datetime) -> None:
    if "external_id" in before:
        ExternalId.objects.filter(person=person.id, source=source, value=before["external_id"]).delete()
    if "groups" in before:
        GroupMember.objects.filter(person=person.id, group__in=before["groups"]).delete()
    if "grants" in before:
        _take_roles(person, before["grants"], actor, now)


def _take_roles(person: Person, grants: Mapping[str, Any], actor: Actor, now: datetime) -> None:
    """Roles the import gave go, those it revived end as they had ended."""
    for grant in Grant.objects.filter(pk__in=list(grants)):
        was = grants[str(grant.id)]
        if was is None:
            grant.delete()
        else:
            until, granted_at = was
            grant.until = until and datetime.fromisoformat(until)
            grant.granted_at = datetime.fromisoformat(granted_at)
            grant.save()
        note(actor, "people.role.revoke", person.id, {"role": grant.role, "reach": [grant.reach]}, now)
        event = RoleRevoked(person_id=person.id, role=grant.role, reach=grant.reach)
        publish(event, subject_id=person.id, now=now, actor=actor)
    person.access_epoch += 1
