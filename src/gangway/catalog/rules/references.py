"""Where the links and pictures of a course lead: to a lesson, to a file that is kept, outward, or nowhere."""

import re
from dataclasses import dataclass
from enum import StrEnum

MAX_TARGET = 300
"""So much of a target is shown to its author."""


class ReferenceKind(StrEnum):
    """What a page refers by. `media`: a video, a sound or a frame, which a lesson does not show."""

    LINK = "link"
    PICTURE = "picture"
    MEDIA = "media"


class Leads(StrEnum):
    """`here`: to a place on the same page. `outward`: to another site; a picture from there is not shown."""

    LESSON = "lesson"
    FILE = "file"
    HERE = "here"
    OUTWARD = "outward"
    NOWHERE = "nowhere"


@dataclass(frozen=True, kw_only=True)
class Reference:
    """One link or picture of a file. `lost`: the lesson it names is there, the place within it is not."""

    file: str
    target: str
    kind: ReferenceKind
    leads: Leads
    lost: bool = False

    @property
    def is_unresolved(self) -> bool:
        """Whether the author has something to mend."""
        elsewhere = self.kind is not ReferenceKind.LINK and self.leads is Leads.OUTWARD
        return self.leads is Leads.NOWHERE or self.lost or elsewhere


def anchor(heading: str) -> str:
    """The name that a heading gives its place, as code forges make it: `Why and how?` → `why-and-how`."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", heading.strip().lower()))


_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_BEFORE_SVG = rb"(?:<\?xml[^>]*>|<!--(?:(?!-->).)*-->|<!DOCTYPE svg[^>\[]*>|\s)*"
_SVG = re.compile(rb"(?:\xef\xbb\xbf)?" + _BEFORE_SVG + rb"<svg[\s>]", re.S | re.I)
SVG = "image/svg+xml"


def picture_type(data: bytes) -> str | None:
    """The content type of a picture that a browser may show, by its bytes and never by its name; None: no such."""
    for begin, kind in _PICTURES:
        if data.startswith(begin):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return SVG if _SVG.match(data[:4096]) else None


_WEBM = b"\x1a\x45\xdf\xa3"


def video_type(data: bytes) -> str | None:
    """The content type of a video that a browser may play, by its bytes and never by its name; None: no such."""
    if data[4:8] == b"ftyp":
        return "video/mp4"
    return "video/webm" if data.startswith(_WEBM) and b"webm" in data[:64] else None


def shown_type(data: bytes) -> str | None:
    """The content type of what a lesson draws or plays, by its first 4,096 bytes; None: it is only taken along."""
    if re.match(rb"(?:\xef\xbb\xbf)?WEBVTT\s", data):
        return "text/vtt; charset=utf-8"
    return picture_type(data) or video_type(data)


def captions_of(video: str) -> str:
    """Where the captions of a video lie: beside it, under its name."""
    return video.rpartition(".")[0] + ".vtt"
