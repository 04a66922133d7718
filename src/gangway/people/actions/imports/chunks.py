"""One transaction of an import: judge rows against what is true now, write what they change, keep what undo needs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import F

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Refusal
from gangway.kernel.sheets import Outcome, Result
from gangway.partners.queries import PartnerRow
from gangway.people.actions.imports import marks
from gangway.people.actions.imports.changes import change_all
from gangway.people.actions.imports.known import Judged, Row, judge_all
from gangway.people.actions.persons import admit_all, new_grant, note
from gangway.people.models import Group, GroupMember, ImportChunk, ImportRun, Person
from gangway.people.rules import PersonSpec, RunState


class Overtaken(Refusal):
    """Two processes read one file, or it was undone meanwhile: the one that comes second stops."""

    code = "people.import_overtaken"
    message = "This file is being read by another process, or its import was undone meanwhile."
    next_step = "See `gangway person imports`."


STOPPED = (RunState.RUNNING, RunState.FAILED)
GONE_BACK = (RunState.UNDOING, RunState.UNDONE)


@action("people.import.start")
def start_run(
    *, source: str, file_name: str, digest: str = "", sheet_id: UUID | None = None, actor: Actor, now: datetime
) -> ImportRun:
    """A file begins to be read into the scope's partner, or goes on: then it has a line and counts already.

    Overtaken: a file that was brought to a page has been read here, and was undone meanwhile.
    """
    if (stopped := _stopped(source, digest, sheet_id)) is not None:
        ImportRun.objects.filter(pk=stopped.pk).update(state=RunState.RUNNING.value)
        note(actor, "people.import.resume", stopped.id, {"line": stopped.line}, now, "import")
        return stopped
    if sheet_id is not None and ImportRun.objects.filter(source=source, sheet_id=sheet_id).exists():
        raise Overtaken  # it was undone while its worker was away
    run: ImportRun = ImportRun.objects.create(
        source=source, file_name=file_name[:200], digest=digest, sheet_id=sheet_id, started_at=now
    )
    note(actor, "people.import.start", run.id, {"source": source, "file_name": file_name}, now, "import")
    return run


def _stopped(source: str, digest: str, sheet_id: UUID | None) -> ImportRun | None:
    if not digest and sheet_id is None:
        return None
    begun = ImportRun.objects.select_for_update().filter(source=source, sheet_id=sheet_id)
    begun = begun.exclude(state__in=GONE_BACK) if sheet_id else begun.filter(digest=digest, state__in=STOPPED)
    found: ImportRun | None = begun.order_by("-started_at").first()
    return found


@action("people.import.chunk")
def write_chunk(
    *,
    run_id: UUID,
    rows: Sequence[Row],
    refused: int,
    after: int,
    line: int,
    partner: PartnerRow,
    source: str,
    letters: bool,
    actor: Actor,
    now: datetime,
) -> list[Outcome]:
    """Judge the rows behind line `after`, up to `line`, and write what they change.

    `refused`: lines among them that could not be read. Overtaken: the run does not stand at `after` any more.
    """
    run = ImportRun.objects.filter(pk=run_id, line=after, state=RunState.RUNNING)
    if not run.update(line=line):
        raise Overtaken
    chunk = _Chunk(run_id, partner, source, letters, actor, now)
    waiting = list(rows)
    while waiting:
        judged, waiting = judge_all(waiting, partner, source, lock=True).until_they_meet()
        chunk.write(judged)
    if chunk.made or chunk.fresh:
        groups = [str(group) for group in chunk.fresh]
        ImportChunk.objects.create(run_id=run_id, line=line, made=chunk.made, groups=groups)
    _count(run_id, chunk.outcomes, refused)
    return chunk.outcomes


@dataclass(slots=True)
class _Chunk:
    """What one transaction writes: `made` is person → mark, `fresh` are groups it made."""

    run_id: UUID
    partner: PartnerRow
    source: str
    letters: bool
    actor: Actor
    now: datetime
    made: dict[str, str] = field(default_factory=dict)
    fresh: list[UUID] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def write(self, judged: Judged) -> None:
        groups = self._groups(judged)
        self._admit(judged.new(), groups)
        change_all(
            judged.changed(),
            groups,
            run_id=self.run_id,
            source=self.source,
            letters=self.letters,
            actor=self.actor,
            now=self.now,
        )
        self.outcomes += judged.outcomes()

    def _groups(self, judged: Judged) -> dict[str, UUID]:
        """The groups that the rows name, by key, made where they are missing."""
        keys = {key for _, verdict in judged.verdicts() for key in verdict.changes.get("groups", ())}
        if not keys:
            return {}
        known = dict(Group.objects.filter(key__in=keys).values_list("key", "id"))
        fresh = [Group(id=new_id(), key=key, name=key) for key in sorted(keys - set(known))]
        Group.objects.bulk_create(fresh)
        self.fresh += [group.id for group in fresh]
        return known | {group.key: group.id for group in fresh}

    def _admit(self, specs: list[PersonSpec], groups: dict[str, UUID]) -> None:
        """Write who is new."""
        if not specs:
            return
        people = admit_all(specs, self.partner, source=self.source, letter=self.letters, actor=self.actor, now=self.now)
        pairs = list(zip(people, specs, strict=True))
        GroupMember.objects.bulk_create(
            GroupMember(group_id=groups[key], person=person) for person, spec in pairs for key in spec.groups
        )
        self.made |= {person.id.hex: self._mark(person, spec, groups) for person, spec in pairs}

    def _mark(self, person: Person, spec: PersonSpec, groups: dict[str, UUID]) -> str:
        ids = [f"{self.source} {spec.external_id}"] if spec.external_id else []
        grants = [new_grant(person, role, person.partner_id, self.now) for role in spec.roles]
        return marks.of_new(person, ids, grants, (groups[key] for key in spec.groups))


def _count(run_id: UUID, outcomes: Sequence[Outcome], refused: int) -> None:
    counts = {result: sum(outcome.result is result for outcome in outcomes) for result in Result}
    ImportRun.objects.filter(pk=run_id).update(
        new=F("new") + counts[Result.NEW],
        changed=F("changed") + counts[Result.CHANGED],
        unchanged=F("unchanged") + counts[Result.UNCHANGED],
        refused=F("refused") + counts[Result.REFUSED] + refused,
    )


@action("people.import.end")
def end_run(*, run_id: UUID, state: RunState, actor: Actor, now: datetime) -> None:
    """The file is read, or its reading failed; what was written before stays."""
    ImportRun.objects.filter(pk=run_id, state=RunState.RUNNING).update(state=state.value, finished_at=now)
    note(actor, "people.import.end", run_id, {"state": state.value}, now, "import")
