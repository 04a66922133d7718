"""What an author is told when a source cannot become a course."""

from gangway.kernel.refusal import Refusal


class SourceRefused(Refusal):
    """The folder or archive itself is unfit: missing, damaged, too large, or dressed up to escape."""

    code = "catalog.source_refused"
    status = 422
    message = "{problem}"
    next_step = "Make the archive again from plain files and folders, and import that."


class CourseUnreadable(Refusal):
    """A file of the course says something we cannot read. `file` names it."""

    code = "catalog.course_unreadable"
    status = 422
    message = "{file}: {problem}"
    next_step = "Correct the file and import again; nothing was changed."


class CourseIncomplete(Refusal):
    """The draft is not a course yet. `problems` are whole sentences."""

    code = "catalog.course_incomplete"
    status = 422
    message = "{problems}"
    next_step = "Correct the source and import again; nothing was changed."
