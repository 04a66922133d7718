"""Groups as a connection sees them: those it brought, with the people it brought."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OrderBy, QuerySet
from scim2_models import ScimFilter

from gangway.identity.models import ScimGroup, ScimUser
from gangway.identity.queries.scim.filters import Bytewise, GroupCompiler
from gangway.identity.queries.scim.users import Found, Order, directed, kept_count, known_users, place
from gangway.identity.rules.scim import role_of_group
from gangway.kernel.refusal import NotFound
from gangway.people import queries as people

LED_SHOWN = 200
COLUMNS = {"externalid": "external_id", "id": "group", "meta.created": "created_at", "meta.lastmodified": "changed_at"}


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group. `members`: the connection's people in it; None where nobody asked for them."""

    row_id: UUID
    group_id: UUID
    display_name: str
    external_id: str
    version: int
    created_at: datetime
    changed_at: datetime
    members: tuple[UUID, ...] | None = None


def scim_group(connection_id: UUID, group_id: UUID, *, members: bool = True) -> GroupRow:
    """The group of this id that the connection brought; NotFound for every other."""
    row = ScimGroup.objects.filter(connection=connection_id, group=group_id).first()
    if row is None:
        raise NotFound
    return _rows([row], connection_id, members)[0]


@dataclass(frozen=True, slots=True)
class LedGroup:
    """A group of a directory and what it leads to: `key` is the one of ours that rules of learning name; `role`: what
    whoever is in it holds, "" for none. `people`: who are in it."""

    group_id: UUID
    name: str
    key: str
    role: str
    people: tuple[UUID, ...]


def led_groups(connection_id: UUID, group_rules: Iterable[Mapping[str, Any]]) -> tuple[LedGroup, ...]:
    """The groups that a connection of the scope brought, by name; as many as a page holds. Two statements."""
    rows = list(
        ScimGroup.objects.filter(connection=connection_id)
        .order_by("display_key", "id")
        .values_list("group_id", "display_name", "external_id", "group__key")[:LED_SHOWN]
    )
    inside = people.people_by_group([row[0] for row in rows])
    return tuple(
        LedGroup(group_id, name, key, role_of_group(group_rules, name, external_id), tuple(inside.get(group_id, ())))
        for group_id, name, external_id, key in rows
    )


def scim_groups(
    connection_id: UUID,
    bound: ScimFilter[Any] | None,
    order: Order,
    *,
    members: bool,
    offset: int = 0,
    after: UUID | None = None,
    limit: int,
) -> Found[GroupRow]:
    """A page of a connection's groups, as queries.scim.users does it."""
    found = matching_groups(connection_id, bound)
    total = found.count() if bound is not None else kept_count(connection_id, "groups")
    if not limit or total <= offset:
        return Found(total, ())
    ids = place(found, _ordering(order), total, offset=offset, after=after, limit=limit)
    rows = rows_of_groups(connection_id, ids[:limit], members=members)
    return Found(total, tuple(rows), ids[limit - 1] if len(ids) > limit else None)


def matching_groups(connection_id: UUID, bound: ScimFilter[Any] | None) -> QuerySet[Any]:
    found: QuerySet[Any] = ScimGroup.objects.filter(connection=connection_id)
    return found if bound is None else found.filter(GroupCompiler(bound).whole())


def rows_of_groups(connection_id: UUID, row_ids: Sequence[UUID], *, members: bool) -> list[GroupRow]:
    """These rows, in this order."""
    by_id = {row.pk: row for row in ScimGroup.objects.filter(connection=connection_id, pk__in=row_ids)}
    return _rows([by_id[one] for one in row_ids if one in by_id], connection_id, members)


def _ordering(order: Order) -> list[OrderBy]:
    return [directed(value_of(order.attribute), order.descending)] if order.attribute else []


def value_of(attribute: str) -> Any:
    """By what groups are put in the order of an attribute; of those that say nothing, by their name."""
    column = COLUMNS.get(attribute)
    return F(column) if column in ("group", "created_at", "changed_at") else Bytewise(F(column or "display_key"))


def _rows(rows: Iterable[ScimGroup], connection_id: UUID, with_members: bool) -> list[GroupRow]:
    rows = list(rows)
    inside = people.people_by_group([row.group_id for row in rows]) if with_members else {}
    known = _known(connection_id, {one for members in inside.values() for one in members})
    return [
        GroupRow(
            row.id,
            row.group_id,
            row.display_name,
            row.external_id,
            row.version,
            row.created_at,
            row.changed_at,
            tuple(one for one in inside.get(row.group_id, ()) if one in known) if with_members else None,
        )
        for row in rows
    ]


def _known(connection_id: UUID, person_ids: set[UUID]) -> set[UUID]:
    """Those of these people whom the connection brought. Named one by one they would be too many for one statement of
    SQLite's: beyond a few hundred, everybody of the connection is read."""
    if len(person_ids) <= 500:
        return known_users(connection_id, person_ids) if person_ids else set()
    return set(ScimUser.objects.filter(connection=connection_id).values_list("person_id", flat=True))
