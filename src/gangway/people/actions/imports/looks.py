"""What reading a file would do, row by row, kept in pieces of a page for each kind of result."""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from gangway.kernel.said import pack
from gangway.kernel.sheets import Outcome
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import printable
from gangway.people.models import SheetPiece
from gangway.people.rules import LOOKS, ROWS_A_PAGE

SHOWN = 8  # rows of each kind on the first page
PIECES_AT_ONCE = 40


@dataclass(slots=True)
class Look:
    """Takes outcomes one by one. `shown`: the first rows of each kind that changes something, as (line, whom, what)."""

    sheet_id: UUID
    partner_id: UUID
    shown: dict[str, list[list[Any]]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    rows: dict[str, list[list[Any]]] = field(default_factory=dict)
    waiting: list[SheetPiece] = field(default_factory=list)

    def take(self, outcome: Outcome) -> None:
        """Keep one row; called between two transactions of the import."""
        kind = LOOKS[str(outcome.result)]
        what = pack(outcome.reason) if outcome.reason else ", ".join(outcome.fields)
        rows = self.rows.setdefault(kind, [])
        rows.append([outcome.line, printable(outcome.key, 120), what])
        if len(rows) == ROWS_A_PAGE:
            self._cut(kind)
        if len(self.waiting) >= PIECES_AT_ONCE:
            self._write()

    def finish(self) -> None:
        """Keep what is left."""
        for kind in [kind for kind, rows in self.rows.items() if rows]:
            self._cut(kind)
        self._write()

    def _cut(self, kind: str) -> None:
        n, rows = self.pages.get(kind, 0), sorted(self.rows.pop(kind), key=lambda row: row[0])
        if n == 0:
            self.shown[kind] = rows[:SHOWN]
        self.waiting.append(SheetPiece(sheet_id=self.sheet_id, kind=kind, n=n, body=_bytes(rows)))
        self.pages[kind] = n + 1

    def _write(self) -> None:
        with scopes.one(self.partner_id):
            SheetPiece.objects.bulk_create(self.waiting)
        self.waiting = []


def _bytes(rows: list[list[Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode()
