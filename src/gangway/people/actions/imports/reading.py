"""A file of people: streamed, judged in chunks, written in transactions of at most 500 rows or 50 ms."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError

from gangway.kernel.actor import Actor
from gangway.kernel.pace import Pace
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.said import together
from gangway.kernel.sheets import Line, Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key
from gangway.partners.queries import PartnerRow, find_partner, partner_by_id
from gangway.people.actions.imports.ahead import Ahead
from gangway.people.actions.imports.chunks import Overtaken, end_run, start_run, write_chunk
from gangway.people.actions.imports.known import Row, mailboxes_of_leavers, rehearse
from gangway.people.models import ImportRun
from gangway.people.rules import RunState, Twins, parse_row

SHOWN = 10_000  # outcomes a report keeps; its counts go on


@dataclass(slots=True)
class ImportReport:
    """What became of the rows: counts of all, and the first 10,000 that are new, changed or refused.

    `resumed`: the line behind which a stopped import went on; the counts are those of the whole file, the rows are of
    what was read now. `runs`: the import's id by partner.
    """

    dry_run: bool
    counts: dict[Result, int] = field(default_factory=lambda: dict.fromkeys(Result, 0))
    outcomes: list[Outcome] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    runs: dict[str, UUID] = field(default_factory=dict)
    resumed: int = 0

    def note(self, outcome: Outcome) -> None:
        self.counts[outcome.result] += 1
        if outcome.result is not Result.UNCHANGED and len(self.outcomes) < SHOWN:
            self.outcomes.append(outcome)

    def go_on(self, run: ImportRun) -> None:
        """A run that stopped before: what it did counts."""
        self.resumed = max(self.resumed, run.line)
        for result in Result:
            self.counts[result] += getattr(run, str(result))

    def as_dict(self) -> dict[str, Any]:
        """For machines: counts first, then the rows in the order of the file."""
        counts = {str(result): n for result, n in self.counts.items()}
        rows = [outcome.as_dict() for outcome in self.outcomes]
        runs = {slug: str(run) for slug, run in self.runs.items()}
        return {"dry_run": self.dry_run, "partners": self.partners, "runs": runs, **counts, "rows": rows}


def import_people(
    *,
    lines: Iterable[Line],
    partner_id: UUID | None = None,
    file_name: str = "",
    digest: str = "",
    sheet_id: UUID | None = None,
    source: str = "csv",
    letters: bool = True,
    dry_run: bool = False,
    find: Callable[[str], PartnerRow] = find_partner,
    tell: Callable[[Outcome], None] = lambda _: None,
    progress: Callable[[int], None] = lambda _: None,
    pace: Pace | None = None,
    actor: Actor,
    now: datetime,
) -> ImportReport:
    """Make the people of one partner (or, by a column `partner`, of many) what a file says; nobody is removed.

    People are found by (source, external id), then by mailbox in the same partner. Each chunk is one transaction and
    its counts stand in an ImportRun with it. With the `digest` of the file (or its `sheet_id`), an import that was
    stopped or killed goes on behind its last chunk. `letters`: whether those who are new get the first letter.
    `find`: the partner a row names, or a refusal. `tell` hears of every row, `progress` the last line written.
    Opens `scopes.one` itself.
    """
    intake = _Intake(
        file_name, digest, sheet_id, source, letters, dry_run, find, tell, progress, pace or Pace(), actor, now
    )
    if partner_id is not None:
        with scopes.one(partner_id):
            intake.only = intake.open(partner_by_id(partner_id))
    try:
        for line in lines:
            intake.take(line)
        intake.finish(RunState.DONE)
    except Overtaken:
        raise  # whoever overtook us says how it ends
    except BaseException:
        intake.finish(RunState.FAILED)
        raise
    return intake.report


@dataclass(slots=True)
class _Part:
    """The rows of a file that are about one partner, and what waits for the next transaction.

    `written`: the line up to which it is written; `last`: the last line that was read; `ahead`: of a rehearsal.
    """

    partner: PartnerRow
    run_id: UUID | None
    written: int = 0
    last: int = 0
    rows: list[Row] = field(default_factory=list)
    refused: int = 0
    twins: Twins = field(default_factory=Twins)
    ahead: Ahead | None = None


@dataclass(slots=True)
class _Intake:
    """One reading of a file."""

    file_name: str
    digest: str
    sheet_id: UUID | None
    source: str
    letters: bool
    dry_run: bool
    find: Callable[[str], PartnerRow]
    tell: Callable[[Outcome], None]
    progress: Callable[[int], None]
    pace: Pace
    actor: Actor
    now: datetime
    report: ImportReport = field(init=False)
    only: _Part | None = None
    parts: dict[str, _Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.report = ImportReport(self.dry_run)

    def open(self, partner: PartnerRow) -> _Part:
        """Begin a partner's part, or go on with it; called in its scope."""
        part = _Part(partner, None)
        if not self.dry_run:
            run = start_run(
                source=self.source,
                file_name=self.file_name,
                digest=self.digest,
                sheet_id=self.sheet_id,
                actor=self.actor,
                now=self.now,
            )
            part.run_id, part.written = run.id, run.line
            self.report.runs[partner.slug] = run.id
            self.report.go_on(run)
        self.parts[partner.slug] = part
        self.report.partners.append(partner.slug)
        return part

    def take(self, line: Line) -> None:
        """Read one line; write when enough are waiting."""
        part = self.only
        try:
            part = self._part_of(line)
            part.last = line.number
            if line.problem:
                raise Invalid(problem=line.problem)
            spec = parse_row(line.cells)
            part.twins.refuse(spec, line.number)
        except Overtaken:
            raise
        except Refusal as refusal:
            self._refuse(part, line, refusal)
            return
        if line.number <= part.written:
            return
        part.rows.append((line.number, spec))
        if len(part.rows) >= self.pace.size:
            self._write(part)

    def _part_of(self, line: Line) -> _Part:
        slug = line.cells.get("partner")
        if self.only is not None:
            self.only.last = line.number
            if slug and slug != self.only.partner.slug:
                raise Invalid(
                    field="partner",
                    problem="The row is about “{slug}”, but the file is read into “{own}”.",
                    slug=slug,
                    own=self.only.partner.slug,
                )
            return self.only
        if not slug:
            raise Invalid(field="partner", problem="The row names no partner.", mend="Fill in its slug.")
        if slug not in self.parts:
            partner = self.find(clean_key(slug, "partner"))
            with scopes.one(partner.id):
                self.open(partner)
        return self.parts[slug]

    def _refuse(self, part: _Part | None, line: Line, refusal: Refusal) -> None:
        if part is not None:
            if line.number <= part.written:
                return
            part.refused += 1
        self._note(Outcome(line.number, _whom(line), Result.REFUSED, reason=together(refusal.said, refusal.step)))

    def _note(self, outcome: Outcome) -> None:
        self.report.note(outcome)
        self.tell(outcome)

    def _write(self, part: _Part) -> None:
        """Judge what waits and, unless rehearsing, write it in one transaction; again if somebody was faster."""
        rows, part.rows = part.rows, []
        with scopes.one(part.partner.id), self.pace.chunk(len(rows)):
            try:
                judged = self._chunk(part, rows)
            except IntegrityError:
                judged = self._chunk(part, rows)
        part.refused, part.written = 0, part.last
        for outcome in judged:
            self._note(outcome)
        self.progress(part.written)

    def _chunk(self, part: _Part, rows: list[Row]) -> list[Outcome]:
        if part.run_id is None:
            part.ahead = part.ahead or Ahead(mailboxes_of_leavers(self.source))
            return rehearse(rows, part.partner, self.source, part.ahead)
        return write_chunk(
            run_id=part.run_id,
            rows=rows,
            refused=part.refused,
            after=part.written,
            line=part.last,
            partner=part.partner,
            source=self.source,
            letters=self.letters,
            actor=self.actor,
            now=self.now,
        )

    def finish(self, state: RunState) -> None:
        """Write the rest, unless the reading failed, and say in each run how it ended."""
        for part in self.parts.values():
            if state is RunState.DONE and (part.rows or part.refused):
                self._write(part)
            if part.run_id is not None:
                with scopes.one(part.partner.id):
                    end_run(run_id=part.run_id, state=state, actor=self.actor, now=self.now)
        self.report.outcomes.sort(key=lambda outcome: outcome.line)


def _whom(line: Line) -> str:
    return line.cells.get("email") or line.cells.get("external_id") or line.cells.get("name") or ""
