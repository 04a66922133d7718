"""Brings each event to each group of handlers: at least once, in order per subject, behind the group's own cursor.

A batch, the cursor and the handlers' effects commit together. An event that fails leaves a Failure row and holds later
events of its subject for that group; it is tried again with growing pauses, then parked for staff.
"""

import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction

from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.models import Cursor, Failure, Lane, OutboxEvent
from gangway.kernel.outbox.codec import load
from gangway.kernel.outbox.sequencer import place
from gangway.kernel.pace import Pace
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact, Reaction, groups

BATCH = 200
PACES: dict[str, Pace] = {}  # group → how many events it takes in one transaction
PARK_AFTER = 12
log = structlog.get_logger(__name__)


def turn(now: datetime) -> int:
    """One round: place, retry what is due, deliver one batch per group and lane. How much was done; 0 is idle."""
    done = place()
    done += _retry_due(now)
    heads = dict(Lane.objects.values_list("number", "last_position"))
    read = {(row.group, row.lane): row.position for row in Cursor.objects.all()}
    for group in groups():
        for lane, head in heads.items():
            if read.get((group, lane), 0) < head:
                done += _deliver(group, lane, now)
    return done


def drain(now: datetime, limit: int = 10_000) -> int:
    """Rounds until nothing is left to do: for commands and tests that want the effects at once."""
    total = 0
    for _ in range(limit):
        done = turn(now)
        if not done:
            return total
        total += done
    raise RuntimeError(f"The outbox did not come to rest in {limit} rounds.")


def _deliver(group: str, lane: int, now: datetime) -> int:
    Cursor.objects.get_or_create(group=group, lane=lane)
    pace, begun = PACES.setdefault(group, Pace(most=BATCH, begin=50)), time.monotonic()
    done = _deliver_some(group, lane, pace.size, now)
    if done:
        pace.took(done, time.monotonic() - begun)
    return done


def _deliver_some(group: str, lane: int, limit: int, now: datetime) -> int:
    """A batch in one transaction, which holds SQLite's only lock: never more than fits into a moment."""
    with transaction.atomic():
        locked = Cursor.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        cursor = locked.filter(group=group, lane=lane).first()
        if cursor is None:
            return 0
        batch = list(OutboxEvent.objects.filter(lane=lane, position__gt=cursor.position).order_by("position")[:limit])
        if not batch:
            return 0
        wanted = [row for row in batch if row.name in groups()[group]]
        _handle_batch(group, wanted, now)
        Cursor.objects.filter(pk=cursor.pk).update(position=batch[-1].position)
        return len(batch)


def _handle_batch(group: str, batch: list[OutboxEvent], now: datetime) -> None:
    subjects = {row.subject_id for row in batch}
    waiting = set(Failure.objects.filter(group=group, subject_id__in=subjects).values_list("subject_id", flat=True))
    for row in batch:
        if row.subject_id in waiting:
            _note_failure(group, row, "held", now, "An earlier event of the same subject waits.")
        elif error := _attempt(group, row):
            waiting.add(row.subject_id)
            _note_failure(group, row, "retry", now, error)


def _attempt(group: str, row: OutboxEvent) -> str:
    """Run the reactions of one group to one event, all or nothing; the error in words, "" where it went well."""
    try:
        with transaction.atomic():
            react(groups()[group][row.name], row)
    except Exception as error:
        log.exception("outbox.handler_failed", group=group, event_name=row.name, event_id=str(row.id))
        return f"{type(error).__name__}: {error}"[:2000]
    return ""


def react(reactions: Iterable[Reaction], row: OutboxEvent) -> None:
    """Call each reaction with the event, inside the scope of the event's partner."""
    fact = Fact(
        id=row.id,
        partner_id=row.partner_id,
        subject_id=row.subject_id,
        occurred_at=row.occurred_at,
        position=row.position or 0,
        actor=Actor(ActorKind(row.actor_kind), row.actor_id, "relay"),
    )
    with scopes.one(row.partner_id):
        for reaction in reactions:
            reaction.handler(load(reaction.event, row.payload), fact)


def _note_failure(group: str, row: OutboxEvent, state: str, now: datetime, error: str) -> None:
    Failure.objects.create(
        group=group,
        event=row,
        subject_id=row.subject_id,
        state=state,
        attempts=0 if state == "held" else 1,
        next_try_at=None if state == "held" else now + pause(1),
        last_error=error,
    )


def pause(attempts: int) -> timedelta:
    """Two seconds, doubled each time, at most an hour."""
    return timedelta(seconds=min(3600, 2 ** min(attempts, 12)))


def _retry_due(now: datetime) -> int:
    due = Failure.objects.filter(state="retry", next_try_at__lte=now).order_by("event__position")
    return sum(_retry(failure_id, now) for failure_id in list(due.values_list("pk", flat=True)[:BATCH]))


def _retry(failure_id: UUID, now: datetime) -> int:
    with transaction.atomic():
        locked = Failure.objects.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
        failure = locked.filter(pk=failure_id, state="retry").first()
        if failure is None:
            return 0
        error = _attempt(failure.group, OutboxEvent.objects.get(pk=failure.event_id))
        if error:
            failure.attempts += 1
            failure.state = "parked" if failure.attempts >= PARK_AFTER else "retry"
            failure.next_try_at = now + pause(failure.attempts)
            failure.last_error = error
            failure.save()
        else:
            release(failure, now)
        return 1


def release(failure: Failure, now: datetime) -> None:
    """The failure is over: forget it and make the next event of its subject due."""
    rest = Failure.objects.filter(group=failure.group, subject_id=failure.subject_id).exclude(pk=failure.pk)
    following = rest.order_by("event__position").first()
    Failure.objects.filter(pk=failure.pk).delete()
    if following is not None:
        Failure.objects.filter(pk=following.pk).update(state="retry", next_try_at=now)
