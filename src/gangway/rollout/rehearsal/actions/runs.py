"""A rehearsal is begun, noted step by step, ended; what an earlier one left is swept up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.credentials import actions as credentials
from gangway.credentials import queries as awards
from gangway.identity import actions as identity
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound
from gangway.partners import actions as partners
from gangway.people import actions as people_actions
from gangway.people import queries as people
from gangway.rollout.rehearsal.events import RehearsalEnded
from gangway.rollout.rehearsal.models import Run
from gangway.rollout.rehearsal.rules import Cause, first_failure, passes

BROKEN_OFF = "Its process was stopped before it came to its end."


@action("rehearsal.run.begin")
def begin_run(*, cause: Cause, type_key: str, actor: Actor, now: datetime) -> UUID:
    """A new run of the scope's rehearsal partner; whatever an earlier one left is swept up first."""
    sweep_up(actor=actor, now=now)
    run_id: UUID = Run.objects.create(cause=cause, type_key=type_key, started_at=now).pk
    _record("begin", run_id, {"cause": cause.value, "type": type_key}, actor, now)
    return run_id


@action("rehearsal.run.note_step")
def note_step(*, run_id: UUID, step: Mapping[str, Any], actor: Actor, now: datetime) -> int:
    """What a step came to; how many there are now. NotFound: the run has ended, or is none of the scope's."""
    row = _under_way(run_id)
    row.steps = [*row.steps, dict(step)]
    row.save(update_fields=["steps"])
    return len(row.steps)


@action("rehearsal.run.end")
def end_run(*, run_id: UUID, problem: str = "", actor: Actor, now: datetime) -> bool:
    """End a run and put away what it made; whether it passed. `problem`: why it broke off. NotFound as in note_step."""
    passed = _end(_under_way(run_id), problem, actor, now)
    sweep_up(actor=actor, now=now)
    return passed


@action("rehearsal.run.sweep")
def sweep_up(*, actor: Actor, now: datetime) -> None:
    """Put away whatever runs of the scope's rehearsal partner made: runs that never ended count as broken off, robots
    leave, their awards are revoked, connections are off, its doors on loopback are closed. What happened stays told."""
    for row in Run.objects.select_for_update().filter(passed=None):
        _end(row, BROKEN_OFF, actor, now)
    identity.disconnect_shell(actor=actor, now=now)
    for person in [row for row in people.everybody() if row.state != "left"]:
        for award in awards.awards_of(person.id, now):
            if award.revoked_at is None:
                credentials.revoke_award(
                    award_id=award.id, reason=credentials.RevokeReason.ISSUED_IN_ERROR, actor=actor, now=now
                )
        people_actions.person_leaves(person_id=person.id, source=person.managed_by or "desk", actor=actor, now=now)
    partners.close_shell(actor=actor, now=now)


def _under_way(run_id: UUID) -> Run:
    row: Run | None = Run.objects.select_for_update().filter(pk=run_id, passed=None).first()
    if row is None:
        raise NotFound
    return row


def _end(row: Run, problem: str, actor: Actor, now: datetime) -> bool:
    row.problem, row.ended_at = problem[:300], now
    row.passed = passes(row.steps, ended=not problem)
    row.save()
    failed = first_failure(row.steps)
    name = str(failed["name"]) if failed else ""
    _record("end", row.pk, {"passed": row.passed, "failed": name, "problem": row.problem}, actor, now)
    event = RehearsalEnded(run_id=row.pk, passed=row.passed, failed=name)
    publish(event, subject_id=row.pk, now=now, actor=actor)
    return bool(row.passed)


def _record(verb: str, run_id: UUID, changes: dict[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor,
        verb=f"rehearsal.run.{verb}",
        object_type="rehearsal.run",
        object_id=run_id,
        changes=changes,
        now=now,
    )
