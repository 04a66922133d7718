"""Reads of files brought to a page: where each stands, and its bytes piece by piece."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime
from heapq import merge
from typing import Any, BinaryIO, cast
from uuid import UUID

from django.db.models import Exists, OuterRef

from gangway.kernel.jobs.queries import is_under_way
from gangway.kernel.language import say
from gangway.kernel.lists import csv_line, safe_cell
from gangway.kernel.refusal import NotFound
from gangway.kernel.said import unpack
from gangway.kernel.tenancy import scopes
from gangway.people.models import ImportChange, ImportChunk, ImportRun, Sheet, SheetPiece
from gangway.people.queries.import_runs import ImportRow, as_row, called
from gangway.people.rules import LOOKS, ROWS_A_PAGE, SHEET_LIFE, UNDO_LIFE

PIECE = 256 * 1024  # bytes; every piece of a file but its last has as many


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A file brought to a page. `shown`: the first rows of each kind of rules.LOOKS, or why it is unusable, packed."""

    id: UUID
    partner_id: UUID
    file_name: str
    size: int
    target_id: UUID | None
    place: str
    brought_by: UUID
    state: str
    problem: str
    lines: int
    line: int
    new: int
    changed: int
    unchanged: int
    refused: int
    letters: bool
    brought_at: datetime
    read_at: datetime | None
    shown: dict[str, Any] = field(default_factory=dict)

    @property
    def called(self) -> str:
        return called(self.file_name)


def _row(found: Sheet) -> SheetRow:
    return SheetRow(**{each.name: getattr(found, each.name) for each in fields(SheetRow)})


def sheet(sheet_id: UUID, *, place: str, by: UUID | None = None) -> SheetRow:
    """One file; NotFound outside the scope, brought to another page, or (with `by`) by somebody else."""
    found = Sheet.objects.filter(pk=sheet_id, place=place).first()
    if found is None or by not in (None, found.brought_by):
        raise NotFound
    return _row(found)


def brought_lately(*, place: str, by: UUID, limit: int = 8) -> tuple[SheetRow, ...]:
    """What somebody brought, the latest first: how work that was left is found again."""
    rows = Sheet.objects.filter(place=place, brought_by=by).defer("shown").order_by("-brought_at", "-id")
    return tuple(_row(found) for found in rows[:limit])


def runs_of(sheet_id: UUID) -> tuple[ImportRow, ...]:
    """The imports a file became, one for each partner that the scope reaches."""
    return tuple(as_row(run) for run in ImportRun.objects.filter(sheet_id=sheet_id).order_by("id"))


def look_at(partner_id: UUID, sheet_id: UUID, kind: str, n: int) -> list[tuple[int, str, str]]:
    """Page `n`, from 0, of the rows of one kind, as (line, whom, fields or reason); [] behind the last one."""
    with scopes.one(partner_id):
        body = _piece(sheet_id, kind, n)
    return [(line, whom, say(unpack(what))) for line, whom, what in json.loads(body or b"[]")]


def look_of(partner_id: UUID, sheet_id: UUID) -> Iterator[str]:
    """Every row with what becomes of it, as CSV in the order of the file; opens the scope of its partner."""
    yield "\ufeff" + csv_line(["line", "whom", "result", "what"])
    for rows in merge(*(_rows(partner_id, sheet_id, result, kind) for result, kind in LOOKS.items())):
        yield csv_line([safe_cell(value) for value in rows])


def _rows(partner_id: UUID, sheet_id: UUID, result: str, kind: str) -> Iterator[tuple[int, str, str, str]]:
    n, full = 0, True
    while full:
        rows = look_at(partner_id, sheet_id, kind, n)
        yield from ((line, whom, result, what) for line, whom, what in rows)
        n, full = n + 1, len(rows) == ROWS_A_PAGE


def under_way(sheet_id: UUID) -> bool:
    """Whether a worker has a file in hand, or will have."""
    jobs = ("gangway.people.jobs.check_sheet", "gangway.people.jobs.read_sheet")
    return is_under_way(*jobs, sheet_id=str(sheet_id))


def undo_under_way(run_id: UUID) -> bool:
    """Whether a worker takes this import back, or will."""
    return is_under_way("gangway.people.jobs.undo_import", run_id=str(run_id))


def old_sheets(now: datetime) -> list[tuple[UUID, UUID]]:
    """(partner, file) of files brought longer ago than they are kept, over all partners, at most 500."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = Sheet.objects.filter(brought_at__lt=now - SHEET_LIFE).order_by("brought_at")
        return list(rows.values_list("partner_id", "id")[:500])


def old_runs(now: datetime) -> list[tuple[UUID, UUID]]:
    """(partner, import) of imports that still keep what an undo needs, longer than that, at most 500."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = ImportRun.objects.filter(started_at__lt=now - UNDO_LIFE)
        kept = Exists(ImportChunk.objects.filter(run=OuterRef("pk"))) | Exists(
            ImportChange.objects.filter(run=OuterRef("pk"))
        )
        return list(rows.filter(kept).order_by("started_at").values_list("partner_id", "id")[:500])


def open_sheet(sheet_id: UUID) -> BinaryIO:
    """The bytes of a file, read piece by piece in the scope that is open while it is read."""
    return cast(BinaryIO, io.BufferedReader(_Pieces(sheet_id), PIECE))


def _piece(sheet_id: UUID, kind: str, n: int) -> bytes | None:
    rows = SheetPiece.objects.filter(sheet=sheet_id, kind=kind, n=n)
    body = rows.values_list("body", flat=True).first()
    return None if body is None else bytes(body)


class _Pieces(io.RawIOBase):
    """A file in the database. Only whole pieces are asked for; one is held at a time."""

    def __init__(self, sheet_id: UUID) -> None:
        self.sheet_id = sheet_id
        self.position = 0
        self.held: tuple[int, bytes] = (-1, b"")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence == io.SEEK_CUR:
            offset += self.position
        elif whence != io.SEEK_SET:
            raise io.UnsupportedOperation("The end is found by reading.")
        self.position = offset
        return offset

    def tell(self) -> int:
        return self.position

    def readinto(self, buffer: Any) -> int:
        n, offset = divmod(self.position, PIECE)
        if self.held[0] != n:
            self.held = (n, _piece(self.sheet_id, "file", n) or b"")
        body = self.held[1][offset : offset + len(buffer)]
        buffer[: len(body)] = body
        self.position += len(body)
        return len(body)
