"""What an import left behind, as its undo will look for it: the same values taken from memory and from the tables."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.people.models import ExternalId, Grant, GroupMember, Person
from gangway.people.rules import mark

COLUMNS = ("name", "email", "locale", "zone", "state", "managed_by", "activated_at", "left_at")


def of_new(person: Person, ids: Iterable[str], grants: Iterable[Grant], groups: Iterable[UUID]) -> str:
    """The mark of somebody an import made: everything that people hold about them but the access epoch."""
    return mark(
        {
            **{column: getattr(person, column) for column in COLUMNS},
            "ids": sorted(ids),
            "grants": sorted(f"{grant.role} {grant.reach} {grant.reach_id} {grant.until}" for grant in grants),
            "groups": sorted(str(group) for group in groups),
        }
    )


def of_changed(person: Person, before: Mapping[str, Any], holding: Mapping[str, Any]) -> str:
    """The mark of what an import changed: only those columns, ids, grants and groups, as they stand now."""
    columns = {column: getattr(person, column) for column in before.get("columns", ())}
    return mark({**columns, **{part: holding.get(part) for part in ("external_id", "grants", "groups")}})


class Holdings:
    """External ids, grants and groups of some people, read in three statements."""

    def __init__(self, people: Iterable[UUID]) -> None:
        chosen = list(people)
        self.ids = _grouped(ExternalId.objects.filter(person__in=chosen))
        self.grants = _grouped(Grant.objects.filter(person__in=chosen))
        self.members = _grouped(GroupMember.objects.filter(person__in=chosen))

    def new_mark(self, person: Person) -> str:
        key = person.id
        return of_new(
            person,
            (f"{row.source} {row.value}" for row in self.ids.get(key, ())),
            self.grants.get(key, ()),
            (row.group_id for row in self.members.get(key, ())),
        )

    def changed_mark(self, person: Person, before: Mapping[str, Any], source: str) -> str:
        """As `of_changed`, of what is still there of what the import gave."""
        given = before.get("external_id")
        ids = [row.value for row in self.ids.get(person.id, ()) if row.source == source and row.value == given]
        holding = {
            "external_id": ids[0] if ids else None,
            "grants": held_grants(g for g in self.grants.get(person.id, ()) if str(g.id) in before.get("grants", ())),
            "groups": held_groups(
                row.group_id for row in self.members.get(person.id, ()) if str(row.group_id) in before.get("groups", ())
            ),
        }
        return of_changed(person, before, holding)

    def take_back(self, person_id: UUID, before: Mapping[str, Any], source: str) -> None:
        """Leave out, in memory, what an import gave; a role that it revived ends as it had ended."""
        given, grants, groups = before.get("external_id"), before.get("grants", {}), before.get("groups", ())
        ids, held, inside = (part.get(person_id, []) for part in (self.ids, self.grants, self.members))
        self.ids[person_id] = [row for row in ids if (row.source, row.value) != (source, given)]
        self.members[person_id] = [row for row in inside if str(row.group_id) not in groups]
        self.grants[person_id] = [grant for grant in held if grants.get(str(grant.id), True) is not None]
        for grant in self.grants[person_id]:
            if str(grant.id) in grants:
                until, _ = grants[str(grant.id)]
                grant.until = until and datetime.fromisoformat(until)

    def has_role(self, person_id: UUID, now: datetime) -> bool:
        """Whether they hold any role now."""
        return any(grant.until is None or grant.until > now for grant in self.grants.get(person_id, ()))


def held_grants(grants: Iterable[Grant]) -> list[str]:
    return sorted(f"{grant.id} {grant.until}" for grant in grants)


def held_groups(groups: Iterable[UUID]) -> list[str]:
    return sorted(str(group) for group in groups)


def _grouped(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row)
    return found
