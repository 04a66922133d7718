"""Carrying over and back, as plans over rows in memory: nothing is lost, what nobody touched comes back as it was."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import count
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.moving import Back, Moves, Piece, plan, plan_back

Plan = Callable[[list[Piece], list[Piece]], Moves]
PlanBack = Callable[[Moves, list[Piece], list[Piece], set[UUID]], Back]
_row = st.tuples(st.integers(0, 3), st.booleans())  # which thing, and whether anything was done with it


@dataclass
class Two:
    """What two accounts hold, by id."""

    theirs: dict[UUID, Piece]
    ours: dict[UUID, Piece]

    @classmethod
    def of(cls, theirs: Iterable[tuple[int, bool]], ours: Iterable[tuple[int, bool]]) -> "Two":
        numbers = count(1)

        def rows(said: Iterable[tuple[int, bool]]) -> dict[UUID, Piece]:
            once = dict(said)
            pieces = [Piece(UUID(int=next(numbers)), (thing,), (done,), "as it was") for thing, done in once.items()]
            return {piece.id: piece for piece in pieces}

        return cls(rows(theirs), rows(ours))

    def copy(self) -> "Two":
        return Two(dict(self.theirs), dict(self.ours))

    def carry(self, by: Plan) -> Moves:
        moves = by(list(self.theirs.values()), list(self.ours.values()))
        for row, _ in moves.moved:
            self.ours[row] = self.theirs.pop(row)
        for row, twin, _ in moves.swapped:
            self.ours[row], self.theirs[twin] = self.theirs.pop(row), self.ours.pop(twin)
        return moves

    def carry_back(self, moves: Moves, by: PlanBack, touched: set[UUID]) -> Back:
        back = by(moves, list(self.theirs.values()), list(self.ours.values()), touched)
        for row in back.moved:
            self.theirs[row] = self.ours.pop(row)
        for row, twin in back.swapped:
            self.theirs[row], self.ours[twin] = self.ours.pop(row), self.theirs.pop(twin)
        return back

    def check(self) -> None:
        """Nobody has a thing twice."""
        for rows in (self.theirs, self.ours):
            keys = [piece.key for piece in rows.values()]
            assert len(keys) == len(set(keys)), "somebody has one thing twice"

    def everything(self) -> dict[UUID, Piece]:
        return self.theirs | self.ours


def _plan_back(moves: Moves, theirs: list[Piece], ours: list[Piece], touched: set[UUID]) -> Back:
    return plan_back(moves, theirs, ours, touched)


def merged(before: Two, by: Plan = plan) -> tuple[Two, Moves]:
    """Carry over, and look at what must hold."""
    after = before.copy()
    moves = after.carry(by)
    after.check()
    assert after.everything() == before.everything(), "a row was lost"
    assert {piece.key for piece in after.ours.values()} == {piece.key for piece in before.everything().values()}
    best: dict[tuple[int, ...], tuple[bool, ...]] = {}
    for piece in before.everything().values():
        best[piece.key] = max(best.get(piece.key, (False,)), piece.weight)
    assert {piece.key: piece.weight for piece in after.ours.values()} == best, "work was left behind"
    return after, moves


def and_back(before: Two, by: PlanBack = _plan_back) -> None:
    after, moves = merged(before)
    back = after.carry_back(moves, by, set())
    assert (after.theirs, after.ours) == (before.theirs, before.ours)
    assert back.kept == ()


def back_later(before: Two, changed: set[int], gone: set[int], new: set[int], by: PlanBack = _plan_back) -> None:
    """The same, after some of ours were changed or deleted, and the old account came by new rows."""
    after, moves = merged(before)
    moved = [*(row for row, _ in moves.moved), *(row for row, _, _ in moves.swapped)]
    touched = {row for place, row in enumerate(moved) if place in changed and place % 2}
    for place, row in enumerate(moved):
        if place in changed and not place % 2:
            after.ours[row] = replace(after.ours[row], mark="changed")
            touched.discard(row)
        elif place in gone:
            del after.ours[row]
    for thing in new - {piece.key[0] for piece in after.theirs.values()}:
        row = UUID(int=1_000 + thing)
        after.theirs[row] = Piece(row, (thing,), (False,), "as it was")
    there, ours = after.everything(), dict(after.ours)
    back = after.carry_back(moves, by, touched)
    after.check()
    assert after.everything() == there, "a row was lost on the way back"
    for row in moved:
        untouched = row in ours and ours[row].mark == "as it was" and row not in touched
        assert row not in after.theirs or untouched, "what was changed since went back"
        assert (row in back.kept) == (row not in after.theirs), "what cannot go back is not told"


TWO = st.builds(Two.of, st.lists(_row, max_size=4), st.lists(_row, max_size=4))
SOME = st.sets(st.integers(0, 3))


@given(TWO)
def test_a_move_loses_nothing_and_goes_on_with_what_came_further(before: Two) -> None:
    merged(before)


@given(TWO)
def test_there_and_back_is_as_if_nothing_had_been(before: Two) -> None:
    and_back(before)


@given(TWO, SOME, SOME, SOME)
def test_what_was_changed_since_stays_and_is_told(
    before: Two, changed: set[int], gone: set[int], new: set[int]
) -> None:
    back_later(before, changed, gone, new)


def test_what_is_kept_is_read_again_as_it_was() -> None:
    before = Two.of([(1, True), (2, False), (3, False)], [(1, False), (3, True)])
    moves = plan(before.theirs.values(), before.ours.values())
    assert len(moves.moved) == len(moves.swapped) == len(moves.stay) == 1
    assert Moves.read(moves.kept()) == Moves(moves.moved, moves.swapped)


def test_rows_that_cannot_change_places_stay() -> None:
    before = Two.of([(1, True)], [(1, False)])
    assert plan(before.theirs.values(), before.ours.values(), may_swap=False).stay == tuple(before.theirs)


def _forgets_who_came_further(theirs: list[Piece], ours: list[Piece]) -> Moves:
    return plan(theirs, ours, may_swap=False)


def _moves_everything(theirs: list[Piece], ours: list[Piece]) -> Moves:
    return Moves(moved=tuple((piece.id, piece.mark) for piece in theirs))


def _leaves_what_was_done(theirs: list[Piece], ours: list[Piece]) -> Moves:
    return plan([piece for piece in theirs if not piece.weight[0]], ours)


@pytest.mark.parametrize("fault", [_forgets_who_came_further, _moves_everything, _leaves_what_was_done])
def test_a_planted_fault_on_the_way_is_found(fault: Plan) -> None:
    with pytest.raises(AssertionError):
        merged(Two.of([(1, True), (2, True)], [(1, False)]), fault)


def _forgets_pairs(moves: Moves, theirs: list[Piece], ours: list[Piece], touched: set[UUID]) -> Back:
    return plan_back(Moves(moved=moves.moved), theirs, ours, touched)


def _forgets_marks(moves: Moves, theirs: list[Piece], ours: list[Piece], touched: set[UUID]) -> Back:
    return plan_back(moves, theirs, [replace(piece, mark="as it was") for piece in ours], touched)


def _forgets_use(moves: Moves, theirs: list[Piece], ours: list[Piece], touched: set[UUID]) -> Back:
    return plan_back(moves, theirs, ours)


def _forgets_places(moves: Moves, theirs: list[Piece], ours: list[Piece], touched: set[UUID]) -> Back:
    return plan_back(moves, [piece for piece in theirs if piece.id.int < 1_000], ours, touched)


def test_a_planted_fault_on_the_way_back_is_found() -> None:
    start = Two.of([(0, True), (1, False), (2, False)], [(0, False)])
    with pytest.raises(AssertionError):
        and_back(start, _forgets_pairs)
    nothing: set[int] = set()
    faults = (
        (_forgets_marks, ({0}, nothing, nothing)),
        (_forgets_use, ({1}, nothing, nothing)),
        (_forgets_places, (nothing, nothing, {1})),
    )
    for fault, said in faults:
        with pytest.raises(AssertionError):
            back_later(start, *said, by=fault)
