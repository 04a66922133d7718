"""One person back to what they were before a row of an import changed them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.values import sort_key
from gangway.people.actions.imports.marks import Holdings
from gangway.people.actions.persons import locked, move_mailbox, note
from gangway.people.events import PersonChanged, PersonLeft, RoleRevoked
from gangway.people.models import ExternalId, Grant, GroupMember, ImportChange, Person
from gangway.people.rules import GONE, State


def restore(row: ImportChange, *, source: str, actor: Actor, now: datetime) -> bool:
    """Put columns, external id, roles and groups back; False, and nothing is written, if any was changed since."""
    person = locked(row.person_id)
    if Holdings([person.id]).changed_mark(person, row.before, source) != row.left or _taken(person, row.before):
        return False
    columns = _columns(row.before)
    _set(person, columns)
    if "external_id" in row.before:
        ExternalId.objects.filter(person=person.id, source=source, value=row.before["external_id"]).delete()
    GroupMember.objects.filter(person=person.id, group__in=row.before.get("groups", [])).delete()
    _take_back(person, row.before.get("grants", {}), actor, now)
    person.save()
    if "email_key" in columns or "state" in columns:
        move_mailbox(person)
    named = tuple(name for name in columns if name not in ("email_key", "left_at"))
    note(actor, "people.person.restore", person.id, {name: getattr(person, name) for name in named}, now)
    if named:
        publish(PersonChanged(person_id=person.id, fields=named), subject_id=person.id, now=now, actor=actor)
    if columns.get("state") == State.LEFT:
        publish(PersonLeft(person_id=person.id, source=source), subject_id=person.id, now=now, actor=actor)
    return True


def _taken(person: Person, before: Mapping[str, Any]) -> bool:
    """Whether the mailbox they had is somebody else's by now."""
    columns = before["columns"]
    key = columns.get("email_key")
    if not key or columns.get("state", person.state) in GONE:
        return False
    return bool(Person.objects.filter(email_key=key).exclude(state__in=GONE).exclude(pk=person.id).exists())


def _columns(before: Mapping[str, Any]) -> dict[str, Any]:
    columns = dict(before["columns"])
    if columns.get("left_at"):
        columns["left_at"] = datetime.fromisoformat(columns["left_at"])
    return columns


def _set(person: Person, columns: Mapping[str, Any]) -> None:
    """The access epoch only grows: what the import's address or role opened stays void for good."""
    for name, value in columns.items():
        setattr(person, name, value)
    person.sort_key = sort_key(person.name)
    if "email_key" in columns or "state" in columns:
        person.access_epoch += 1


def _take_back(person: Person, grants: Mapping[str, Any], actor: Actor, now: datetime) -> None:
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
    if grants:
        person.access_epoch += 1
