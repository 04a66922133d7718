"""Writes of operations: a configuration is promoted and taken back (`promoting`), compared (`comparing`)."""

from gangway.rollout.operations.actions.comparing import compare
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
    "MovedMeanwhile",
    "NothingToPromote",
    "NothingToUndo",
    "Undone",
    "compare",
    "promote",
    "undo_promotion",
]
