"""Breakers: a directory that takes away too many people at once, or brings too many, waits for a human."""

from datetime import datetime
from uuid import UUID

from gangway.identity.actions.connections import locked_connection
from gangway.identity.models import Connection, ScimHold, ScimRemoval, ScimUser
from gangway.identity.rules.scim import (
    BREAKER_HOUR,
    FREE_REMOVALS,
    PASS_LIFE,
    HoldKind,
    HoldState,
    room_to_bring,
    room_to_remove,
)
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal


class Held(Refusal):
    """`kind`, `seen` and `allowed` are for open_hold: the refusal takes back what the action wrote."""

    code = "identity.scim_held"
    status = 429
    message = "This is more than the directory does in an hour: {seen} where {allowed} pass. A human decides."
    next_step = "Ask the partner's admin to look at the connection, and try again later."

    def __init__(self, kind: HoldKind, seen: int, allowed: int) -> None:
        super().__init__(seen=seen, allowed=allowed)
        self.kind, self.seen, self.allowed = kind, seen, allowed


def refuse_removals(connection: Connection, row: ScimUser, now: datetime) -> None:
    """Held where a locked connection would shut out more people this hour than pass by themselves.

    Whom it made within that hour may go again: that is a test, or a mistake put right.
    """
    if not row.active or _lately_made(row, now):
        return
    if _passed(connection, HoldKind.REMOVALS, now):
        return
    waits = _open(connection, HoldKind.REMOVALS)
    if waits is not None:  # however long ago: until a human decides
        raise Held(HoldKind.REMOVALS, waits.seen, waits.allowed)
    since = now - BREAKER_HOUR
    removed = ScimRemoval.objects.filter(connection=connection.id, at__gt=since, counted=True)
    seen = removed.values("person_id").distinct().count() + 1
    if seen <= FREE_REMOVALS:
        return
    here = ScimUser.objects.filter(connection=connection.id).exclude(made=True, created_at__gt=since).count()
    allowed = room_to_remove(here + removed.filter(gone=True).values("person_id").distinct().count())
    if seen > allowed:
        raise Held(HoldKind.REMOVALS, seen, allowed)


def note_removal(connection: Connection, row: ScimUser, *, gone: bool, now: datetime) -> None:
    """Keep it; whom the connection made within this hour does not count. Somebody already shut out was kept then."""
    if row.active:
        ScimRemoval.objects.create(
            connection=connection, person_id=row.person_id, gone=gone, counted=not _lately_made(row, now), at=now
        )


def refuse_flood(connection: Connection, now: datetime) -> None:
    """Held where a locked connection brings more people than its admin named, and a quarter more."""
    if connection.head_count is None or _passed(connection, HoldKind.FLOOD, now):
        return
    seen = connection.users + 1
    allowed = room_to_bring(connection.head_count)
    if seen > allowed:
        raise Held(HoldKind.FLOOD, seen, allowed)


def _lately_made(row: ScimUser, now: datetime) -> bool:
    made: bool = row.made and row.created_at > now - BREAKER_HOUR
    return made


def _passed(connection: Connection, kind: HoldKind, now: datetime) -> bool:
    rows = ScimHold.objects.filter(connection=connection.id, kind=kind, state=HoldState.PASSED, until__gt=now)
    return bool(rows.exists())


def _open(connection: Connection, kind: HoldKind) -> ScimHold | None:
    found: ScimHold | None = ScimHold.objects.filter(connection=connection.id, kind=kind, state=HoldState.OPEN).first()
    return found


@action("identity.scim.open_hold")
def open_hold(*, connection_id: UUID, kind: HoldKind, seen: int, allowed: int, actor: Actor, now: datetime) -> None:
    """A breaker opened: such changes wait from now on, until a human decides. Once is enough."""
    connection = locked_connection(connection_id)
    if _open(connection, kind) is not None:
        return
    row = ScimHold.objects.create(connection=connection, kind=kind, seen=seen, allowed=allowed, opened_at=now)
    _note("identity.scim.open_hold", row, {"kind": kind.value, "seen": seen, "allowed": allowed}, actor, now)


@action("identity.scim.decide_hold")
def decide_hold(*, hold_id: UUID, state: HoldState, actor: Actor, now: datetime) -> None:
    """A human decides: `passed` lets such changes through for a day, `mended` closes the breaker and goes on counting.

    NotFound: it is none of the scope's, or somebody decided already.
    """
    row = ScimHold.objects.select_for_update().filter(pk=hold_id, state=HoldState.OPEN).first()
    if row is None or state is HoldState.OPEN:
        raise NotFound
    row.state, row.decided_at = state.value, now
    row.until = now + PASS_LIFE if state is HoldState.PASSED else None
    row.save()
    _note("identity.scim.decide_hold", row, {"kind": row.kind, "state": state.value}, actor, now)


def _note(verb: str, row: ScimHold, changes: dict[str, object], actor: Actor, now: datetime) -> None:
    told = {"connection": str(row.connection_id), **changes}
    audit.record(actor=actor, verb=verb, object_type="identity.connection", object_id=row.connection_id,
                 changes=told, now=now)  # fmt: skip
