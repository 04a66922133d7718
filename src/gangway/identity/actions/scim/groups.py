"""A directory brings groups and says who is in them. A group becomes one of people's; rules say what it gives.

What a membership costs does not grow with the group: who joins is inserted, who quits is deleted.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity.actions.connections import locked_connection
from gangway.identity.actions.scim.counting import count_groups
from gangway.identity.models import Connection, ScimGroup
from gangway.identity.queries.scim import known_users
from gangway.identity.rules.scim import Given, folded, given_by, role_of_group, rules_with_role
from gangway.kernel import audit
from gangway.kernel.access import PARTNER_ADMIN
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.values import clean_line
from gangway.people import actions as people
from gangway.people import queries as people_queries


class NameTaken(Refusal):
    code = "identity.scim_taken"
    message = "This connection has somebody or something with this {attribute} already."
    next_step = "Find it by a filter and change it."


class ChangedMeanwhile(Refusal):
    code = "identity.scim_changed_meanwhile"
    status = 412
    message = "It was changed meanwhile: its version is another one."
    next_step = "Read it again, then change that."


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a group. None: it stays. `whole`: everybody in it from now on; else who joins and who quits."""

    display_name: str | None = None
    external_id: str | None = None
    whole: frozenset[UUID] | None = None
    join: frozenset[UUID] = frozenset()
    quit: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class _Work:
    connection: Connection
    actor: Actor
    now: datetime


@action("identity.scim.create_group")
def create_group(
    *,
    connection_id: UUID,
    display_name: str,
    external_id: str = "",
    members: Iterable[UUID] = (),
    actor: Actor,
    now: datetime,
) -> UUID:
    """Bring a group; its SCIM id. NameTaken: there is one of this name. Invalid: a name or a member that cannot be."""
    work = _Work(locked_connection(connection_id), actor, now)
    name = clean_line(display_name, "displayName")
    _refuse_title(work.connection, name, None)
    group_id = people.make_group(key=_key(name), name=name, actor=actor, now=now)
    row = ScimGroup.objects.create(
        connection=work.connection,
        group_id=group_id,
        display_name=name,
        display_key=folded(name),
        external_id=external_id,
        created_at=now,
        changed_at=now,
    )
    count_groups(connection_id, 1)
    _note("create", row, {}, work)
    _join(row, frozenset(members), work)
    return group_id


@action("identity.scim.change_group")
def change_group(
    *, connection_id: UUID, group_id: UUID, change: Change, version: int | None, actor: Actor, now: datetime
) -> bool:
    """Rename a group, let people join and quit; whether anything changed. Refuses as create_group does.

    ChangedMeanwhile: `version` was read, and it is another one by now.
    """
    work = _Work(locked_connection(connection_id), actor, now)
    row = _locked(connection_id, group_id, version)
    changed = _rename(row, change, work)
    joins, quits = change.join, change.quit
    if change.whole is not None:
        inside = people_queries.people_by_group([group_id]).get(group_id, [])
        here = known_users(connection_id, inside)
        joins, quits = change.whole - here, frozenset(here) - change.whole
    moved = _quit(row, quits, work) + _join(row, joins, work)
    if changed or moved:
        row.version += 1
        row.changed_at = now
        row.save()
        _note("change", row, {"version": row.version}, work)
    return bool(changed or moved)


@action("identity.scim.delete_group")
def delete_group(
    *, connection_id: UUID, group_id: UUID, version: int | None = None, actor: Actor, now: datetime
) -> None:
    """A group is no more; its people stay, without what it gave. ChangedMeanwhile."""
    work = _Work(locked_connection(connection_id), actor, now)
    row = _locked(connection_id, group_id, version)
    _quit(row, frozenset(people_queries.people_by_group([group_id]).get(group_id, ())), work)
    _note("delete", row, {}, work)
    row.delete()
    count_groups(connection_id, -1)
    people.delete_group(group_id=group_id, actor=actor, now=now)


@action("identity.scim.lead_group")
def lead_group(*, connection_id: UUID, group_id: UUID, role: str, actor: Actor, now: datetime) -> None:
    """Whoever is in a group of the directory holds a role here from now on, and as long as they are in it; "" for none.

    BeyondYou: a role that the actor could not give or take one by one; Invalid: none of those of partners. LastAdmin:
    nobody would be left who lets people in. NotFound: the connection brought no such group.
    """
    connection = locked_connection(connection_id)
    row = _locked(connection_id, group_id, None)
    before = role_of_group(connection.group_rules, row.display_name, row.external_id)
    if role == before:
        return
    for one in filter(None, (before, role)):
        people.refuse_giving(one, actor=actor, now=now)
    inside = sorted(known_users(connection_id, people_queries.people_by_group([group_id]).get(group_id, ())))
    # What a group gives, the connection gives: that is how it is known what to take back.
    behalf = UUID(actor.id) if actor.kind is ActorKind.PERSON else None
    work = _Work(connection, Actor(ActorKind.CONNECTION, str(connection_id), actor.via, behalf), now)
    held = _given([row], work)
    connection.group_rules = rules_with_role(connection.group_rules, row.display_name, row.external_id, role)
    connection.save()
    _take(row, held - _given([row], work), inside, work)
    _give(_given([row], work) - held, inside, work)
    if before == PARTNER_ADMIN and not people_queries.somebody_lets_in(now):
        raise people.LastAdmin(field="role", role=before)
    _note("lead", row, {"role": role, "before": before, "people": len(inside)}, _Work(connection, actor, now))


def leave_groups(connection: Connection, person_id: UUID, *, actor: Actor, now: datetime) -> None:
    """Somebody is taken away: they are in none of the connection's groups any more."""
    inside = people_queries.memberships([person_id]).get(person_id, ())
    for row in ScimGroup.objects.filter(connection=connection.id, group__in=inside):
        _quit(row, frozenset([person_id]), _Work(connection, actor, now))


def _locked(connection_id: UUID, group_id: UUID, version: int | None) -> ScimGroup:
    rows = ScimGroup.objects.select_for_update().filter(connection=connection_id, group=group_id)
    row: ScimGroup | None = rows.first()
    if row is None:
        raise NotFound
    if version is not None and version != row.version:
        raise ChangedMeanwhile
    return row


def _refuse_title(connection: Connection, name: str, row: ScimGroup | None) -> None:
    others = ScimGroup.objects.filter(connection=connection.id, display_key=folded(name))
    if others.exclude(pk=row.pk if row else None).exists():
        raise NameTaken(field="displayName", attribute="displayName")


def _key(name: str) -> str:
    """A key for files, from the name; with a number where another group has it."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:50].strip("-")
    if plain and people_queries.group_of_key(plain) is None:
        return plain
    return f"{plain}-{new_id().hex[-10:]}".strip("-")


def _rename(row: ScimGroup, change: Change, work: _Work) -> bool:
    name = clean_line(change.display_name, "displayName") if change.display_name is not None else row.display_name
    external_id = row.external_id if change.external_id is None else change.external_id
    if (name, external_id) == (row.display_name, row.external_id):
        return False
    _refuse_title(work.connection, name, row)
    before = _given([row], work)
    row.display_name, row.display_key, row.external_id = name, folded(name), external_id
    people.rename_group(group_id=row.group_id, name=name, actor=work.actor, now=work.now)
    if before != _given([row], work):
        inside = people_queries.people_by_group([row.group_id]).get(row.group_id, [])
        _take(row, before, inside, work)
        _give(_given([row], work), inside, work)
    return True


def _join(row: ScimGroup, person_ids: frozenset[UUID], work: _Work) -> int:
    """How many are new in it. Invalid: one of them is nobody whom this connection brought."""
    if not person_ids:
        return 0
    unknown = person_ids - known_users(work.connection.id, person_ids)
    if unknown:
        raise Invalid(
            field="members",
            problem="“{id}” is nobody whom this connection brought.",
            mend="Bring them first, or take them out of the group.",
            id=str(min(unknown)),
        )
    fresh = sorted(person_ids - people_queries.is_in(row.group_id, person_ids))
    people.join_group(group_id=row.group_id, person_ids=fresh, actor=work.actor, now=work.now)
    _give(_given([row], work), fresh, work)
    return len(fresh)


def _quit(row: ScimGroup, person_ids: frozenset[UUID], work: _Work) -> int:
    inside = sorted(people_queries.is_in(row.group_id, person_ids)) if person_ids else []
    if inside:
        people.quit_group(group_id=row.group_id, person_ids=inside, actor=work.actor, now=work.now)
        _take(row, _given([row], work), inside, work)
    return len(inside)


# ---------------------------------------------------------------- what a group of theirs means here


def _given(rows: Iterable[ScimGroup], work: _Work) -> frozenset[Given]:
    named = [(row.display_name, row.external_id) for row in rows]
    return given_by(work.connection.group_rules, named)


def _give(given: frozenset[Given], person_ids: Sequence[UUID], work: _Work) -> None:
    for one in sorted(given):
        target = people_queries.group_of_key(one.into) if one.into else None
        if target is not None and person_ids:
            people.join_group(group_id=target, person_ids=person_ids, actor=work.actor, now=work.now)
        for person_id in person_ids if one.role else ():
            people.grant_role(person_id=person_id, role=one.role, actor=work.actor, now=work.now)


def _take(row: ScimGroup, given: frozenset[Given], person_ids: Sequence[UUID], work: _Work) -> None:
    """Take back what a group gave, but what another of their groups still gives, and a role that somebody else gave."""
    if not given or not person_ids:
        return
    others = ScimGroup.objects.filter(connection=work.connection.id).exclude(pk=row.pk)
    by_group = {other.group_id: other for other in others}
    inside = people_queries.memberships(person_ids)
    for person_id in person_ids:
        still = _given([by_group[one] for one in inside.get(person_id, ()) if one in by_group], work)
        for one in sorted(given - still):
            _take_one(one, person_id, work)


def _take_one(one: Given, person_id: UUID, work: _Work) -> None:
    target = people_queries.group_of_key(one.into) if one.into else None
    if target is not None:
        people.quit_group(group_id=target, person_ids=[person_id], actor=work.actor, now=work.now)
    if one.role and people_queries.gave(person_id, one.role) == (ActorKind.CONNECTION, str(work.connection.id)):
        people.revoke_role(person_id=person_id, role=one.role, actor=work.actor, now=work.now)


def _note(verb: str, row: ScimGroup, changes: dict[str, Any], work: _Work) -> None:
    audit.record(
        actor=work.actor,
        verb=f"identity.scim.{verb}_group",
        object_type="group",
        object_id=row.group_id,
        changes={"connection": str(work.connection.id), "title": row.display_name, **changes},
        now=work.now,
    )
