"""What a document becomes, before it has a place in a course."""

from dataclasses import dataclass, field

from gangway.catalog.documents.limits import MAX_PICTURES
from gangway.catalog.documents.pictures import take_picture
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.kernel.said import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One lesson: a title and Markdown without it."""

    title: str
    body: str


@dataclass(slots=True, kw_only=True)
class Converted:
    """Lessons in order, files they show or offer by path, and what could not be taken. `kept`: title and path of what
    is offered at the end of the last lesson.
    """

    lessons: list[Page] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    kept: list[tuple[str, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def picture(self, name: str, data: bytes, where: str) -> str:
        """Take a picture of a document; its path, or "" with a word to the author where it cannot be taken."""
        if len(self.files) >= MAX_PICTURES:
            self.left_out.append(
                said(
                    "{file}: {where}: more than {n} pictures; this one is left out.",
                    file=name,
                    where=where,
                    n=MAX_PICTURES,
                )
            )
            return ""
        try:
            path, made = take_picture(name, data)
        except DocumentRefused as no:
            self.left_out.append(
                said("{file}: {where}: {problem} It is left out.", file=name, where=where, problem=no.values["problem"])
            )
            return ""
        self.files[path] = made
        return path
