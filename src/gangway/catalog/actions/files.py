"""The folder that a version was read from, kept with it; equal files of an owner are kept once."""

from collections.abc import Iterable, Iterator, Sequence, Set
from uuid import UUID

from gangway.catalog.models import Asset, CourseVersion, SourceText, VersionFile
from gangway.catalog.rules import FileKind, SourceFile

_AT_ONCE = 500


def same_files(version: CourseVersion, files: Sequence[SourceFile], shown: Set[str]) -> bool:
    """Whether a version keeps exactly these files, and shows exactly those of them."""
    kept = VersionFile.objects.filter(course_version=version).values_list("path", "digest", "shown")
    return set(kept) == {(file.path, file.digest, file.path in shown) for file in files}


def add_files(version: CourseVersion, files: Sequence[SourceFile], shown: Set[str]) -> None:
    """Keep these files with a version that was made just now; `shown`: the paths of those that its pages show."""
    owner_id = version.owner_id
    known = _known(owner_id, {file.digest for file in files})
    fresh = {file.digest: file for file in files if file.digest not in known}
    # Another course of this owner may be imported at this moment and bring the same file.
    SourceText.objects.bulk_create(_texts(owner_id, fresh.values()), batch_size=_AT_ONCE, ignore_conflicts=True)
    Asset.objects.bulk_create(_assets(owner_id, fresh.values()), batch_size=_AT_ONCE, ignore_conflicts=True)
    VersionFile.objects.bulk_create(
        [
            VersionFile(
                owner_id=owner_id,
                course_version=version,
                path=file.path,
                digest=file.digest,
                kind=file.kind,
                size=len(file.data),
                shown=file.path in shown,
            )
            for file in files
        ],
        batch_size=_AT_ONCE,
    )


def _known(owner_id: UUID, digests: set[str]) -> set[str]:
    found = set[str]()
    wanted = sorted(digests)
    for start in range(0, len(wanted), _AT_ONCE):
        some = {"owner": owner_id, "sha256__in": wanted[start : start + _AT_ONCE]}
        found.update(SourceText.objects.filter(**some).values_list("sha256", flat=True))
        found.update(Asset.objects.filter(**some).values_list("sha256", flat=True))
    return found


def _texts(owner_id: UUID, files: Iterable[SourceFile]) -> Iterator[SourceText]:
    return (
        SourceText(owner_id=owner_id, sha256=file.digest, body=file.text) for file in files if file.text is not None
    )


def _assets(owner_id: UUID, files: Iterable[SourceFile]) -> Iterator[Asset]:
    return (
        Asset(owner_id=owner_id, sha256=file.digest, data=file.data) for file in files if file.kind is FileKind.ASSET
    )
