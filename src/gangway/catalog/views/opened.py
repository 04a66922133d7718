"""The working copy that a page is about, and how a page changes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from gangway.catalog import queries
from gangway.catalog.actions import change_files
from gangway.catalog.markdown.outline import Outline, outline_of
from gangway.catalog.markdown.source import HeldSource
from gangway.catalog.queries import WorkingCopyRow
from gangway.catalog.rules import NOT_THERE, FileChange, SourceFile
from gangway.kernel import clock
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request
from gangway.partners.queries import host_id
from gangway.people.queries import names

_SEEN = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg", ".mp4", ".m4v", ".webm")


@dataclass(frozen=True)
class Opened:
    """A working copy of the vendor's, for one request. `source`: its text files."""

    copy: WorkingCopyRow

    @classmethod
    def of(cls, key: str) -> "Opened":
        return cls(queries.working_copy(key, owner_id=host_id()))

    @cached_property
    def source(self) -> HeldSource:
        texts = queries.working_texts(self.copy)
        return HeldSource([SourceFile(path=path, data=data) for path, data in texts.items()])

    @cached_property
    def drawn(self) -> HeldSource:
        """Its texts, and what its pictures and videos begin with: enough to draw a page that shows them."""
        named = (path for path in self.copy.files if path.lower().endswith(_SEEN))
        return HeldSource([*self.source.files.values(), *queries.working_begun(self.copy, named)])

    @cached_property
    def whole(self) -> HeldSource:
        return HeldSource(queries.working_files(self.copy))

    @cached_property
    def outline(self) -> Outline | None:
        """None where the folder cannot be read; `fault` says why."""
        return None if self.fault else outline_of(self.source)

    @cached_property
    def fault(self) -> Refusal | None:
        try:
            outline_of(self.source)
        except Refusal as refusal:
            return refusal
        return None

    @property
    def title(self) -> str:
        return self.outline.head.title if self.outline else self.copy.key

    @cached_property
    def people(self) -> Mapping[UUID, str]:
        """The names of whoever changed something in it."""
        changed = [file.changed_by for file in self.copy.changed.values()]
        return names([one for one in (*changed, self.copy.changed_by, self.copy.begun_by) if one])

    def save(self, request: Request, changes: Mapping[str, bytes | None], seen: str | None = None) -> None:
        """Keep these files, refused where somebody changed one of them since it was read; `seen`: since that one."""
        digests = {path: file.digest for path, file in self.copy.files.items()}
        made = [
            FileChange(path=path, data=data, seen=digests.get(path, NOT_THERE) if seen is None else seen)
            for path, data in changes.items()
        ]
        with scopes.one(self.copy.owner_id):
            change_files(key=self.copy.key, changes=made, actor=request.principal.actor, now=clock.now())
