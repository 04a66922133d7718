"""The way out: the files of a version as the folder or the zip they came from, byte for byte."""

import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, cast

from gangway.catalog.markdown.refusals import FolderNotKept, TargetRefused
from gangway.catalog.queries import FolderRow, file_bytes
from gangway.catalog.rules import MAX_TEXT_BYTES, is_hidden, leads_outside
from gangway.kernel.said import said

_AT_ONCE = 100
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The same files make the same zip, whenever it is made."""


def files_of(folder: FolderRow) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every file, read a hundred at a time. Refuses at once with FolderNotKept."""
    if not folder.files:
        raise FolderNotKept(key=folder.key, n=folder.n)
    return _read(folder)


def _read(folder: FolderRow) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(folder.files), _AT_ONCE):
        some = folder.files[start : start + _AT_ONCE]
        found = file_bytes([file.digest for file in some], owner_id=folder.owner_id)
        for file in some:
            yield file.path, found[file.digest]


def write_source(target: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write the files as a zip where the target ends in .zip, else as a folder: all of them or none.

    Refuses with TargetRefused where something is there already (an empty folder may be) or cannot be written.
    """
    is_zip = target.suffix.lower() == ".zip"
    if target.is_symlink() or (target.exists() and (is_zip or not _is_empty(target))):
        raise TargetRefused(target=str(target), problem=said("Something is there already."))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".gangway-", dir=target.parent) as nearby:
            made = Path(nearby) / "course"
            (write_zip if is_zip else write_folder)(made, files)
            os.replace(made, target)
    except OSError as error:
        problem = said("It cannot be written ({detail}).", detail=error.strerror or str(error))
        raise TargetRefused(target=str(target), problem=problem) from error


def write_folder(root: Path, files: Iterable[tuple[str, bytes]]) -> None:
    root.mkdir()
    for path, data in files:
        file = root / _inside(path)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("xb") as opened:
            opened.write(data)


def write_zip(file: Path, files: Iterable[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(file, "x") as archive:
        for path, data in files:
            _pack(archive, path, data)


class _Pipe:
    """What a zip wrote since it was last asked; cannot be sought in, so a zip never goes back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def take(self) -> bytes:
        taken, self._parts = b"".join(self._parts), []
        return taken


def zip_stream(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    """The zip in pieces, one for each file and its directory last."""
    pipe = _Pipe()
    with zipfile.ZipFile(cast(IO[bytes], pipe), "w") as archive:
        for path, data in files:
            _pack(archive, path, data)
            yield pipe.take()
    yield pipe.take()


def _pack(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    member = zipfile.ZipInfo(_inside(path), _LONG_AGO)
    member.external_attr = 0o100644 << 16
    media = len(data) > MAX_TEXT_BYTES  # packed as it is: trying again takes 4 s for 48 MB
    archive.writestr(member, data, zipfile.ZIP_STORED if media else zipfile.ZIP_DEFLATED)


def _inside(path: str) -> str:
    """The path once more as an import takes it; the database is no reason to write elsewhere."""
    if leads_outside(path) or is_hidden(path):
        raise TargetRefused(target=path, problem=said("It leads outside, or cannot be a file's name."))
    return path


def _is_empty(target: Path) -> bool:
    return target.is_dir() and not any(target.iterdir())
