"""What an import changes of people it found, written in bulk, with what was there before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.kernel.values import sort_key
from gangway.people.actions.imports import marks
from gangway.people.actions.persons import PERSONAL, new_grant
from gangway.people.events import PersonAdmitted, PersonChanged, RoleGranted
from gangway.people.models import ExternalId, Grant, GroupMember, ImportChange, Mailbox, Person
from gangway.people.rules import GONE, Known, State, Verdict

WRITTEN = ["name", "email", "email_key", "locale", "zone", "state", "sort_key", "access_epoch", "left_at"]
Found = tuple[Person, Known, Verdict]


@dataclass(slots=True)
class _Work:
    """What waits to be written, by table."""

    groups: Mapping[str, UUID]
    ended: Mapping[tuple[UUID, str], Grant]
    run_id: UUID
    source: str
    letters: bool
    now: datetime
    ids: list[ExternalId] = field(default_factory=list)
    given: list[Grant] = field(default_factory=list)
    revived: list[Grant] = field(default_factory=list)
    members: list[GroupMember] = field(default_factory=list)
    moved: list[Person] = field(default_factory=list)
    kept: list[ImportChange] = field(default_factory=list)
    entries: list[audit.Entry] = field(default_factory=list)
    grants: list[audit.Entry] = field(default_factory=list)
    facts: list[tuple[Any, UUID]] = field(default_factory=list)

    def take(self, person: Person, known: Known, verdict: Verdict) -> None:
        changes = verdict.changes
        columns = {name: value for name, value in changes.items() if name not in ("external_id", "roles", "groups")}
        before = {"columns": _columns_before(person, columns)}
        _set(person, columns)
        holding = self._give(person, changes, before)
        if "email_key" in columns or known.state == State.LEFT:
            self.moved.append(person)
        said = {name: value for name, value in changes.items() if name not in ("email_key", "roles")}
        if said:
            plain = {name: value for name, value in said.items() if name not in PERSONAL}
            self.entries.append(
                audit.Entry(person.id, plain, {name: value for name, value in said.items() if name in PERSONAL})
            )
        self._tell(person, known, columns, changes)
        left = marks.of_changed(person, before, holding)
        self.kept.append(ImportChange(run_id=self.run_id, person=person, before=before, left=left))

    def _give(self, person: Person, changes: Mapping[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """External id, roles and groups; what undo needs of them goes to `before`. What is held now."""
        if value := changes.get("external_id"):
            before["external_id"] = value
            self.ids.append(ExternalId(person=person, source=self.source, value=value))
        granted = [self._grant(person, role, before) for role in changes.get("roles", ())]
        joined = [self.groups[key] for key in changes.get("groups", ())]
        if joined:
            before["groups"] = [str(group) for group in joined]
            self.members += [GroupMember(group_id=group, person=person) for group in joined]
        return {
            "external_id": value,
            "grants": marks.held_grants(granted),
            "groups": marks.held_groups(joined),
        }

    def _grant(self, person: Person, role: str, before: dict[str, Any]) -> Grant:
        grant = self.ended.get((person.id, role))
        kept = before.setdefault("grants", {})
        if grant is None:
            grant = new_grant(person, role, person.partner_id, self.now)
            self.given.append(grant)
            kept[str(grant.id)] = None
        else:
            kept[str(grant.id)] = [grant.until and grant.until.isoformat(), grant.granted_at.isoformat()]
            grant.until, grant.granted_at = None, self.now
            self.revived.append(grant)
        self.grants.append(audit.Entry(person.id, {"role": role, "reach": grant.reach}, {}))
        return grant

    def _tell(self, person: Person, known: Known, columns: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
        named = tuple(name for name in (*columns, *(["groups"] if "groups" in changes else [])) if name != "email_key")
        events: list[Any] = [PersonChanged(person_id=person.id, fields=named)] if named else []
        for role in changes.get("roles", ()):
            reach = new_grant(person, role, person.partner_id, self.now).reach
            events.append(RoleGranted(person_id=person.id, role=role, reach=reach))
        if known.state == State.LEFT or (known.state == State.INVITED and "email_key" in columns):
            events.append(PersonAdmitted(person_id=person.id, letter=self.letters, source=self.source))
        self.facts += [(event, person.id) for event in events]

    def write(self, people: Sequence[Person], actor: Actor) -> None:
        Person.objects.bulk_update(people, WRITTEN)
        Mailbox.objects.filter(person__in=[person.id for person in self.moved]).delete()
        Mailbox.objects.bulk_create(
            Mailbox(email_key=person.email_key, partner_id=person.partner_id, person_id=person.id)
            for person in self.moved
            if person.email_key and person.state not in GONE
        )
        ExternalId.objects.bulk_create(self.ids)
        Grant.objects.bulk_create(self.given)
        if self.revived:
            Grant.objects.bulk_update(self.revived, ["until", "granted_at"])
        GroupMember.objects.bulk_create(self.members)
        ImportChange.objects.bulk_create(self.kept)
        for verb, entries in (("people.person.import", self.entries), ("people.role.grant", self.grants)):
            audit.record_all(entries, actor=actor, verb=verb, object_type="person", now=self.now)
        publish_all(self.facts, now=self.now, actor=actor)


def change_all(
    found: Sequence[Found],
    groups: Mapping[str, UUID],
    *,
    run_id: UUID,
    source: str,
    letters: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """Write what rows change of locked people. Who had left is admitted again; a moved mailbox voids what it opened."""
    if not found:
        return
    roles = {role for _, _, verdict in found for role in verdict.changes.get("roles", ())}
    work = _Work(groups, _ended([row[0] for row in found], roles), run_id, source, letters, now)
    for person, known, verdict in found:
        work.take(person, known, verdict)
    work.write([row[0] for row in found], actor)


def _ended(people: Sequence[Person], roles: set[str]) -> dict[tuple[UUID, str], Grant]:
    """Grants that these people had at the usual reach: the same row lives again."""
    if not roles:
        return {}
    usual = {(person.id, role): new_grant(person, role, person.partner_id, person.invited_at) for person in people
             for role in roles}  # fmt: skip
    rows = Grant.objects.filter(person__in=[person.id for person in people], role__in=roles)
    return {
        (row.person_id, row.role): row
        for row in rows
        if (row.reach, row.reach_id) == ((fresh := usual[(row.person_id, row.role)]).reach, fresh.reach_id)
    }


def _columns_before(person: Person, columns: Mapping[str, Any]) -> dict[str, Any]:
    before = {name: getattr(person, name) for name in columns}
    if "state" in columns:
        before["left_at"] = person.left_at and person.left_at.isoformat()
    return before


def _set(person: Person, columns: Mapping[str, Any]) -> None:
    for name, value in columns.items():
        setattr(person, name, value)
    person.sort_key = sort_key(person.name)
    if "email_key" in columns:
        person.access_epoch += 1
    if "state" in columns:
        person.left_at = None
