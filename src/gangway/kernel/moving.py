"""How rows of one person become another's, and go back: for two accounts of one human.

Each context says in `actions/merging.py` which of its rows move (`Movable`); `config/wiring.MERGES` lists them, and
people carry them over without knowing any of the tables. A row keeps its id and all that hangs on it. Where a person
can have a thing once only and both have it, the one with which more was done is the one to go on with (they change
places); the other stays where it is or was. Nothing is written over, nothing is deleted.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.db.models import F, Q

PARKED = 20_000  # far beyond every number that is counted up by hand


def _nothing_done(row: Any) -> tuple[bool, ...]:
    return ()


def _nothing_beside(ids: Sequence[UUID]) -> Mapping[UUID, int]:
    return {}


def _untouched(ids: Sequence[UUID], since: datetime) -> set[UUID]:
    return set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Movable:
    """Rows of a table of class `partner` that have a `person` and move with them.

    words: what they are, a msgid. key: the columns of which a person has each combination once. marked: the columns
    whose change after the move keeps a row where it is. only: which rows. weigh: what was done with a row, the more the
    greater. beside(ids): how much more was done with each that the row itself does not show. parks: a column of `key`
    that counts, and gives way while two rows change places. touched(ids, since): those of these rows with which
    something was done since that the row itself does not show.
    """

    table: type[Any]
    words: str
    key: tuple[str, ...]
    marked: tuple[str, ...] = ()
    only: Q = field(default_factory=Q)
    weigh: Callable[[Any], tuple[bool, ...]] = _nothing_done
    beside: Callable[[Sequence[UUID]], Mapping[UUID, int]] = _nothing_beside
    parks: str = ""
    touched: Callable[[Sequence[UUID], datetime], set[UUID]] = _untouched

    @property
    def label(self) -> str:
        return str(self.table._meta.label)


@dataclass(frozen=True, slots=True)
class Piece:
    """A row as a plan sees it."""

    id: UUID
    key: tuple[Any, ...]
    weight: tuple[int, ...] = ()
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Moves:
    """`moved`: rows, with their marks. `swapped`: (theirs, ours, mark of theirs). `stay`: rows that stay theirs."""

    moved: tuple[tuple[UUID, str], ...] = ()
    swapped: tuple[tuple[UUID, UUID, str], ...] = ()
    stay: tuple[UUID, ...] = ()

    def kept(self) -> dict[str, Any]:
        """As JSON, without what did not move."""
        return {
            "moved": [[str(row), mark] for row, mark in self.moved],
            "swapped": [[str(theirs), str(ours), mark] for theirs, ours, mark in self.swapped],
        }

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Moves":
        return cls(
            moved=tuple((UUID(row), mark) for row, mark in kept["moved"]),
            swapped=tuple((UUID(theirs), UUID(ours), mark) for theirs, ours, mark in kept["swapped"]),
        )


@dataclass(frozen=True, slots=True)
class Back:
    """What goes back: rows, and pairs that change places again. `kept`: rows that cannot."""

    moved: tuple[UUID, ...] = ()
    swapped: tuple[tuple[UUID, UUID], ...] = ()
    kept: tuple[UUID, ...] = ()


# ── Plans: pure ─────────────────────────────────────────────────────────────────────────────────────────────────────


def plan(theirs: Iterable[Piece], ours: Iterable[Piece], *, may_swap: bool = True) -> Moves:
    """What becomes of their rows when they become ours."""
    mine = {piece.key: piece for piece in ours}
    moved: list[tuple[UUID, str]] = []
    swapped: list[tuple[UUID, UUID, str]] = []
    stay: list[UUID] = []
    for piece in theirs:
        twin = mine.get(piece.key)
        if twin is None:
            moved.append((piece.id, piece.mark))
        elif may_swap and piece.weight > twin.weight:
            swapped.append((piece.id, twin.id, piece.mark))
        else:
            stay.append(piece.id)
    return Moves(tuple(moved), tuple(swapped), tuple(stay))


def plan_back(moves: Moves, theirs: Iterable[Piece], ours: Iterable[Piece], touched: Iterable[UUID] = ()) -> Back:
    """What of a move can be taken back, now that these rows are theirs and those ours.

    A row goes back unless it is not ours any more, or was changed or used since, or its place is taken.
    """
    mine, yours = {piece.id: piece for piece in ours}, {piece.id: piece for piece in theirs}
    taken, used = {piece.key for piece in yours.values()}, set(touched)

    def as_it_was(row: UUID, mark: str) -> bool:
        return row in mine and row not in used and mine[row].mark == mark

    moved = [row for row, mark in moves.moved if as_it_was(row, mark) and mine[row].key not in taken]
    swapped = [(row, twin) for row, twin, mark in moves.swapped if as_it_was(row, mark) and twin in yours]
    going = {*moved, *(row for row, _ in swapped)}
    every = [*(row for row, _ in moves.moved), *(row for row, _, _ in moves.swapped)]
    return Back(tuple(moved), tuple(swapped), tuple(row for row in every if row not in going))


# ── The tables ──────────────────────────────────────────────────────────────────────────────────────────────────────


def look(movable: Movable, *, theirs: UUID, ours: UUID, lock: bool = False) -> Moves:
    """What carrying over would do. `lock`: the rows stay as they are until the transaction ends."""
    return plan(
        _pieces(movable, theirs, lock), _pieces(movable, ours, lock), may_swap=bool(movable.parks)
    )  # fmt: skip


def carry(movable: Movable, *, theirs: UUID, ours: UUID) -> Moves:
    """Make their rows ours, in the transaction of whoever merges the two."""
    moves = look(movable, theirs=theirs, ours=ours, lock=True)
    movable.table.objects.filter(pk__in=[row for row, _ in moves.moved]).update(person=ours)
    for row, twin, _ in moves.swapped:
        _change_places(movable, row, twin, ours=ours, theirs=theirs)
    return moves


def look_back(movable: Movable, moves: Moves, *, theirs: UUID, ours: UUID, since: datetime, lock: bool = False) -> Back:
    """What carrying back would do; `since`: when it was carried over."""
    rows = [*(row for row, _ in moves.moved), *(row for row, _, _ in moves.swapped)]
    touched = movable.touched(rows, since) if rows else set()
    return plan_back(moves, _pieces(movable, theirs, lock), _pieces(movable, ours, lock), touched)


def carry_back(movable: Movable, moves: Moves, *, theirs: UUID, ours: UUID, since: datetime) -> Back:
    """Give them their rows back, as far as nobody changed them since."""
    back = look_back(movable, moves, theirs=theirs, ours=ours, since=since, lock=True)
    movable.table.objects.filter(pk__in=back.moved).update(person=theirs)
    for row, twin in back.swapped:
        _change_places(movable, twin, row, ours=ours, theirs=theirs)
    return back


def _pieces(movable: Movable, person_id: UUID, lock: bool) -> list[Piece]:
    found = movable.table.objects.filter(movable.only, person=person_id).order_by("pk")
    rows = list(found.select_for_update(of=("self",)) if lock else found)
    beside = movable.beside([row.pk for row in rows]) if rows else {}
    return [
        Piece(
            row.pk,
            tuple(getattr(row, name) for name in movable.key),
            (*movable.weigh(row), beside.get(row.pk, 0)),
            _mark(movable, row),
        )
        for row in rows
    ]


def _mark(movable: Movable, row: Any) -> str:
    text = "\n".join(str(getattr(row, name)) for name in movable.marked)
    return blake2b(text.encode(), digest_size=9).hexdigest() if movable.marked else ""


def _change_places(movable: Movable, row: UUID, twin: UUID, *, ours: UUID, theirs: UUID) -> None:
    """`row` becomes ours and `twin` theirs; nobody has the same thing twice at any moment."""
    rows, column = movable.table.objects, movable.parks
    rows.filter(pk=twin).update(**{"person": theirs, column: F(column) + PARKED})
    rows.filter(pk=row).update(person=ours)
    rows.filter(pk=twin).update(**{column: F(column) - PARKED})
