"""What an author is told when a source cannot become a course: sentences that pages say in the reader's language."""

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import Said, said


class SourceRefused(Refusal):
    """The folder or archive itself is unfit: missing, damaged, too large, or dressed up to escape."""

    code = "catalog.source_refused"
    status = 422
    message = "{problem}"
    next_step = "Make the archive again from plain files and folders, and import that."

    def __init__(self, *, problem: Said) -> None:
        super().__init__(problem=problem)


class CourseUnreadable(Refusal):
    """A file of the course says something we cannot read. `line`: where, None: not known, or the whole file."""

    code = "catalog.course_unreadable"
    status = 422
    message = "{file}: {problem}"
    next_step = "Correct the file and import again; nothing was changed."

    def __init__(self, *, file: str, problem: Said, line: int | None = None) -> None:
        self.line = line
        place = said("{file}, line {n}", file=file, n=line) if line else file
        super().__init__(file=place, problem=problem)


class CourseIncomplete(Refusal):
    """The draft is not a course yet. `problems` are whole sentences, put `together`."""

    code = "catalog.course_incomplete"
    status = 422
    message = "{problems}"
    next_step = "Correct the source and import again; nothing was changed."

    def __init__(self, *, problems: Said) -> None:
        super().__init__(problems=problems)


class TargetRefused(Refusal):
    """The place an export should go to is taken or cannot be written to."""

    code = "catalog.target_refused"
    status = 409
    message = "“{target}”: {problem}"
    next_step = "Name a folder or a zip that does not exist yet; nothing was written."

    def __init__(self, *, target: str, problem: Said) -> None:
        super().__init__(target=target, problem=problem)


class FolderNotKept(Refusal):
    """A version from before the files of a course were kept."""

    code = "catalog.folder_not_kept"
    status = 409
    message = "The files of version {n} of “{key}” were not kept."
    next_step = "Import the course again from its folder, and export the version that makes."
