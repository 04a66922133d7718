"""Files of people: reading one (reading.py), one transaction of it (chunks.py), taking it back (undo.py)."""

from gangway.people.actions.imports.chunks import Overtaken
from gangway.people.actions.imports.reading import ImportReport, import_people
from gangway.people.actions.imports.sheets import (
    AT_ONCE,
    LARGEST,
    AlreadyRead,
    TooMuch,
    bring_sheet,
    check_sheet,
    forget_sheet,
    go_on,
    read_sheet,
    refuse_sheet,
    start_sheet,
    stop_sheet,
)
from gangway.people.actions.imports.undo import NothingToUndo, UndoReport, ask_undo, forget_undo, undo_import

__all__ = [
    "AT_ONCE",
    "LARGEST",
    "AlreadyRead",
    "ImportReport",
    "NothingToUndo",
    "Overtaken",
    "TooMuch",
    "UndoReport",
    "ask_undo",
    "bring_sheet",
    "check_sheet",
    "forget_sheet",
    "forget_undo",
    "go_on",
    "import_people",
    "read_sheet",
    "refuse_sheet",
    "start_sheet",
    "stop_sheet",
    "undo_import",
]
