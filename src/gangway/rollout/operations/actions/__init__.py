"""Writes of operations: a configuration is promoted and taken back (`promoting`), compared (`comparing`); the runbook
of a cutover is carried out (`cutover`)."""

from gangway.rollout.operations.actions.comparing import compare
from gangway.rollout.operations.actions.cutover import (
    CutoverOver,
    CutoverUnderWay,
    NotNext,
    NotSeen,
    TakenBack,
    begin_cutover,
    end_cutover,
    note_rehearsal,
    note_step,
)
from gangway.rollout.operations.actions.promoting import (
    AlreadyPromoting,
    AlreadyUndone,
    CannotPromote,
    ChangedSince,
    MovedMeanwhile,
    NothingToPromote,
    NothingToUndo,
    Undone,
    promote,
    undo_promotion,
)

__all__ = [
    "AlreadyPromoting",
    "AlreadyUndone",
    "CannotPromote",
    "ChangedSince",
    "CutoverOver",
    "CutoverUnderWay",
    "MovedMeanwhile",
    "NotNext",
    "NotSeen",
    "NothingToPromote",
    "NothingToUndo",
    "TakenBack",
    "Undone",
    "begin_cutover",
    "compare",
    "end_cutover",
    "note_rehearsal",
    "note_step",
    "promote",
    "undo_promotion",
]
