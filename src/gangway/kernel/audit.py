"""The audit log: written by every action, in its transaction; append-only by the database."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry
from gangway.kernel.prepared import insert
from gangway.kernel.tenancy import scopes

request_id: ContextVar[str] = ContextVar("gangway_request_id", default="")


@contextmanager
def one_request() -> Iterator[None]:
    """What is done inside belongs to one request: its entries share a fresh number."""
    token = request_id.set(uuid4().hex)
    try:
        yield
    finally:
        request_id.reset(token)


def record(
    *,
    actor: Actor,
    verb: str,
    object_type: str,
    object_id: UUID | str,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    changes_personal: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry. Names, addresses and free text of people go to `changes_personal`, which erasing blanks."""
    entry = Entry(object_id, changes or {}, changes_personal or {})
    insert(_row(entry, actor, verb, object_type, now))


class Entry(NamedTuple):
    """What is said of one object among many."""

    object_id: UUID | str
    changes: Mapping[str, Any]
    changes_personal: Mapping[str, Any]


def record_all(entries: Iterable[Entry], *, actor: Actor, verb: str, object_type: str, now: datetime) -> None:
    """Write many entries of one verb at once: for bulk work."""
    insert(*(_row(entry, actor, verb, object_type, now) for entry in entries))


def _row(entry: Entry, actor: Actor, verb: str, object_type: str, now: datetime) -> AuditEntry:
    scope = scopes.current()
    return AuditEntry(
        at=now,
        partner_id=scope.partner_id if scope else None,
        actor_kind=actor.kind,
        actor_id=actor.id,
        on_behalf_of=actor.on_behalf_of,
        via=actor.via,
        request_id=request_id.get(),
        verb=verb,
        object_type=object_type,
        object_id=str(entry.object_id),
        changes=dict(entry.changes),
        changes_personal=dict(entry.changes_personal),
    )


def last_at(object_type: str, object_id: UUID | str, verbs: Collection[str]) -> datetime | None:
    """When one of these verbs was last done to an object; None: never. The caller has checked that it may be seen."""
    entries = AuditEntry.objects.filter(object_type=object_type, object_id=str(object_id), verb__in=verbs)
    return entries.order_by("-at", "-id").values_list("at", flat=True).first()


def latest(object_type: str, object_id: UUID | str, verb: str, **said: str) -> AuditEntry | None:
    """The last entry of one verb about an object, or None; `said`: whose changes say so. The caller has checked that it
    may be seen."""
    entries = AuditEntry.objects.filter(object_type=object_type, object_id=str(object_id), verb=verb)
    entries = entries.filter(**{f"changes__{name}": value for name, value in said.items()})
    return entries.order_by("-at", "-id").first()


def once_said(object_type: str, object_id: UUID | str, field: str) -> tuple[str, ...]:
    """Every text that was ever written for a personal field of an object, the latest first."""
    entries = AuditEntry.objects.filter(object_type=object_type, object_id=str(object_id)).order_by("-at", "-id")
    said = (entry.get(field) for entry in entries.values_list("changes_personal", flat=True))
    return tuple(dict.fromkeys(text for text in said if isinstance(text, str) and text))
