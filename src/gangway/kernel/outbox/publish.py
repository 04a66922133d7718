"""Writing a fact, in the transaction of the change it tells of."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.models import OutboxEvent
from gangway.kernel.outbox.codec import dump
from gangway.kernel.prepared import insert
from gangway.kernel.tenancy import scopes

LANES = 16


def lane_of(partner_id: UUID) -> int:
    """The lane of a partner: its events stay in one lane, in order."""
    return partner_id.int % LANES


def publish(event: Any, *, subject_id: UUID, now: datetime, actor: Actor | None = None) -> UUID:
    """Write `event` about `subject_id`, whose events stay in order. Only inside a transaction and scope `one`."""
    row = _row(event, subject_id, now, actor or Actor.job("gangway"))
    insert(row)
    return row.id


def publish_all(facts: Iterable[tuple[Any, UUID]], *, now: datetime, actor: Actor) -> None:
    """The same for many (event, subject) at once, in the order given: for bulk work."""
    insert(*(_row(event, subject_id, now, actor) for event, subject_id in facts))


def _row(event: Any, subject_id: UUID, now: datetime, actor: Actor) -> OutboxEvent:
    if not connection.in_atomic_block:
        raise RuntimeError(f"{event.name} was published outside a transaction: publish inside an action.")
    partner_id = scopes.writer()
    return OutboxEvent(
        id=new_id(),
        lane=lane_of(partner_id),
        name=event.name,
        partner_id=partner_id,
        subject_id=subject_id,
        payload=dump(event),
        actor_kind=actor.kind,
        actor_id=actor.id,
        occurred_at=now,
    )
