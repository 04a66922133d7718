"""Users and groups in one list, as the root of the server shows them (RFC 7644, 3.4.2.1 and 3.4.3)."""

from typing import Any
from uuid import UUID

from django.db.models import F, TextField, Value
from scim2_models import ScimFilter

from gangway.identity.queries.scim import groups, users
from gangway.identity.queries.scim.filters import Bytewise
from gangway.identity.queries.scim.groups import GroupRow
from gangway.identity.queries.scim.users import Found, Order, UserRow, directed

HERE = ("externalid", "displayname", "id", "meta.created", "meta.lastmodified")  # what groups are sorted by


def resources(
    connection_id: UUID,
    of_users: ScimFilter[Any] | None,
    of_groups: ScimFilter[Any] | None,
    order: Order,
    *,
    members: bool,
    offset: int = 0,
    limit: int,
) -> Found[UserRow | GroupRow]:
    """A page of what a connection brought: users, then groups, or both in one order. The filters say the same."""
    if order.attribute and limit:
        return _sorted(connection_id, of_users, of_groups, order, members=members, offset=offset, limit=limit)
    people = users.users(connection_id, of_users, Order(), offset=offset, limit=limit)
    titled = groups.scim_groups(
        connection_id,
        of_groups,
        Order(),
        members=members,
        offset=max(0, offset - people.total),
        limit=limit - len(people.rows),
    )
    return _page(people.total + titled.total, [*people.rows, *titled.rows], offset)


def _sorted(
    connection_id: UUID,
    of_users: ScimFilter[Any] | None,
    of_groups: ScimFilter[Any] | None,
    order: Order,
    *,
    members: bool,
    offset: int,
    limit: int,
) -> Found[UserRow | GroupRow]:
    """What a type has no value of comes last, as nothing does."""
    nothing = Bytewise(Value(None, output_field=TextField()))
    people, titled = users.matching_users(connection_id, of_users), groups.matching_groups(connection_id, of_groups)
    total = people.count() + titled.count()
    by_user = nothing if order.attribute.startswith("members") else users.value_of(order.attribute)
    by_group = groups.value_of(order.attribute) if order.attribute in HERE else nothing
    one = people.annotate(kind=Value(0), by=by_user).values_list("kind", "pk", "by")
    two = titled.annotate(kind=Value(1), by=by_group).values_list("kind", "pk", "by")
    both = one.union(two, all=True).order_by(directed(F("by"), order.descending), "kind", "pk")
    places = [(kind, key) for kind, key, _by in both[offset : offset + limit]]
    wanted = {kind: [key for found, key in places if found == kind] for kind in (0, 1)}
    found: dict[UUID, UserRow | GroupRow] = {}
    found |= {row.row_id: row for row in users.rows_of_users(connection_id, wanted[0])}
    found |= {row.row_id: row for row in groups.rows_of_groups(connection_id, wanted[1], members=members)}
    return _page(total, [found[key] for _kind, key in places if key in found], offset)


def _page(total: int, rows: list[UserRow | GroupRow], offset: int) -> Found[UserRow | GroupRow]:
    return Found(total, tuple(rows), rows[-1].row_id if rows and offset + len(rows) < total else None)
