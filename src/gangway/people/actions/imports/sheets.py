"""A file brought to a page: kept in pieces, judged, read, forgotten. Any web process takes it, any worker reads it."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.module_loading import import_string

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import progress as job_progress
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import pack, said, together
from gangway.kernel.sheets import Outcome, read_csv
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.scopes import Scope
from gangway.kernel.values import printable
from gangway.partners.queries import PartnerRow, UnknownPartner, get_partner, partner_by_id
from gangway.people.actions.imports.looks import Look
from gangway.people.actions.imports.reading import ImportReport, import_people
from gangway.people.actions.persons import note
from gangway.people.models import Sheet, SheetPiece
from gangway.people.queries.sheets import PIECE, open_sheet, under_way
from gangway.people.rules import ALIASES, COLUMNS, SheetState

LARGEST = 20 * 1024 * 1024  # bytes of a file brought to a page; the command takes any size
MOST_LINES = 200_000
AT_ONCE = 64 * 1024  # bytes a page judges itself, while the visitor waits; above it a worker does
PIECES_AT_ONCE = 8
TOLD_EVERY = 1_000  # lines


class TooMuch(Refusal):
    code = "people.sheet_too_large"
    status = 413
    message = "The file has more than {most}."
    next_step = "Split it, or ask your vendor's operator: `gangway person import` takes files of any size."


class AlreadyRead(Refusal):
    code = "people.sheet_read"
    message = "This file is being read already, or was."
    next_step = "Look at what became of it."


def bring_sheet(
    *,
    body: Iterable[bytes],
    file_name: str,
    target_id: UUID | None,
    place: str,
    brought_by: UUID,
    actor: Actor,
    now: datetime,
) -> UUID:
    """Keep a file at the scope's partner, in pieces. TooMuch: more than 20 MB or 200,000 lines, and nothing is kept."""
    sheet_id = begin_sheet(
        file_name=file_name, target_id=target_id, place=place, brought_by=brought_by, actor=actor, now=now
    )
    digest, size, lines, waiting = hashlib.sha256(), 0, 0, []
    for n, piece in enumerate(_cut(body)):
        digest.update(piece)
        size, lines = size + len(piece), lines + piece.count(b"\n")
        if size > LARGEST or lines > MOST_LINES:
            forget_sheet(sheet_id=sheet_id, actor=actor, now=now)
            raise TooMuch(most="20 MB" if size > LARGEST else said("{n} line", "{n} lines", n=MOST_LINES))
        waiting.append(SheetPiece(sheet_id=sheet_id, kind="file", n=n, body=piece))
        if len(waiting) == PIECES_AT_ONCE:
            SheetPiece.objects.bulk_create(waiting)
            waiting = []
    SheetPiece.objects.bulk_create(waiting)
    Sheet.objects.filter(pk=sheet_id).update(digest=digest.hexdigest(), size=size, lines=lines + 1)
    if size > AT_ONCE:
        ask_check(sheet_id=sheet_id, actor=actor, now=now)
    return sheet_id


@action("people.sheet.check")
def ask_check(*, sheet_id: UUID, actor: Actor, now: datetime) -> None:
    """A worker is to judge it."""
    found = _sheet(sheet_id)
    _enqueue("check_sheet", sheet_id=sheet_id, place=found.place, by=found.brought_by)
    note(actor, "people.sheet.check", sheet_id, {}, now, "sheet")


def _cut(body: Iterable[bytes]) -> Iterator[bytes]:
    held = b""
    for part in body:
        held += part
        while len(held) >= PIECE:
            yield held[:PIECE]
            held = held[PIECE:]
    yield held


@action("people.sheet.bring")
def begin_sheet(
    *, file_name: str, target_id: UUID | None, place: str, brought_by: UUID, actor: Actor, now: datetime
) -> UUID:
    """Somebody brings a file; its bytes follow."""
    sheet = Sheet.objects.create(
        file_name=printable(file_name, 190) or "people.csv",
        digest="",
        size=0,
        target_id=target_id,
        place=place,
        brought_by=brought_by,
        brought_at=now,
    )
    note(actor, "people.sheet.bring", sheet.id, {"file_name": sheet.file_name}, now, "sheet")
    return UUID(str(sheet.id))


def check_sheet(*, sheet_id: UUID, within: Scope, actor: Actor, now: datetime) -> None:
    """Say what reading a file would do: counts, and every row in pages of its kind. Again, it begins anew.

    `within`: which partners its rows may be about. A file that is no table of people becomes `unusable`, with why.
    """
    sheet = _sheet(sheet_id)
    if sheet.state != SheetState.CHECKING:
        return
    SheetPiece.objects.filter(sheet=sheet_id).exclude(kind="file").delete()
    look = Look(sheet_id, sheet.partner_id)
    try:
        report = _import(sheet, within, dry_run=True, tell=look.take, letters=False, actor=actor, now=now)
    except Refusal as refusal:
        refuse_sheet(sheet_id=sheet_id, why=refusal, actor=actor, now=now)
        return
    look.finish()
    counts = {str(result): n for result, n in report.counts.items()}
    Sheet.objects.filter(pk=sheet_id, state=SheetState.CHECKING).update(
        state=SheetState.CHECKED.value, shown=look.shown, line=0, lines=sum(counts.values()), **counts
    )


def _import(
    sheet: Sheet,
    within: Scope,
    *,
    dry_run: bool,
    tell: Callable[[Outcome], None] = lambda _: None,
    letters: bool,
    actor: Actor,
    now: datetime,
) -> ImportReport:
    target = sheet.target_id
    if target is not None:
        _seen(within, lambda: partner_by_id(target))
    return import_people(
        lines=read_csv(open_sheet(sheet.id), COLUMNS, ALIASES, bare="email"),
        partner_id=target,
        file_name=sheet.file_name,
        sheet_id=None if dry_run else sheet.id,
        letters=letters,
        dry_run=dry_run,
        find=lambda slug: _seen(within, lambda: get_partner(slug), slug),
        tell=tell,
        progress=_Told(sheet.id, sheet.partner_id).at,
        actor=actor,
        now=now,
    )


def _seen(within: Scope, find: Callable[[], PartnerRow], slug: str = "") -> PartnerRow:
    """A partner the scope reaches. The vendor's own people do not come by a page: they may do too much."""
    try:
        with scopes.within(within):
            found = find()
    except NotFound as refusal:
        raise UnknownPartner(slug=printable(slug)) from refusal
    if found.kind == "host":
        problem = "The vendor's own people are not brought in by a page."
        raise Invalid(field="partner", problem=problem, mend="Ask the operator: gangway person import.")
    return found


@dataclass(slots=True)
class _Told:
    """Stores how far the work is, now and then: the page that follows it may be left and found again."""

    sheet_id: UUID
    partner_id: UUID
    last: int = 0

    def at(self, line: int) -> None:
        job_progress(line)
        if line >= self.last + TOLD_EVERY:
            self.last = line
            with scopes.one(self.partner_id):
                Sheet.objects.filter(pk=self.sheet_id).update(line=line)


def _sheet(sheet_id: UUID) -> Sheet:
    found: Sheet | None = Sheet.objects.filter(pk=sheet_id).first()
    if found is None:
        raise NotFound
    return found


@action("people.sheet.refuse")
def refuse_sheet(*, sheet_id: UUID, why: Refusal, actor: Actor, now: datetime) -> None:
    """The file cannot be read, or may not be any more; its page says why."""
    words = together(why.said, why.step)
    Sheet.objects.filter(pk=sheet_id).update(
        state=SheetState.UNUSABLE.value, problem=words[:500], shown={"problem": pack(words)}
    )
    note(actor, "people.sheet.refuse", sheet_id, {"code": why.code}, now, "sheet")


@action("people.sheet.go_on")
def go_on(*, sheet_id: UUID, actor: Actor, now: datetime) -> None:
    """Work on a file that stopped, since its worker failed too often, begins again where it stood.

    AlreadyRead: nothing stopped.
    """
    found = _sheet(sheet_id)
    job = {SheetState.CHECKING: "check_sheet", SheetState.READING: "read_sheet"}.get(SheetState(found.state))
    if job is None or under_way(sheet_id):
        raise AlreadyRead
    note(actor, "people.sheet.go_on", sheet_id, {"line": found.line}, now, "sheet")
    _enqueue(job, sheet_id=sheet_id, place=found.place, by=found.brought_by)


@action("people.sheet.stop")
def stop_sheet(*, sheet_id: UUID, actor: Actor, now: datetime) -> None:
    """Nobody goes on with a file whose reading stopped; what was read of it stays until it is undone."""
    if Sheet.objects.filter(pk=sheet_id, state=SheetState.READING).update(state=SheetState.READ.value, read_at=now):
        SheetPiece.objects.filter(sheet=sheet_id, kind="file").delete()
        note(actor, "people.sheet.stop", sheet_id, {}, now, "sheet")


@action("people.sheet.read")
def start_sheet(*, sheet_id: UUID, letters: bool, actor: Actor, now: datetime) -> None:
    """From now on a worker reads it. AlreadyRead: it was started before."""
    sheet = Sheet.objects.filter(pk=sheet_id, state=SheetState.CHECKED)
    if not sheet.update(state=SheetState.READING.value, letters=letters, line=0):
        raise AlreadyRead
    note(actor, "people.sheet.read", sheet_id, {"letters": letters}, now, "sheet")
    found = _sheet(sheet_id)
    _enqueue("read_sheet", sheet_id=sheet_id, place=found.place, by=found.brought_by)


def read_sheet(*, sheet_id: UUID, within: Scope, actor: Actor, now: datetime) -> None:
    """Bring the people of a started file; killed, the next worker goes on behind the last chunk."""
    sheet = _sheet(sheet_id)
    if sheet.state != SheetState.READING:
        return
    report = _import(sheet, within, dry_run=False, letters=sheet.letters, actor=actor, now=now)
    counts = {str(result): n for result, n in report.counts.items()}
    Sheet.objects.filter(pk=sheet_id).update(
        state=SheetState.READ.value, line=sum(counts.values()), read_at=now, **counts
    )
    SheetPiece.objects.filter(sheet=sheet_id, kind="file").delete()


@action("people.sheet.forget")
def forget_sheet(*, sheet_id: UUID, actor: Actor, now: datetime) -> None:
    """Delete a file that was brought, with everything it says; what was read of it stays."""
    SheetPiece.objects.filter(sheet=sheet_id).delete()
    Sheet.objects.filter(pk=sheet_id).delete()
    note(actor, "people.sheet.forget", sheet_id, {}, now, "sheet")


def _enqueue(job: str, **arguments: object) -> None:
    """By name: jobs are a room above. In the scope that is open, in the transaction that asks for it."""
    import_string(f"gangway.people.jobs.{job}").enqueue(**{key: str(value) for key, value in arguments.items()})
