"""The folder a version was read from: which files, and their bytes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models.functions import Substr

from gangway.catalog.models import Asset, CourseVersion, SourceText, VersionFile
from gangway.catalog.rules import shown_type
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """A file of a version's folder; `size` in bytes."""

    path: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderRow:
    """The folder of one version, by path; `files` is empty where it was not kept."""

    owner_id: UUID
    key: str
    n: int
    title: str
    files: tuple[FileRow, ...]


def course_folder(key: str, n: int | None = None, *, owner_id: UUID) -> FolderRow:
    """The folder of the owner's course, of its newest version unless `n` is given; NotFound for an unknown one."""
    versions = CourseVersion.objects.filter(course__owner=owner_id, course__key=key).order_by("-n")
    version = (versions if n is None else versions.filter(n=n)).first()
    if version is None:
        raise NotFound
    rows = VersionFile.objects.filter(course_version=version).order_by("path").values("path", "digest", "size")
    files = tuple(FileRow(**row) for row in rows)
    return FolderRow(owner_id=owner_id, key=key, n=version.n, title=version.title, files=files)


HEAD = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file that a page of a course shows or leads to. `kind`: its content type where a browser may draw or play it;
    `size` in bytes; `head`: its first 256 KiB.
    """

    owner_id: UUID
    digest: str
    name: str
    size: int
    kind: str | None
    head: bytes


def is_shown(version_id: UUID, digest: str) -> bool:
    """Whether a page of this version shows the file or leads to it."""
    return VersionFile.objects.filter(course_version=version_id, digest=digest, shown=True).exists()


def shown_file(version_id: UUID, digest: str) -> ShownFile:
    """The file of this digest that a page of this version shows or leads to; NotFound for every other file of its
    folder, such as a check with its answers."""
    found = VersionFile.objects.filter(course_version=version_id, digest=digest, shown=True).order_by("path").first()
    if found is None:
        raise NotFound
    head = span_of(found.owner_id, digest, 0, HEAD)
    return ShownFile(
        owner_id=found.owner_id,
        digest=digest,
        name=found.path.rpartition("/")[2],
        size=found.size,
        kind=shown_type(head[:4096]),
        head=head,
    )


def file_span(file: ShownFile, start: int, stop: int) -> bytes:
    """The bytes of a file from `start` up to, and without, `stop`. Only these are read."""
    return file.head[start:stop] if stop <= len(file.head) else span_of(file.owner_id, file.digest, start, stop)


def span_of(owner_id: UUID, digest: str, start: int, stop: int) -> bytes:
    """Some bytes of the file of this digest that an owner keeps."""
    assets = Asset.objects.filter(owner=owner_id, sha256=digest)
    part: Any = assets.annotate(part=Substr("data", start + 1, stop - start)).values_list("part", flat=True).first()
    if part is not None:
        return bytes(part)
    return file_bytes([digest], owner_id=owner_id)[digest][start:stop]


def file_bytes(digests: Collection[str], *, owner_id: UUID) -> Mapping[str, bytes]:
    """The files of these digests that an owner keeps; at most a few hundred at once."""
    found = {"owner": owner_id, "sha256__in": set(digests)}
    texts = SourceText.objects.filter(**found).values_list("sha256", "body")
    assets = Asset.objects.filter(**found).values_list("sha256", "data")
    return {digest: body.encode() for digest, body in texts} | {digest: bytes(data) for digest, data in assets}
