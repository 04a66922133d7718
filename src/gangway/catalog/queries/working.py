"""Working copies: who edits which course, and what its folder is by now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models.functions import Substr

from gangway.catalog.models import Asset, CourseVersion, VersionFile, WorkingCopy, WorkingFile
from gangway.catalog.queries.files import file_bytes, span_of
from gangway.catalog.rules import (
    BegunFile,
    FileKind,
    SourceFile,
    differing,
    on_both_sides,
    overlaid,
)
from gangway.kernel.refusal import NotFound

_AT_ONCE = 200
_BEGIN = 4_096  # bytes that tell what a file is


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkingFileRow:
    """A file of a working copy; `changed_at` None: as the base has it. `size` in bytes."""

    path: str
    digest: str
    size: int
    kind: str
    changed_at: datetime | None = None
    changed_by: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class WorkingCopyRow:
    """A working copy: over version `base_n` (None: a new course), while `newest_n` is the newest there is.

    `files`: its folder by path. `changed`: what it has otherwise than its base, with what it took away. `clashes`: what
    a newer version changed, too, and otherwise.
    """

    id: UUID
    owner_id: UUID
    key: str
    base_n: int | None
    newest_n: int | None
    begun_at: datetime
    begun_by: UUID | None
    changed_at: datetime
    changed_by: UUID | None
    files: Mapping[str, WorkingFileRow]
    base: Mapping[str, WorkingFileRow]
    changed: Mapping[str, WorkingFileRow]
    clashes: tuple[str, ...]

    @property
    def is_behind(self) -> bool:
        """Whether a version was made after this was begun."""
        return self.base_n != self.newest_n

    @cached_property
    def differing(self) -> frozenset[str]:
        """The paths whose files differ from the base."""
        return differing(_digests(self.base), _digests(self.files))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCopyRow:
    """A working copy in a list; `base_n` None: of a new course."""

    key: str
    base_n: int | None
    changed_at: datetime
    changed_by: UUID | None


def open_copies(*, owner_id: UUID) -> tuple[OpenCopyRow, ...]:
    """Every course of an owner that is being edited, what changed last first."""
    rows = WorkingCopy.objects.filter(owner=owner_id).select_related("base").order_by("-changed_at", "key")
    return tuple(
        OpenCopyRow(
            key=row.key,
            base_n=row.base.n if row.base else None,
            changed_at=row.changed_at,
            changed_by=row.changed_by,
        )
        for row in rows
    )


def working_copy(key: str, *, owner_id: UUID) -> WorkingCopyRow:
    """The working copy of an owner's course; NotFound where nobody edits it."""
    row = WorkingCopy.objects.filter(owner=owner_id, key=key).select_related("base").first()
    if row is None:
        raise NotFound
    return copy_row(row)


def is_edited(key: str, *, owner_id: UUID) -> bool:
    return WorkingCopy.objects.filter(owner=owner_id, key=key).exists()


def copy_row(copy: WorkingCopy) -> WorkingCopyRow:
    """The row of a working copy whose base was read along with it."""
    newest = CourseVersion.objects.filter(course__owner=copy.owner_id, course__key=copy.key).order_by("-n").first()
    base = _kept(copy.base_id)
    changed = _changed(copy.pk)
    behind = newest is not None and newest.pk != copy.base_id
    clashes: tuple[str, ...] = ()
    if behind and newest is not None:
        clashes = on_both_sides(_digests(base), _digests(_kept(newest.pk)), _digests(changed))
    left = overlaid(_digests(base), _digests(changed))
    return WorkingCopyRow(
        id=copy.pk,
        owner_id=copy.owner_id,
        key=copy.key,
        base_n=copy.base.n if copy.base else None,
        newest_n=newest.n if newest else None,
        begun_at=copy.begun_at,
        begun_by=copy.begun_by,
        changed_at=copy.changed_at,
        changed_by=copy.changed_by,
        files={path: changed.get(path) or base[path] for path in sorted(left)},
        base=base,
        changed=changed,
        clashes=clashes,
    )


def working_bytes(copy: WorkingCopyRow, paths: tuple[str, ...] | None = None) -> Mapping[str, bytes]:
    """The files of a working copy by path: all of them, or those asked for that are there."""
    wanted = [path for path in (copy.files if paths is None else paths) if path in copy.files]
    own = [path for path in wanted if path in copy.changed]
    found: dict[str, bytes] = {}
    for some in _batches(own):
        rows = WorkingFile.objects.filter(working_copy=copy.id, path__in=some)
        found |= {path: bytes(data or b"") for path, data in rows.values_list("path", "data")}
    kept = sorted({copy.files[path].digest for path in wanted if path not in copy.changed})
    by_digest: dict[str, bytes] = {}
    for some in _batches(kept):
        by_digest |= file_bytes(some, owner_id=copy.owner_id)
    return found | {path: by_digest[copy.files[path].digest] for path in wanted if path not in copy.changed}


def working_span(copy: WorkingCopyRow, path: str, start: int, stop: int) -> bytes:
    """The bytes of one of its files from `start` up to, and without, `stop`. Only these are read."""
    if path not in copy.changed:
        return span_of(copy.owner_id, copy.files[path].digest, start, stop)
    own = WorkingFile.objects.filter(working_copy=copy.id, path=path)
    part: Any = own.annotate(part=Substr("data", start + 1, stop - start)).values_list("part", flat=True).first()
    return bytes(part or b"")


def working_begun(copy: WorkingCopyRow, paths: Iterable[str]) -> tuple[BegunFile, ...]:
    """What those of its files begin with that are there and no text: enough to know a picture or a video."""
    wanted = [path for path in paths if path in copy.files and copy.files[path].kind == FileKind.ASSET]
    begin = Substr("data", 1, _BEGIN)
    by_path: dict[str, Any] = {}
    for some in _batches([path for path in wanted if path in copy.changed]):
        own = WorkingFile.objects.filter(working_copy=copy.id, path__in=some).annotate(begin=begin)
        by_path |= dict(own.values_list("path", "begin"))
    by_digest: dict[str, Any] = {}
    for some in _batches(sorted({copy.files[path].digest for path in wanted if path not in copy.changed})):
        kept = Asset.objects.filter(owner=copy.owner_id, sha256__in=some).annotate(begin=begin)
        by_digest |= dict(kept.values_list("sha256", "begin"))
    found = {path: by_path[path] if path in by_path else by_digest[copy.files[path].digest] for path in wanted}
    return tuple(
        BegunFile(path=path, data=bytes(data or b""), whole=copy.files[path].digest) for path, data in found.items()
    )


def working_files(copy: WorkingCopyRow) -> tuple[SourceFile, ...]:
    """The whole folder, as a course is read from it."""
    return tuple(SourceFile(path=path, data=data) for path, data in working_bytes(copy).items())


def working_texts(copy: WorkingCopyRow) -> Mapping[str, bytes]:
    """Its text files only: enough for everything that does not publish it."""
    return working_bytes(copy, tuple(path for path, file in copy.files.items() if file.kind == FileKind.TEXT))


def _batches(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def _digests(files: Mapping[str, WorkingFileRow]) -> dict[str, str]:
    return {path: file.digest for path, file in files.items()}


def _kept(version_id: UUID | None) -> dict[str, WorkingFileRow]:
    rows = VersionFile.objects.filter(course_version=version_id).values("path", "digest", "size", "kind")
    return {row["path"]: WorkingFileRow(**row) for row in rows} if version_id else {}


def _changed(copy_id: UUID) -> dict[str, WorkingFileRow]:
    rows = WorkingFile.objects.filter(working_copy=copy_id).order_by("path")
    columns = ("path", "digest", "size", "kind", "changed_at", "changed_by")
    return {row["path"]: WorkingFileRow(**row) for row in rows.values(*columns)}
