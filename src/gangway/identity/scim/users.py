"""/Users: find, read, bring, replace, patch, take away."""

from typing import Any
from uuid import UUID

from gangway.identity.actions import scim as actions
from gangway.identity.queries import scim as rows
from gangway.identity.queries.scim import UserRow
from gangway.identity.rules.scim import Did, Told
from gangway.identity.scim.answers import Answer, etag, user_resource
from gangway.identity.scim.asking import FIRST_PAGE, Ask, shown, sole, wanted
from gangway.identity.scim.words import Person, attributes_named, read_json, told_new, told_patched, told_whole
from gangway.kernel.refusal import NotFound

TRIES = 3  # a PATCH without If-Match that was overtaken reads again


def find(ask: Ask) -> Answer:
    """A page of users, by place or by cursor."""
    only = sole(ask)
    if only is not None:
        meant = rows.sole_user(ask.connection.id, *only)
        return Answer(200, FIRST_PAGE.listed(meant, [user_resource(row, ask.base) for row in meant.rows], ask.now),
                      did=Did.READ)  # fmt: skip
    want = wanted(ask, Person)
    want.check(ask.now)
    found = rows.users(
        ask.connection.id, want.bound, want.order, offset=want.offset, after=want.after, limit=want.limit
    )
    resources = [user_resource(row, ask.base) for row in found.rows]
    return Answer(200, want.listed(found, resources, ask.now), did=Did.READ)


def read(ask: Ask) -> Answer:
    row = _row(ask)
    if ask.known & {"*", etag(row.version)}:
        return Answer(304, headers={"ETag": etag(row.version)}, did=Did.READ)
    return _answer(ask, row, Did.READ)


def bring(ask: Ask) -> Answer:
    told = told_new(read_json(ask.body))
    person_id = actions.create_user(connection_id=ask.connection.id, told=told, actor=ask.actor, now=ask.now)
    row = rows.user(ask.connection.id, person_id)
    answer = _answer(ask, row, Did.CREATED)
    return Answer(
        201, answer.body, {**answer.headers, "Location": f"{ask.base}/Users/{person_id}"}, answer.did, str(person_id)
    )


def replace(ask: Ask) -> Answer:
    row = _row(ask)
    told = told_whole(read_json(ask.body), row.told)
    return _changed(ask, row, told)


def patch(ask: Ask) -> Answer:
    body = read_json(ask.body)
    tries = 1 if ask.versions is not None else TRIES
    while True:
        row = _row(ask)
        patched = told_patched(body, row.told)
        try:
            return _changed(ask, row, patched.told, why=_ignored(patched.unknown) or attributes_named(body))
        except actions.ChangedMeanwhile:
            tries -= 1
            if not tries:
                raise


def remove(ask: Ask) -> Answer:
    row = _row(ask)
    actions.delete_user(
        connection_id=ask.connection.id,
        person_id=row.person_id,
        version=row.version if ask.versions is not None else None,
        actor=ask.actor,
        now=ask.now,
    )
    return Answer(204, did=Did.DELETED)


def _row(ask: Ask) -> UserRow:
    """The user that the path names, whom this connection brought, in a version that If-Match allows."""
    row = rows.user(ask.connection.id, id_of(ask.parts[1]))
    if ask.versions is not None and not ask.versions & {"*", etag(row.version)}:
        raise actions.ChangedMeanwhile
    return row


def id_of(text: str) -> UUID:
    """NotFound: what is no id of ours is nobody's."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _changed(ask: Ask, row: UserRow, told: Told, why: str = "") -> Answer:
    changed = actions.change_user(
        connection_id=ask.connection.id,
        person_id=row.person_id,
        told=told,
        version=row.version,
        actor=ask.actor,
        now=ask.now,
    )
    did = Did.CHANGED if changed else Did.UNCHANGED
    if row.told.active != told.active:
        did = Did.LET_IN if told.active else Did.SHUT_OUT
    return _answer(ask, rows.user(ask.connection.id, row.person_id) if changed else row, did, why)


def _answer(ask: Ask, row: UserRow, did: Did, why: str = "") -> Answer:
    body: dict[str, Any] = shown(ask.given).of(user_resource(row, ask.base))
    return Answer(200, body, {"ETag": etag(row.version)}, did, why)


def _ignored(unknown: tuple[str, ...]) -> str:
    """For the log: attributes that no schema has, without what was said of them."""
    names = sorted({name.partition("[")[0][:60] for name in unknown})
    return f"not known: {', '.join(names)}"[:300] if names else ""
