"""The source of a course: the files of a folder, how many and how large they may be, and what a path may look like."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from gangway.kernel.said import N_, Said, said
from gangway.kernel.values import printable

MAX_FILES = 5_000
MAX_SOURCE_BYTES = 64 * 1024 * 1024
MAX_FILE_BYTES = 48 * 1024 * 1024
MAX_TEXT_BYTES = 1024 * 1024
MAX_PATH = 400
MAX_NAME_BYTES = 255
"""What file systems take for one part of a path."""

OWN_LAYOUT = ".gangway/layout.yaml"
OWN_CHECKS = (".gangway/check.yaml", ".gangway/check.md")
OWN_NAME = ".gangway/name"
OWN_CHECK_WORDS = ".gangway/locales/{locale}/check.yaml"
_CHECK_WORDS = re.compile(r"\.gangway/locales/[A-Za-z0-9_-]{2,35}/check\.yaml")
OWN_FILES = frozenset({OWN_LAYOUT, *OWN_CHECKS, OWN_NAME})
"""What an import was told beside the folder, so that the folder alone can be imported again."""
MAX_SHOWN = 80
_MB = 1024 * 1024


class FileKind(StrEnum):
    """How a file of a course's source is kept: as the text it is, or as bytes."""

    TEXT = "text"
    ASSET = "asset"


@dataclass(frozen=True, kw_only=True)
class SourceFile:
    """One file of a course's folder, byte for byte; `path` with forward slashes."""

    path: str
    data: bytes = field(repr=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 in hexadecimal: equal files are kept once."""
        return hashlib.sha256(self.data).hexdigest()

    @cached_property
    def text(self) -> str | None:
        """The file as text that gives its very bytes again, mark and line ends included; None where it is none."""
        if len(self.data) > MAX_TEXT_BYTES or b"\0" in self.data:
            return None
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    @property
    def kind(self) -> FileKind:
        return FileKind.ASSET if self.text is None else FileKind.TEXT


@dataclass(frozen=True, kw_only=True)
class BegunFile(SourceFile):
    """A file of which the first bytes were read, enough to know a picture or a video. `whole`: the digest of all."""

    whole: str

    @cached_property
    def digest(self) -> str:
        return self.whole


def leads_outside(path: str) -> bool:
    """Whether a path is no plain relative one: absolute, with `..`, a drive, a backslash, or too long for a disk."""
    parts = path.split("/")
    return (
        "\\" in path
        or (len(parts[0]) > 1 and parts[0][1] == ":")
        or any(part in {"", ".", ".."} for part in parts)
        or any(unicodedata.category(char) in {"Cc", "Cs"} for char in path)
        or len(path) > MAX_PATH
        or any(len(part.encode()) > MAX_NAME_BYTES for part in parts)
    )


def is_check_words(path: str) -> bool:
    """Whether a file translates a check that was told beside the folder."""
    return _CHECK_WORDS.fullmatch(path) is not None


def is_hidden(path: str) -> bool:
    """Whether a file is a tool's and not the author's; what an import was told beside the folder is not hidden."""
    ours = path in OWN_FILES or is_check_words(path)
    return not ours and any(part.startswith(".") or part in {"__MACOSX", "node_modules"} for part in path.split("/"))


OUTSIDE = N_("The path “{path}” leads outside, or cannot be a file's name.")
TOO_LARGE = N_("“{path}” is larger than {n} MB.")
TOO_MANY = N_("There are more than {n} files.")
TOO_MUCH = N_("All files together are larger than {n} MB.")


def file_faults(files: Sequence[SourceFile]) -> list[Said]:
    """Why these files cannot be kept and written back as a folder, in sentences; empty when they can."""
    return folder_faults([(file.path, len(file.data)) for file in files])


def folder_faults(files: Sequence[tuple[str, int]]) -> list[Said]:
    """The same of paths and sizes in bytes."""
    named = [(path, printable(path, MAX_SHOWN), size) for path, size in files]
    found = [said(OUTSIDE, path=shown) for path, shown, _ in named if leads_outside(path)]
    found += [said("“{path}” is hidden.", path=shown) for path, shown, _ in named if is_hidden(path)]
    found += [said(TOO_LARGE, path=shown, n=MAX_FILE_BYTES // _MB) for _, shown, size in named if size > MAX_FILE_BYTES]
    if len(files) > MAX_FILES:
        found.append(said(TOO_MANY, n=MAX_FILES))
    if sum(size for _, size in files) > MAX_SOURCE_BYTES:
        found.append(said(TOO_MUCH, n=MAX_SOURCE_BYTES // _MB))
    return found + path_clashes([path for path, _ in files])


def path_clashes(paths: Sequence[str]) -> list[Said]:
    """Paths that cannot stand in one folder on every disk: twice, in other letters, or a file that is a folder too."""
    seen: dict[str, str] = {}
    found = []
    for path in paths:
        same = _on_disk(path)
        if same in seen:
            found.append(
                said("“{path}” is there twice (as “{other}”), so it is ambiguous.", path=path, other=seen[same])
            )
        seen[same] = path
    folders = {parent for same in seen for parent in _parents(same)}
    both = sorted(folders & seen.keys())
    return found + [said("“{path}” is a file and a folder.", path=seen[same]) for same in both]


def _on_disk(path: str) -> str:
    """A path as a disk compares it that knows neither case nor composition."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


def _parents(path: str) -> Iterable[str]:
    parts = path.split("/")
    return ("/".join(parts[:n]) for n in range(1, len(parts)))
