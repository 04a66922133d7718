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
    MAX_SHOWN,
    MAX_SOURCE_BYTES,
    MAX_TEXT_BYTES,
    OUTSIDE,
    TOO_LARGE,
    TOO_MANY,
    TOO_MUCH,
    SourceFile,
    is_hidden,
    leads_outside,
    path_clashes,
)
from gangway.kernel.said import said
from gangway.kernel.values import printable

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
            raise SourceRefused(problem=said("There is no file “{path}”.", path=path))
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
        raise SourceRefused(problem=said("“{path}” is not UTF-8 text.", path=path)) from None
    if "\x00" in text:
        raise SourceRefused(problem=said("“{path}” holds a NUL character, so it is not text.", path=path))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_source(path: Path) -> Source:
    """A folder or a zip file as a Source; a zip whose files all stand in one folder is entered."""
    if path.is_symlink():
        raise SourceRefused(problem=said("“{path}” is a symbolic link.", path=str(path)))
    if path.is_dir():
        return FolderSource(path)
    if not path.is_file():
        raise SourceRefused(problem=said("There is no folder or file “{path}”.", path=str(path)))
    return ZipSource(path.open("rb"), path.name)


def _checked_name(name: str) -> str:
    """The name as a safe relative path, or a refusal that shows it."""
    if leads_outside(name):
        raise SourceRefused(problem=said(OUTSIDE, path=printable(name, MAX_SHOWN)))
    return name


def _refuse_duplicates(paths: list[str]) -> None:
    if clashes := path_clashes(paths):
        raise SourceRefused(problem=clashes[0])


def _refuse_amount(files: int, size: int) -> None:
    if files > MAX_FILES:
        raise SourceRefused(problem=said(TOO_MANY, n=MAX_FILES))
    if size > MAX_SOURCE_BYTES:
        raise SourceRefused(problem=said(TOO_MUCH, n=MAX_SOURCE_BYTES // _MB))


def _refuse_size(path: str, limit: int) -> SourceRefused:
    if limit == MAX_TEXT_BYTES:
        kilobytes = limit // 1024
        problem = said("“{path}” is larger than {n} KB, too large for a lesson.", path=path, n=kilobytes)
        return SourceRefused(problem=problem)
    return SourceRefused(problem=said(TOO_LARGE, path=path, n=limit // _MB))


def _no_zip(name: str) -> SourceRefused:
    return SourceRefused(problem=said("“{path}” is not a zip file, or it is damaged.", path=name))


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
            raise SourceRefused(problem=said("There is no file “{path}”.", path=path))
        return _capped(self._root / path, path, limit)


class LooseFile:
    """One file that the author named by itself, such as a layout description."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.paths: tuple[str, ...] = (path.name,)

    def read(self, path: str, limit: int = MAX_TEXT_BYTES) -> bytes:
        if not self._path.is_file():
            raise SourceRefused(problem=said("There is no file “{path}”.", path=str(self._path)))
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
            raise SourceRefused(problem=said("“{path}” is a symbolic link.", path=relative))
        if path.is_file():
            yield path, _checked_name(relative)


class ZipSource:
    """A zip file, read member by member; `name` is only said to its author."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        _refuse_directory(file, name)
        try:
            self._zip = zipfile.ZipFile(file)
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise _no_zip(name) from None
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
            raise SourceRefused(problem=said("There is no file “{path}”.", path=path))
        try:
            with self._zip.open(info) as file:
                data = file.read(limit + 1)
        except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, zlib.error):
            raise SourceRefused(problem=said("“{path}” in the archive is damaged.", path=path)) from None
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
        raise SourceRefused(problem=said(TOO_LARGE, path=name, n=MAX_SOURCE_BYTES // _MB))
    file.seek(max(0, size - _END_BYTES - 0xFFFF))
    tail = file.read()
    file.seek(0)
    end = tail.rfind(_END)
    if end < 0 or len(tail) - end < _END_BYTES:
        raise _no_zip(name)
    directory_bytes = int.from_bytes(tail[end + 12 : end + 16], "little")
    if directory_bytes > _MAX_DIRECTORY or _ZIP64 in tail[max(0, end - 20) : end]:
        raise SourceRefused(problem=said(TOO_MANY, n=MAX_FILES))


def _judge(info: zipfile.ZipInfo) -> str:
    """The member's safe name; links, devices and encrypted members are refused."""
    name = _checked_name(info.orig_filename.rstrip("/") if info.is_dir() else info.orig_filename)
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFDIR if info.is_dir() else stat.S_IFREG}:
        problem = said("“{path}” in the archive is a link or a device, not a file.", path=name)
        raise SourceRefused(problem=problem)
    if info.flag_bits & _ENCRYPTED:
        raise SourceRefused(problem=said("“{path}” in the archive is encrypted.", path=name))
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
