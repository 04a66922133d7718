"""Writes of the catalogue. All run in scope `one` of the owner: the host, or a partner with courses of its own."""

from gangway.catalog.actions.courses import Imported, import_course
from gangway.catalog.actions.publishing import publish_version
from gangway.catalog.markdown.refusals import CourseIncomplete

__all__ = ["CourseIncomplete", "Imported", "import_course", "publish_version"]
