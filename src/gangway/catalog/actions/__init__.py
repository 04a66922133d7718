"""Writes of the catalogue. All run in scope `one` of the owner: the host, or a partner with courses of its own."""

from gangway.catalog.actions.configuring import CONFIGURED
from gangway.catalog.actions.courses import Imported, import_course, publish_folder
from gangway.catalog.actions.paths import PathSpec, PathUsed, WaitsInARing, change_path, make_path, take_away_path
from gangway.catalog.actions.publishing import publish_version
from gangway.catalog.actions.working import (
    ChangedMeanwhile,
    FolderUnfit,
    KeyChanged,
    KeyTaken,
    NewerVersion,
    begin_working_copy,
    catch_up,
    change_files,
    discard_working_copy,
    new_working_copy,
    publish_working_copy,
)
from gangway.catalog.markdown.refusals import CourseIncomplete

__all__ = [
    "CONFIGURED",
    "ChangedMeanwhile",
    "CourseIncomplete",
    "FolderUnfit",
    "Imported",
    "KeyChanged",
    "KeyTaken",
    "NewerVersion",
    "PathSpec",
    "PathUsed",
    "WaitsInARing",
    "begin_working_copy",
    "catch_up",
    "change_files",
    "change_path",
    "discard_working_copy",
    "import_course",
    "make_path",
    "new_working_copy",
    "publish_folder",
    "publish_version",
    "publish_working_copy",
    "take_away_path",
]
