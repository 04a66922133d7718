"""Where a course comes from: a folder or a zip, looked at without trusting it (hostile.md, danger 4).

Nothing is ever unpacked to disk. A zip is judged by its directory before a byte is read, and again by the bytes
themselves, because the directory of a bomb lies.
"""

import codecs
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

from gangway.catalog.markdown.refusals import SourceRefused
from gangway.catalog.rules import (
    MAX_FILE_BYTES,
    MAX_FILES,
    MAX_SOURCE_BYTES,
    MAX_TEXT_BYTES,
    SourceFile,
    is_hidden,
    leads_outside,
    path_clashes,
)

_ENCRYPTED = 0x1
_MB = 1024 * 1024


class Source(Protocol):
    """Plain files by their path with forward slashes."""

    paths: tuple[str, ...]

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        """The file's bytes; refused above `limit`."""
        ...


class HeldSource:
    """Files that were read already, so that what is kept of a course is what it was made from."""

    def __init__(self, files: Iterable[SourceFile]) -> None:
        self.files = {file.path: file for file in files}
        self.paths: tuple[str, ...] = tuple(sorted(self.files))

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        file = self.files.get(path)
        if file is None:
            raise SourceRefused(problem=f"There is no file “{path}” in the source.")
        if len(file.data) > limit:
            raise _refuse_size(path, limit)
        return file.data


def hold(source: Source) -> HeldSource:
    """Read every file of a source once; refuses what is too large, by file and together."""
    files, size = [], 0
    for path in source.paths:
        files.append(SourceFile(path=path, data=source.read(path, MAX_FILE_BYTES)))
        size += len(files[-1].data)
        _refuse_amount(len(files), size)
    return HeldSource(files)


def text_of(source: Source, path: str) -> str:
    """The file as text (UTF-8, a byte-order mark is dropped, line ends become \\n)."""
    try:
        text = source.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceRefused(problem=f"“{path}” is not UTF-8 text.") from None
    if "\x00" in text:
        raise SourceRefused(problem=f"“{path}” holds a NUL character, so it is not text.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_source(path: Path) -> Source:
    """A folder or a zip file as a Source; a zip whose files all stand in one folder is entered."""
    if path.is_symlink():
        raise SourceRefused(problem=f"“{path}” is a symbolic link.")
    if path.is_dir():
        return FolderSource(path)
    if not path.is_file():
        raise SourceRefused(problem=f"There is no folder or file “{path}”.")
    return ZipSource(path.open("rb"), path.name)


def _checked_name(name: str) -> str:
    """The name as a safe relative path, or a refusal that shows it."""
    if leads_outside(name):
        raise SourceRefused(problem=f"The path {name!r} leads outside the source or cannot be a file's name.")
    return name


def _refuse_duplicates(paths: list[str]) -> None:
    if clashes := path_clashes(paths):
        raise SourceRefused(problem=clashes[0])


def _refuse_amount(files: int, size: int) -> None:
    if files > MAX_FILES:
        raise SourceRefused(problem=f"The source holds more than {MAX_FILES:,} files.")
    if size > MAX_SOURCE_BYTES:
        raise SourceRefused(problem=f"The source is larger than {MAX_SOURCE_BYTES // _MB} MB when unpacked.")


def _refuse_size(path: str, limit: int) -> SourceRefused:
    if limit == MAX_TEXT_BYTES:
        return SourceRefused(problem=f"“{path}” is larger than {limit // 1024} KB, too large for a lesson.")
    return SourceRefused(problem=f"“{path}” is larger than {limit // _MB} MB.")


class FolderSource:
    """A folder on this machine. Links are refused: they would read what is not part of the course."""

    def __init__(self, root: Path) -> None:
        self._root = root
        found, size = [], 0
        for path, relative in _walk(root):
            found.append(relative)
            size += path.lstat().st_size
            _refuse_amount(len(found), size)
        _refuse_duplicates(found)
        self.paths = tuple(sorted(found))

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        if path not in self.paths:
            raise SourceRefused(problem=f"There is no file “{path}” in the source.")
        return _capped(self._root / path, path, limit)


class LooseFile:
    """One file that the author named by itself, such as a layout description."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.paths: tuple[str, ...] = (path.name,)

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        if not self._path.is_file():
            raise SourceRefused(problem=f"There is no file “{self._path}”.")
        return _capped(self._path, path, limit)


def _capped(file: Path, name: str, limit: int) -> bytes:
    with file.open("rb") as opened:
        data = opened.read(limit + 1)
    if len(data) > limit:
        raise _refuse_size(name, limit)
    return data


def _walk(root: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(root.rglob("*")):
        relative = path.relative_to(root).as_posix()
        if is_hidden(relative):
            continue
        if path.is_symlink() or path.parent.is_symlink():
            raise SourceRefused(problem=f"“{relative}” is a symbolic link.")
        if path.is_file():
            yield path, _checked_name(relative)


class ZipSource:
    """A zip file, read member by member; `name` is only said to its author."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        _refuse_directory(file, name)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise SourceRefused(problem=f"“{name}” is not a zip file, or it is damaged.") from None
        infos = self._zip.infolist()
        _refuse_amount(len(infos), sum(info.file_size for info in infos))
        named = {name: info for info in infos if (name := _judge(info)) and not info.is_dir()}
        _refuse_duplicates([info.orig_filename for info in infos if not info.is_dir()])
        visible = [name for name in named if not is_hidden(name)]
        prefix = _common_folder(visible)
        self._members = {name[len(prefix) :]: named[name] for name in visible}
        self.paths = tuple(sorted(self._members))

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        info = self._members.get(path)
        if info is None:
            raise SourceRefused(problem=f"There is no file “{path}” in the source.")
        try:
            with self._zip.open(info) as file:
                data = file.read(limit + 1)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error):
            raise SourceRefused(problem=f"“{path}” in the archive is damaged.") from None
        if len(data) > limit:
            raise _refuse_size(path, limit)
        return data


_END = b"PK\x05\x06"
_END_BYTES = 22
_ZIP64 = b"PK\x06\x07"
_MAX_DIRECTORY = MAX_FILES * 400


def _refuse_directory(file: IO[bytes], name: str) -> None:
    """Judge the archive's directory by its size before anything parses it: a million entries are a bomb, too."""
    size = file.seek(0, 2)
    if size > MAX_SOURCE_BYTES:
        raise SourceRefused(problem=f"“{name}” is larger than {MAX_SOURCE_BYTES // _MB} MB.")
    file.seek(max(0, size - _END_BYTES - 0xFFFF))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_BYTES:
        raise SourceRefused(problem=f"“{name}” is not a zip file, or it is damaged.")
    directory_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory_bytes > _MAX_DIRECTORY or _ZIP64 in tail[max(0, end - 20) : end]:
        raise SourceRefused(problem=f"“{name}” lists more than {MAX_FILES:,} files.")


def _judge(info: zipfile.ZipInfo) -> str:
    """The member's safe name; links, devices and encrypted members are refused."""
    if "\x00" in info.orig_filename:
        raise SourceRefused(problem=f"The path {info.orig_filename!r} in the archive holds a NUL character.")
    name = _checked_name(info.orig_filename.rstrip("/") if info.is_dir() else info.orig_filename)
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFDIR if info.is_dir() else stat.S_IFREG}:
        raise SourceRefused(problem=f"“{name}” in the archive is a link or a device, not a file.")
    if info.flag_bits & _ENCRYPTED:
        raise SourceRefused(problem=f"“{name}” in the archive is encrypted.")
    return name


def _common_folder(names: list[str]) -> str:
    """`course/` when every file stands in it, else nothing: what one gets by zipping a folder from outside."""
    if not names:
        return ""
    first = PurePosixPath(names[0]).parts[0] + "/"
    return first if all(name.startswith(first) for name in names) else ""


def shown(data: bytes) -> str:
    """A text file as a form shows it: without its mark, with plain line ends."""
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def retyped(text: str, before: bytes) -> bytes:
    """What a form sent back as the bytes of that file, with its mark and line ends; unchanged, the very same bytes."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text == shown(before):
        return before
    ends = text.replace("\n", "\r\n") if b"\r\n" in before else text
    mark = codecs.BOM_UTF8 if before.startswith(codecs.BOM_UTF8) else b""
    return mark + ends.encode()
