"""Where a link or a picture of a file leads, judged by the files of its folder.

What is stored is relative to a page one step below the course's own address (`…/lessons/KEY`, `…/keep/KEY`), so the
catalogue need not know the addresses of the pages that show it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from gangway.catalog.rules import (
    MAX_TARGET,
    Leads,
    Reference,
    ReferenceKind,
    SourceFile,
    anchor,
    captions_of,
    picture_type,
    shown_type,
    video_type,
)

SCHEMES = {"http", "https", "mailto", "tel"}
PLACE = "s-"
"""Before the name of a place within a lesson, so that none is taken for a part of the page around it."""
_NEVER_SHOWN = ("check.yaml", "check.yml", "check.md", "course.yaml")


@dataclass(frozen=True, kw_only=True)
class Site:
    """What a folder's links may lead to. `addresses`: patterns such as `_articles/{path}.md` of a folder that links
    like the site it was made for, where that file stands at `/path/`; empty where links name files.

    `originals`: of which file each translation is one; what is not found from where it stands is looked for from there.
    `secret`: files that no page may lead to, such as a check with its answers.
    """

    files: Mapping[str, SourceFile]
    lessons: Mapping[str, str]
    resources: Mapping[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()
    originals: Mapping[str, str] = field(default_factory=dict)
    secret: Collection[str] = ()
    places: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def found(self, file: str, path: str) -> str | None:
        """The file of the folder that a path in `file` names, or None."""
        places = [file, self.originals[file]] if file in self.originals else [file]
        tried = [name for place in places for name in self._tried(place, path)]
        return next((name for name in tried if name in self.files), None)

    def _tried(self, file: str, path: str) -> list[str]:
        if not self.addresses:
            return [_joined(file, path)]
        whole = _joined(_address(self.addresses, file), path)
        return [whole, *(pattern.replace("{path}", whole) for pattern in self.addresses)]


class Leading:
    """Turns what one file refers to into what a page may hold, and remembers each reference for its author.

    `videos`: the address of each video, and that of its captions.
    """

    def __init__(self, site: Site, file: str) -> None:
        self._site, self._file = site, file
        self.references: list[Reference] = []
        self.shown: set[str] = set()
        self.videos: dict[str, str | None] = {}

    def link(self, target: str) -> str | None:
        """The address for an `href`; None where there is none."""
        leads, address, lost = self._link(target.strip())
        self._note(target, ReferenceKind.LINK, leads, lost)
        return address

    def picture(self, target: str) -> str | None:
        """The address for a `src`; None for a picture that cannot be shown."""
        leads, address = self._picture(target.strip())
        self._note(target, ReferenceKind.PICTURE, leads)
        return address

    def media(self, target: str) -> None:
        """A video, a sound or a frame: never shown, always told."""
        self._note(target, ReferenceKind.MEDIA, Leads.NOWHERE)

    def _note(self, target: str, kind: ReferenceKind, leads: Leads, lost: bool = False) -> None:
        self.references.append(
            Reference(file=self._file, target=unquote(target)[:MAX_TARGET], kind=kind, leads=leads, lost=lost)
        )

    def _link(self, target: str) -> tuple[Leads, str | None, bool]:
        scheme, path, place = _parts(target)
        if scheme is None:
            return Leads.NOWHERE, None, False
        if scheme:
            whole = f"https:{target}" if target.startswith("//") else target
            return (Leads.OUTWARD, whole, False) if scheme in SCHEMES else (Leads.NOWHERE, None, False)
        if not path:
            there = place in self._site.places.get(self._file, ())
            return (Leads.HERE, f"#{PLACE}{quote(place)}", False) if there else (Leads.NOWHERE, None, False)
        found = self._site.found(self._file, path) or ""
        if found in self._site.lessons:
            there = place in self._site.places.get(found, ())
            return Leads.LESSON, _lesson(self._site.lessons[found], place if there else ""), bool(place) and not there
        if found in self._site.resources:
            return Leads.FILE, f"../keep/{quote(self._site.resources[found])}", False
        address = self._kept(found)
        return (Leads.FILE, address, False) if address else (Leads.NOWHERE, None, False)

    def _picture(self, target: str) -> tuple[Leads, str | None]:
        scheme, path, _ = _parts(target)
        if scheme in {"http", "https"}:
            return Leads.OUTWARD, None
        found = self._site.found(self._file, path) if not scheme and path else None
        data = self._site.files[found].data if found is not None else b""
        if found is None or not (picture_type(data) or video_type(data)):
            return Leads.NOWHERE, None
        address = self._kept(found)
        if address and video_type(data):
            self.videos[address] = self._captions(found)
        return Leads.FILE, address

    def _captions(self, video: str) -> str | None:
        path = captions_of(video)
        told = path in self._site.files and (shown_type(self._site.files[path].data) or "").startswith("text/vtt")
        return self._kept(path) if told else None

    def _kept(self, path: str) -> str | None:
        if not path or path in self._site.secret or PurePosixPath(path).name.lower() in _NEVER_SHOWN:
            return None
        self.shown.add(path)
        return f"../files/{self._site.files[path].digest}/{quote(PurePosixPath(path).name)}"


def _lesson(key: str, place: str) -> str:
    return f"../lessons/{quote(key)}" + (f"#{PLACE}{quote(place)}" if place else "")


def _parts(target: str) -> tuple[str | None, str, str]:
    """Scheme, path and place of a target, decoded; the scheme is None where it cannot be read."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return None, "", ""
    scheme = parts.scheme.lower() or ("https" if parts.netloc else "")
    return scheme, unquote(parts.path), anchor(unquote(parts.fragment))


def _joined(base: str, path: str) -> str:
    """The path that `path` names, seen from the file `base`; an absolute one is seen from the folder's root."""
    steps = [] if path.startswith("/") else base.split("/")[:-1]
    for step in path.split("/"):
        if step == "..":
            if not steps:
                return ""
            steps.pop()
        elif step not in {"", "."}:
            steps.append(step)
    return "/".join(steps)


def _address(patterns: Collection[str], file: str) -> str:
    """Where a file stands on its site: `_articles/ar/legal.md` at `ar/legal/`."""
    for pattern in patterns:
        before, _, after = pattern.partition("{path}")
        if file.startswith(before) and file.endswith(after) and len(file) > len(before) + len(after):
            return file[len(before) : len(file) - len(after)] + "/"
    return file
