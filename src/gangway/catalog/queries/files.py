"""The folder a version was read from: which files, and their bytes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from gangway.catalog.models import Asset, CourseVersion, SourceText, VersionFile
from gangway.catalog.rules import picture_type
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file that a page of a course shows or leads to. `picture`: its content type where a browser may draw it."""

    name: str
    data: bytes
    picture: str | None


def is_shown(version_id: UUID, digest: str) -> bool:
    """Whether a page of this version shows the file or leads to it."""
    return VersionFile.objects.filter(course_version=version_id, digest=digest, shown=True).exists()


def shown_file(version_id: UUID, digest: str) -> ShownFile:
    """The file of this digest that a page of this version shows or leads to; NotFound for every other file of its
    folder, such as a check with its answers."""
    found = VersionFile.objects.filter(course_version=version_id, digest=digest, shown=True).order_by("path").first()
    if found is None:
        raise NotFound
    data = file_bytes([digest], owner_id=found.owner_id)[digest]
    return ShownFile(name=found.path.rpartition("/")[2], data=data, picture=picture_type(data))


def file_bytes(digests: Collection[str], *, owner_id: UUID) -> Mapping[str, bytes]:
    """The files of these digests that an owner keeps; at most a few hundred at once."""
    found = {"owner": owner_id, "sha256__in": set(digests)}
    texts = SourceText.objects.filter(**found).values_list("sha256", "body")
    assets = Asset.objects.filter(**found).values_list("sha256", "data")
    return {digest: body.encode() for digest, body in texts} | {digest: bytes(data) for digest, data in assets}
