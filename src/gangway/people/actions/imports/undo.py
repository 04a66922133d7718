"""Taking an import back: who it made and nobody holds on to is deleted, what it changed goes back, the rest is listed.

A person whom another context knows by now (an enrolment begun, a letter sent) cannot vanish: they leave. Whoever was
changed since the import stays as they are. The access epoch only ever grows, so that nothing the import opened is good
again by accident. Who was made goes first: their mailbox may be one that a row before gave away.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import F
from django.utils.module_loading import import_string

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.kernel.pace import Pace
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy.references import pointing_at
from gangway.kernel.wiring import part
from gangway.people.actions.imports.marks import Holdings
from gangway.people.actions.imports.restoring import (
    Changed,
    changed_people,
    goes_back,
    holder,
    restore,
    wanted_mailbox,
)
from gangway.people.actions.persons import note, person_leaves
from gangway.people.events import PersonWithdrawn
from gangway.people.models import (
    ExternalId,
    Grant,
    Group,
    GroupMember,
    ImportChange,
    ImportChunk,
    ImportRun,
    Mailbox,
    Person,
)
from gangway.people.queries.sheets import undo_under_way
from gangway.people.rules import RunState, Why

LISTED = 1_000  # people that stayed, by name; their number goes on
OWN = (ExternalId, Grant, GroupMember, Mailbox)


class NothingToUndo(Refusal):
    code = "people.nothing_to_undo"
    message = "This import cannot be undone: {words}."
    next_step = "Change the people it brought one by one, or suspend them."


@dataclass(slots=True)
class UndoReport:
    """`removed`, `restored` and `left` count people; `kept` lists (person, why) who stay as they are."""

    dry_run: bool
    removed: int = 0
    restored: int = 0
    left: int = 0
    kept: list[tuple[UUID, Why]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        kept = [{"person": str(person), "why": str(why)} for person, why in self.kept]
        done = {"removed": self.removed, "restored": self.restored, "left": self.left, "kept": len(kept)}
        return {"dry_run": self.dry_run, **done, "rows": kept}

    def add(self, other: "UndoReport") -> None:
        self.removed += other.removed
        self.restored += other.restored
        self.left += other.left
        self.kept += other.kept


@dataclass(slots=True)
class Undoing:
    """One undo. `moved`: in a rehearsal, those who would have left their mailbox by now."""

    run: ImportRun
    dry_run: bool
    actor: Actor
    now: datetime
    moved: set[UUID] = field(default_factory=set)


def undo_import(
    *,
    run_id: UUID,
    dry_run: bool = False,
    progress: Callable[[int], None] = lambda _: None,
    actor: Actor,
    now: datetime,
) -> UndoReport:
    """Take an import of the scope's partner back, in transactions of at most 500 people; stopped, it goes on.

    NothingToUndo: it was undone already, or is too old and what undo needs was forgotten.
    """
    run = run_to_undo(run_id)
    report = UndoReport(dry_run)
    if not dry_run:
        begin_undo(run_id=run_id, actor=actor, now=now)
    undoing = Undoing(run, dry_run, actor, now)
    pace, done = Pace(), 0
    for step, rows in STEPS:
        after: Any = None
        while batch := rows(run_id, after, pace.size):
            with pace.chunk(len(batch)):
                report.add(step(undoing, batch))
            after = batch[-1].pk
            done += len(batch)
            progress(done)
    if not dry_run:
        end_undo(run_id=run_id, actor=actor, now=now)
    return report


def run_to_undo(run_id: UUID) -> ImportRun:
    """The run, if there is something to take back; NotFound outside the scope, NothingToUndo."""
    found: ImportRun | None = ImportRun.objects.filter(pk=run_id).first()
    if found is None:
        raise NotFound
    if found.state == RunState.UNDONE:
        raise NothingToUndo(words="it was undone already")
    kept = ImportChunk.objects.filter(run=run_id).exists() or ImportChange.objects.filter(run=run_id).exists()
    if not kept and found.state != RunState.UNDOING:
        words = "what its undo needs is kept for 30 days" if found.new or found.changed else "it changed nobody"
        raise NothingToUndo(words=words)
    return found


@action("people.import.undo")
def begin_undo(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """From now on nobody goes on reading this file."""
    ImportRun.objects.filter(pk=run_id).update(state=RunState.UNDOING.value)
    note(actor, "people.import.undo", run_id, {}, now, "import")


@action("people.import.ask_undo")
def ask_undo(*, run_id: UUID, by: UUID, actor: Actor, now: datetime) -> None:
    """A worker is to take an import back, or to go on where an undo stopped. NothingToUndo, as undo_import.

    Asked twice is asked once.
    """
    if run_to_undo(run_id).state != RunState.UNDOING:
        begin_undo(run_id=run_id, actor=actor, now=now)
    elif undo_under_way(run_id):
        return
    import_string("gangway.people.jobs.undo_import").enqueue(run_id=str(run_id), by=str(by))  # a room above, by name


@action("people.import.forget_undo")
def forget_undo(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Delete what the undo of an old import would need, old names and addresses among it."""
    ImportChunk.objects.filter(run=run_id).delete()
    ImportChange.objects.filter(run=run_id).delete()
    note(actor, "people.import.forget_undo", run_id, {}, now, "import")


@action("people.import.end_undo")
def end_undo(*, run_id: UUID, actor: Actor, now: datetime) -> None:
    """Everything that could go back went back."""
    ImportRun.objects.filter(pk=run_id).update(state=RunState.UNDONE.value, undone_at=now)
    run = ImportRun.objects.get(pk=run_id)
    note(actor, "people.import.end_undo", run_id, {"undone": run.undone, "left": run.left, "kept": run.kept}, now,
         "import")  # fmt: skip


def _changes(run_id: UUID, after: Any, size: int) -> Sequence[ImportChange]:
    """The latest changes first."""
    rows = ImportChange.objects.filter(run=run_id)
    return list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[:size])


def _chunks(run_id: UUID, after: Any, size: int) -> Sequence[ImportChunk]:
    """One chunk that made people after the other, the latest first."""
    rows = ImportChunk.objects.filter(run=run_id).exclude(made={})
    return list((rows.filter(pk__lt=after) if after else rows).order_by("-pk")[:1])


def _emptied(run_id: UUID, after: Any, size: int) -> Sequence[ImportChunk]:
    """Chunks whose people are gone, for their groups."""
    rows = ImportChunk.objects.filter(run=run_id, made={})
    return list((rows.filter(pk__gt=after) if after else rows).order_by("pk")[:size])


def _undo_chunk(undoing: Undoing, batch: Sequence[ImportChunk]) -> UndoReport:
    (chunk,) = batch
    said: dict[str, Any] = {"run": undoing.run, "chunk": chunk, "actor": undoing.actor, "now": undoing.now}
    if undoing.dry_run:
        return _sorted(chunk.made).report(dry_run=True)
    try:
        return undo_chunk(**said)
    except IntegrityError:  # a reaction to their coming was faster: look again
        return undo_chunk(**said)


def _undo_changes(undoing: Undoing, batch: Sequence[ImportChange]) -> UndoReport:
    if undoing.dry_run:
        return look_at_changes(undoing, batch)
    return undo_changes(run=undoing.run, batch=batch, actor=undoing.actor, now=undoing.now)


def _undo_groups(undoing: Undoing, batch: Sequence[ImportChunk]) -> UndoReport:
    if not undoing.dry_run:
        undo_groups(batch=batch, actor=undoing.actor, now=undoing.now)
    return UndoReport(undoing.dry_run)


def look_at_changes(undoing: Undoing, batch: Sequence[ImportChange]) -> UndoReport:
    """Who would go back."""
    report = UndoReport(dry_run=True)
    for one, back in _going_back(undoing, changed_people(undoing.run, batch)):
        report.restored += back
        report.kept += [] if back else [(one.person.id, Why.CHANGED)]
        if back and one.stood != (one.person.email_key, one.person.state):
            undoing.moved.add(one.person.id)
    return report


@action("people.import.undo_changes")
def undo_changes(*, run: ImportRun, batch: Sequence[ImportChange], actor: Actor, now: datetime) -> UndoReport:
    """Put back whom this import changed, where they still stand as the import left them."""
    report = UndoReport(dry_run=False)
    people = changed_people(run, batch, lock=True)
    for one, back in _going_back(Undoing(run, False, actor, now), people):
        report.restored += back
        report.kept += [] if back else [(one.person.id, Why.CHANGED)]
        if back:
            restore(one, source=run.source, actor=actor, now=now)
    ImportChange.objects.filter(pk__in=[row.pk for one in people for row in one.rows]).delete()
    _tally(run.pk, report)
    return report


def _going_back(undoing: Undoing, people: Sequence[Changed]) -> Iterator[tuple[Changed, bool]]:
    """Each with whether they can go back, in memory then; what one of them gives up is free for the next."""
    holdings = Holdings([one.person.id for one in people])
    for one in people:
        back = goes_back(one, holdings, undoing.run.source, undoing.now)
        yield one, back and not _taken(undoing, wanted_mailbox(one))


def _taken(undoing: Undoing, mailbox: str | None) -> bool:
    """Whether a mailbox is somebody's by now who will keep it."""
    person = holder(mailbox) if mailbox else None
    return person is not None and person not in undoing.moved and not _will_go(undoing.run, person)


def _will_go(run: ImportRun, person_id: UUID) -> bool:
    """Whether this import made somebody whom its undo has still to take away."""
    chunk = ImportChunk.objects.filter(run=run.pk, made__has_key=person_id.hex).first()
    return chunk is not None and not _sorted({person_id.hex: chunk.made[person_id.hex]}).kept


@dataclass(slots=True)
class _Sorted:
    """The people of a chunk: who can be deleted, who has to leave, who stays as they are."""

    free: list[Person] = field(default_factory=list)
    known: list[Person] = field(default_factory=list)
    kept: list[tuple[UUID, Why]] = field(default_factory=list)

    def report(self, dry_run: bool) -> UndoReport:
        return UndoReport(dry_run, removed=len(self.free), left=len(self.known), kept=self.kept)


def _sorted(marks: Mapping[str, str], *, lock: bool = False) -> _Sorted:
    made = {UUID(key): value for key, value in marks.items()}
    rows = Person.objects.filter(pk__in=list(made)).order_by("pk")
    people = {person.id: person for person in (rows.select_for_update() if lock else rows)}
    holdings = Holdings(people)
    found = _Sorted(kept=[(key, Why.GONE) for key in made if key not in people])
    same = []
    for person in people.values():
        if holdings.new_mark(person) == made[person.id]:
            same.append(person)
        else:
            found.kept.append((person.id, Why.CAME_IN if person.activated_at else Why.CHANGED))
    ids = [person.id for person in same]
    held = [table for rule in part("LET_GO") for table in rule.tables]
    known = pointing_at(Person, ids, named="person_id", own=(*OWN, *held))
    for rule in part("LET_GO"):
        known |= rule.alive(ids)
    found.free = [person for person in same if person.id not in known]
    found.known = [person for person in same if person.id in known]
    return found


@action("people.import.undo_chunk")
def undo_chunk(*, run: ImportRun, chunk: ImportChunk, actor: Actor, now: datetime) -> UndoReport:
    """Delete who is as the import made them; who is known elsewhere by now leaves; the rest stays and is listed."""
    found = _sorted(chunk.made, lock=True)
    ids = [person.id for person in found.free]
    for rule in part("LET_GO"):
        rule.forget(ids)
    for table in OWN:
        table.objects.filter(person__in=ids).delete()
    Person.objects.filter(pk__in=ids).delete()
    for person in found.known:
        person_leaves(person_id=person.id, source=run.source, actor=actor, now=now)
    entries = [audit.Entry(key, {"import": str(run.pk)}, {}) for key in ids]
    audit.record_all(entries, actor=actor, verb="people.person.withdraw", object_type="person", now=now)
    publish_all([(PersonWithdrawn(person_id=key), key) for key in ids], now=now, actor=actor)
    ImportChunk.objects.filter(pk=chunk.pk).update(made={})
    report = found.report(dry_run=False)
    _tally(run.pk, report)
    return report


@action("people.import.undo_groups")
def undo_groups(*, batch: Sequence[ImportChunk], actor: Actor, now: datetime) -> None:
    """Delete those groups it made that nobody is in, nothing else points at and nobody gave a name of its own."""
    made = [UUID(group) for chunk in batch for group in chunk.groups]
    held = pointing_at(Group, made, named="group_id") if made else set()
    Group.objects.filter(pk__in=set(made) - held, name=F("key")).delete()
    ImportChunk.objects.filter(pk__in=[chunk.pk for chunk in batch]).delete()


def _tally(run_id: UUID, report: UndoReport) -> None:
    run = ImportRun.objects.select_for_update().get(pk=run_id)
    listed = [[str(person), str(why)] for person, why in report.kept]
    run.undone += report.removed + report.restored
    run.left += report.left
    run.kept += len(report.kept)
    run.kept_rows = [*run.kept_rows, *listed][:LISTED]
    run.save()


STEPS: tuple[tuple[Callable[..., UndoReport], Callable[..., Sequence[Any]]], ...] = (
    (_undo_chunk, _chunks),
    (_undo_changes, _changes),
    (_undo_groups, _emptied),
)
