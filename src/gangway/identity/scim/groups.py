"""/Groups: find, read, bring, replace, patch, take away. A membership costs the same in a group of any size."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from scim2_models import Group, InvalidFilterException, InvalidPathException, InvalidValueException, ScimFilter

from gangway.identity.actions import scim as actions
from gangway.identity.queries import scim as rows
from gangway.identity.queries.scim import GroupRow
from gangway.identity.rules.scim import Did
from gangway.identity.scim.answers import Answer, etag, group_resource
from gangway.identity.scim.asking import Ask, shown, wanted
from gangway.identity.scim.users import id_of
from gangway.identity.scim.words import (
    GROUP,
    attributes_named,
    operations_of_group,
    read_group,
    read_json,
    refuse_filter,
)

MEMBERS = re.compile(r"members\[(.*)\]", re.IGNORECASE | re.DOTALL)


def find(ask: Ask) -> Answer:
    want = wanted(ask, Group)
    want.check(ask.now)
    found = rows.scim_groups(
        ask.connection.id,
        want.bound,
        want.order,
        members=want.shown.members,
        offset=want.offset,
        after=want.after,
        limit=want.limit,
    )
    resources = [group_resource(row, ask.base) for row in found.rows]
    return Answer(200, want.listed(found, resources, ask.now), did=Did.READ)


def read(ask: Ask) -> Answer:
    row = _row(ask, members=shown(ask.given).members)
    if ask.known & {"*", etag(row.version)}:
        return Answer(304, headers={"ETag": etag(row.version)}, did=Did.READ)
    return _answer(ask, row, Did.READ)


def bring(ask: Ask) -> Answer:
    sent = read_group(read_json(ask.body))
    group_id = actions.create_group(
        connection_id=ask.connection.id,
        display_name=sent.display_name or "",
        external_id=_external(sent.external_id),
        members=[_person(one.value or "") for one in sent.members or ()],
        actor=ask.actor,
        now=ask.now,
    )
    answer = _answer(ask, rows.scim_group(ask.connection.id, group_id), Did.CREATED)
    return Answer(
        201, answer.body, {**answer.headers, "Location": f"{ask.base}/Groups/{group_id}"}, answer.did, str(group_id)
    )


def replace(ask: Ask) -> Answer:
    """All of a group anew: whom it does not name is in it no more."""
    row = _row(ask, members=False)
    sent = read_group(read_json(ask.body))
    change = actions.Change(
        display_name=sent.display_name,
        external_id=_external(sent.external_id),
        whole=frozenset(_person(one.value or "") for one in sent.members or ()),
    )
    did = _change(ask, row, change)
    return _answer(ask, rows.scim_group(ask.connection.id, row.group_id, members=shown(ask.given).members), did)


def patch(ask: Ask) -> Answer:
    """204: Entra asks for an answer without members. Only who is named is read and written."""
    row = _row(ask, members=False)
    body = read_json(ask.body)
    return Answer(204, did=_change(ask, row, change_of(operations_of_group(body))), why=attributes_named(body))


def remove(ask: Ask) -> Answer:
    row = _row(ask, members=False)
    version = row.version if ask.versions is not None else None
    actions.delete_group(
        connection_id=ask.connection.id, group_id=row.group_id, version=version, actor=ask.actor, now=ask.now
    )
    return Answer(204, did=Did.DELETED)


def _row(ask: Ask, *, members: bool) -> GroupRow:
    row = rows.scim_group(ask.connection.id, id_of(ask.parts[1]), members=members)
    if ask.versions is not None and not ask.versions & {"*", etag(row.version)}:
        raise actions.ChangedMeanwhile
    return row


def _change(ask: Ask, row: GroupRow, change: actions.Change) -> Did:
    changed = actions.change_group(
        connection_id=ask.connection.id,
        group_id=row.group_id,
        change=change,
        version=row.version if ask.versions is not None else None,
        actor=ask.actor,
        now=ask.now,
    )
    return Did.CHANGED if changed else Did.UNCHANGED


def _answer(ask: Ask, row: GroupRow, did: Did) -> Answer:
    body = shown(ask.given).of(group_resource(row, ask.base))
    return Answer(200, body, {"ETag": etag(row.version)}, did)


# ---------------------------------------------------------------- what a PATCH means


def change_of(operations: Iterable[Mapping[str, Any]]) -> actions.Change:
    """The operations in their order, as one change. InvalidPathException: a group has no such attribute."""
    work = _Reading()
    for one in operations:
        path, value = str(one.get("path") or ""), one.get("value")
        if path:
            work.take(one["op"], path, value)
        elif isinstance(value, dict):
            for name, part in value.items():
                if name.lower() not in ("id", "schemas", "meta"):
                    work.take(one["op"], name, part)
        else:
            raise InvalidPathException(detail="An operation names a path, or attributes in its value.")
    return work.change()


class _Reading:
    """What the operations read so far come to."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.external_id: str | None = None
        self.whole: set[UUID] | None = None
        self.join: set[UUID] = set()
        self.quit: set[UUID] = set()

    def change(self) -> actions.Change:
        return actions.Change(
            display_name=self.name,
            external_id=self.external_id,
            whole=None if self.whole is None else frozenset(self.whole),
            join=frozenset(self.join),
            quit=frozenset(self.quit),
        )

    def take(self, op: str, path: str, value: Any) -> None:
        bare = path[len(GROUP) + 1 :] if path.lower().startswith(f"{GROUP.lower()}:") else path
        if bare.lower() == "displayname" and op != "remove":
            self.name = _text(value, "displayName")
        elif bare.lower() == "externalid":
            self.external_id = "" if op == "remove" else _external(_text(value, "externalId"))
        elif bare.lower() == "members":
            self._members(op, None if value is None else people_of(value))
        elif (one := MEMBERS.fullmatch(bare)) and op == "remove":
            self._members(op, _selected(one[1]))
        else:
            raise InvalidPathException(detail=f"A group has nothing to {op} at “{path[:80]}”.")

    def _members(self, op: str, named: set[UUID] | None) -> None:
        if op == "replace" or (op == "remove" and named is None):
            self.whole, self.join, self.quit = named or set(), set(), set()
        elif op == "add":
            self._add(named or set())
        else:
            self._drop(named or set())

    def _add(self, named: set[UUID]) -> None:
        if self.whole is not None:
            self.whole |= named
        else:
            self.join, self.quit = self.join | named, self.quit - named

    def _drop(self, named: set[UUID]) -> None:
        """Entra names in a value whom to remove: those alone, never all."""
        if self.whole is not None:
            self.whole -= named
        else:
            self.join, self.quit = self.join - named, self.quit | named


def people_of(value: Any) -> set[UUID]:
    """The ids in a value: an object, a bare id, or a list of either."""
    named = value if isinstance(value, list) else [value]
    found = [one.get("value") if isinstance(one, dict) else one for one in named]
    return {_person(one) for one in found}


def _selected(inner: str) -> set[UUID]:
    """Whom `members[…]` takes out. InvalidPathException: it is no filter, or would take out whom it does not name."""
    try:
        ast = ScimFilter(inner).ast
        refuse_filter(ast)
        found = rows.chosen(ast)
    except InvalidFilterException as wrong:
        raise InvalidPathException(detail=wrong.detail) from wrong
    if found.others:
        raise InvalidPathException(detail="A group's members are taken out by their value, or all at once.")
    return set(found.ids)


def _person(named: Any) -> UUID:
    try:
        return UUID(named)
    except (ValueError, TypeError, AttributeError):
        raise InvalidValueException(detail="Members are named by the id of a user.") from None


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise InvalidValueException(detail=f"{name} is a text.")
    return value


def _external(value: str | None) -> str:
    if value and len(value) > 255:
        raise InvalidValueException(detail="externalId holds 255 signs at most.")
    return value or ""
