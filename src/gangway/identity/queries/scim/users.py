"""Users as a connection sees them: those it brought, and nobody else."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import F, OrderBy, OuterRef, Q, QuerySet, Subquery
from scim2_models import ScimFilter

from gangway.identity.models import Connection, ScimGroup, ScimUser, ScimValue
from gangway.identity.queries.scim.filters import MANY, Bytewise, UserCompiler, sole
from gangway.identity.rules.scim import Told
from gangway.kernel.prepared import prepared
from gangway.kernel.refusal import NotFound
from gangway.people import queries as people

FEW = 1_000
Row = TypeVar("Row")
COLUMNS = {
    "username": "user_name_key",
    "externalid": "external_id",
    "id": "person",
    "active": "active",
    "meta.created": "created_at",
    "meta.lastmodified": "changed_at",
}


@dataclass(frozen=True, slots=True)
class UserRow:
    """A user. `groups`: (id, name) of the connection's groups they are in."""

    row_id: UUID
    person_id: UUID
    told: Told
    version: int
    created_at: datetime
    changed_at: datetime
    groups: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """By which attribute a list is sorted, in the short form of filters.short; "" is the order in which they came."""

    attribute: str = ""
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Found(Generic[Row]):
    """A page of what was found, and how many there are in all; `last`: where the next page begins, None at the end."""

    total: int
    rows: tuple[Row, ...]
    last: UUID | None = None


def user(connection_id: UUID, person_id: UUID) -> UserRow:
    """The user of this id whom the connection brought; NotFound for everybody else. Three statements."""
    for row in _rows(_by_person(connection_id, person_id), connection_id):
        return row
    raise NotFound


READ = ("id", "person_id", "user_name", "external_id", "active", "active_said", "attributes", "version",
        "created_at", "changed_at")  # fmt: skip


@prepared
def _by_person(connection_id: UUID, person_id: UUID) -> Any:
    return ScimUser.objects.filter(connection=connection_id, person=person_id).values_list(*READ)


@prepared
def _by_name(connection_id: UUID, user_name_key: str) -> Any:
    return _grouped(ScimUser.objects.filter(connection=connection_id, user_name_key=user_name_key))


@prepared
def _by_external(connection_id: UUID, external_id: str) -> Any:
    return _grouped(ScimUser.objects.filter(connection=connection_id, external_id=external_id))


def _grouped(found: QuerySet[Any]) -> Any:
    """READ, and whether they are in any group: most people whom a directory looks for are in none, and are not asked
    for twice."""
    return found.annotate(grouped=people.in_a_group("person_id")).values_list(*READ, "grouped")


def users(
    connection_id: UUID,
    bound: ScimFilter[Any] | None,
    order: Order,
    *,
    offset: int = 0,
    after: UUID | None = None,
    limit: int,
) -> Found[UserRow]:
    """A page of a connection's users: by place (`offset`) or behind a row (`after`, in the order they came)."""
    only = sole(bound) if bound is not None and after is None else None
    if only is not None:
        return sole_user(connection_id, *only, offset=offset, limit=limit)
    found = matching_users(connection_id, bound)
    total = found.count() if bound is not None else kept_count(connection_id, "users")
    if not limit or total <= offset:
        return Found(total, ())
    ids = place(found, _ordering(order), total, offset=offset, after=after, limit=limit)
    rows = tuple(rows_of_users(connection_id, ids[:limit]))
    return Found(total, rows, ids[limit - 1] if len(ids) > limit else None)


def sole_user(connection_id: UUID, attribute: str, value: str, *, offset: int = 0, limit: int = 1) -> Found[UserRow]:
    """Whoever has this `username`, folded, or this `externalid`: one of the connection's users, or nobody."""
    one = _by_name(connection_id, value) if attribute == "username" else _by_external(connection_id, value)
    shown = one[offset : offset + limit]
    grouped = any(row[-1] for row in shown)
    return Found(len(one), tuple(_rows([row[:-1] for row in shown], connection_id, grouped=grouped)))


def kept_count(connection_id: UUID, what: str) -> int:
    """How many `users` or `groups` a connection holds, as it keeps count of them; none beyond the scope."""
    for users, groups in _counts(connection_id):
        found: int = {"users": users, "groups": groups}[what]
        return found
    return 0


@prepared
def _counts(connection_id: UUID) -> Any:
    return Connection.objects.filter(pk=connection_id).values_list("users", "groups")


def matching_users(connection_id: UUID, bound: ScimFilter[Any] | None) -> QuerySet[Any]:
    found: QuerySet[Any] = ScimUser.objects.filter(connection=connection_id)
    return found if bound is None else found.filter(UserCompiler(bound).whole())


def rows_of_users(connection_id: UUID, row_ids: Sequence[UUID]) -> list[UserRow]:
    """These rows, in this order. Without the connection SQLite would look through everybody of the partner."""
    read = ScimUser.objects.filter(connection=connection_id, pk__in=row_ids).values_list(*READ)
    by_id = {row[0]: row for row in read}
    return _rows([by_id[one] for one in row_ids if one in by_id], connection_id)


def place(
    found: QuerySet[Any], ordering: list[OrderBy], total: int, *, offset: int, after: UUID | None, limit: int
) -> list[UUID]:
    """The keys of a page and of one row more, at little cost wherever it lies.

    A few that were found are put in order here: told to order them, SQLite reads everybody in that order instead. A
    page in the second half is counted from the end.
    """
    if after is not None:
        found = found.filter(pk__gt=after)
    last = offset + limit + 1
    if ordering:
        return list(found.order_by(*ordering, "pk").values_list("pk", flat=True)[offset:last])
    if total <= FEW:
        return sorted(found.order_by().values_list("pk", flat=True))[offset:last]
    if after is None and offset > total // 2:
        behind = max(total - last, 0)
        return list(found.order_by("-pk").values_list("pk", flat=True)[behind : total - offset])[::-1]
    return list(found.order_by("pk").values_list("pk", flat=True)[offset:last])


def directed(expression: Any, descending: bool) -> OrderBy:
    """What has no value comes last, or first when the order is turned around (RFC 7644, 3.4.2.3)."""
    found: OrderBy = expression.desc(nulls_first=True) if descending else expression.asc(nulls_last=True)
    return found


def _ordering(order: Order) -> list[OrderBy]:
    return [directed(value_of(order.attribute), order.descending)] if order.attribute else []


def value_of(attribute: str) -> Any:
    """By what users are put in the order of an attribute."""
    column = COLUMNS.get(attribute)
    if column in ("user_name_key", "external_id"):
        return Bytewise(F(column))
    if column:
        return F(column)
    head, _, part = attribute.partition(".")
    name = head if head in MANY else attribute
    values = ScimValue.objects.filter(user=OuterRef("pk"), attribute=name).order_by(
        F("primary").desc(nulls_last=True), "id"
    )
    wanted = {"type": "type_key", "display": "display_key"}.get(part if head in MANY else "", "value_key")
    return Bytewise(Subquery(values.values(wanted)[:1]))


def _rows(rows: Sequence[tuple[Any, ...]], connection_id: UUID, *, grouped: bool = True) -> list[UserRow]:
    """Rows of READ, with their groups, if any of them is in one."""
    if not rows:
        return []
    inside = people.memberships([row[1] for row in rows]) if grouped else {}
    held = {one for groups in inside.values() for one in groups}
    titles = dict(
        ScimGroup.objects.filter(connection=connection_id, group__in=held).values_list("group_id", "display_name")
        if held
        else ()
    )
    return [
        UserRow(
            row_id,
            person_id,
            Told(*told),
            version,
            created_at,
            changed_at,
            tuple((one, titles[one]) for one in inside.get(person_id, ()) if one in titles),
        )
        for row_id, person_id, *told, version, created_at, changed_at in rows
    ]


def known_users(connection_id: UUID, person_ids: Iterable[UUID]) -> set[UUID]:
    """Which of these people the connection brought."""
    rows = ScimUser.objects.filter(Q(person__in=list(person_ids)), connection=connection_id)
    return set(rows.values_list("person_id", flat=True))


def sent_users(connection_id: UUID, person_ids: Iterable[UUID]) -> dict[UUID, tuple[str, bool]]:
    """Of these people whom the connection still sends: their user name there, and whether they may come in."""
    rows = ScimUser.objects.filter(Q(person__in=list(person_ids)), connection=connection_id)
    return {person: (name, active) for person, name, active in rows.values_list("person_id", "user_name", "active")}


def joined_person(connection_id: UUID, *, external_id: str = "", user_name_key: str = "") -> UUID | None:
    """Who a sign-in means by the join key of the directory that brought them; None where nobody, or more than one."""
    rows = ScimUser.objects.filter(connection=connection_id)
    rows = rows.filter(external_id=external_id) if external_id else rows.filter(user_name_key=user_name_key)
    found = list(rows.values_list("person_id", flat=True)[:2]) if external_id or user_name_key else []
    return found[0] if len(found) == 1 else None
