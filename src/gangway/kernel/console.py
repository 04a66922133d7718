"""How commands speak: one JSON document for machines, a quiet table for people, refusals as a sentence."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from gangway.kernel.refusal import Refusal

console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)


def emit(value: Any, as_json: bool, words: Callable[[], None] | None = None) -> None:
    """Print `value` as one JSON document, or call `words`; without it a list of mappings becomes a table."""
    if as_json:
        sys.stdout.write(json.dumps(value, default=plain, ensure_ascii=False, indent=2) + "\n")
    elif words is not None:
        words()
    elif isinstance(value, Sequence) and not isinstance(value, str):
        table([dict(row) for row in value])
    else:
        console.print(value)


def table(rows: Sequence[Mapping[str, Any]]) -> None:
    """A table with the keys of the first row as its head. Instants are in UTC, to the second, and never broken.

    Where a word would have to break to fit, one block of lines for each row instead.
    """
    if not rows:
        console.print("Nothing to show yet.")
        return
    if _narrowest(rows) > console.width:
        _blocks(rows)
        return
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for key in rows[0]:
        instants = all(isinstance(row[key], datetime | None) for row in rows)
        drawn.add_column(key.replace("_", " "), overflow="fold", no_wrap=instants)  # a slug cut short is no use
    for row in rows:
        drawn.add_row(*map(_cell, row.values()))
    console.print(drawn)


def _narrowest(rows: Sequence[Mapping[str, Any]]) -> int:
    """How many columns a table needs that breaks no word."""
    longest = [
        max(cell_len(word) for row in rows for word in (*key.replace("_", " ").split(), *_cell(row[key]).split(), ""))
        for key in rows[0]
    ]
    return sum(longest) + len(longest) - 1


def _blocks(rows: Sequence[Mapping[str, Any]]) -> None:
    wide = max(map(len, rows[0]))
    for n, row in enumerate(rows):
        if n:
            console.print()
        for key, value in row.items():
            console.print(f"{key.replace('_', ' '):<{wide}}  {_cell(value)}".rstrip(), markup=False)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """JSON for the kinds of value our rows hold."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here.")


@contextmanager
def speaking() -> Iterator[None]:
    """Turn a refusal into one sentence on the error stream and exit status 1."""
    try:
        yield
    except Refusal as refusal:
        where = f" ({refusal.field})" if refusal.field else ""
        errors.print(f"{refusal}{where} {refusal.step}".strip(), style=None, markup=False)
        raise SystemExit(1) from refusal
