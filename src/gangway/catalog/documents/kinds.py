"""What an upload is, judged by its first bytes and its table of contents. Its name is only repeated to the author."""

import re
from enum import StrEnum

from gangway.catalog.documents.archive import Archive, is_zip
from gangway.catalog.documents.limits import MAX_CAPTIONS, MAX_DOCUMENT, MAX_PICTURE, MAX_VIDEO, MB
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.kernel.said import said


class Kind(StrEnum):
    WORD = "word"
    SLIDES = "slides"
    PDF = "pdf"
    PICTURE = "picture"
    MP4 = "mp4"
    WEBM = "webm"
    VTT = "vtt"
    SRT = "srt"
    MARKDOWN = "markdown"
    ARCHIVE = "archive"


_LIMITS = {
    Kind.PICTURE: MAX_PICTURE,
    Kind.MP4: MAX_VIDEO,
    Kind.WEBM: MAX_VIDEO,
    Kind.VTT: MAX_CAPTIONS,
    Kind.SRT: MAX_CAPTIONS,
    Kind.MARKDOWN: MAX_CAPTIONS,
}
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"BM")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKUP = re.compile(r"\s*(?:<\?xml|<!doctype|<!--|<html|<head|<body|<script|<svg|<iframe)", re.I)
_SRT = re.compile(r"\s*\d+\s*\n\d{1,2}:\d{2}:\d{2}[,.]\d{3}\s*-->")
_CONTENT_TYPES = (
    ("wordprocessingml.document.main+xml", Kind.WORD),
    ("presentationml.presentation.main+xml", Kind.SLIDES),
)


def judge(name: str, data: bytes) -> Kind:
    """The kind of an upload; refused when it is none of ours, or larger than its kind may be."""
    if not data:
        raise DocumentRefused(file=name, problem=said("The file is empty."), mend=said("Choose the file again."))
    kind = _judged(name, data)
    limit = _LIMITS.get(kind, MAX_DOCUMENT)
    if len(data) > limit:
        raise DocumentRefused(
            file=name,
            problem=said("It is larger than {n} MB.", n=limit // MB),
            mend=said("Make it smaller, or split it in two."),
        )
    return kind


def _judged(name: str, data: bytes) -> Kind:
    if data.startswith(b"%PDF-"):
        return Kind.PDF
    if data.startswith(_PICTURES) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return Kind.PICTURE
    if data[4:8] == b"ftyp":
        return Kind.MP4
    if data.startswith(b"\x1a\x45\xdf\xa3"):
        return Kind.WEBM
    if data.startswith(_OLD_OFFICE):
        raise DocumentRefused(
            file=name,
            problem=said("This is an old or an encrypted office file."),
            mend=said("Save it as .docx or .pptx without a password, and bring that."),
        )
    if is_zip(data):
        return _of_archive(name, data)
    return _of_text(name, data)


def _of_archive(name: str, data: bytes) -> Kind:
    if len(data) > MAX_DOCUMENT:
        return Kind.ARCHIVE
    archive = Archive(name, data)
    if "[Content_Types].xml" not in archive.names:
        if "mimetype" in archive.names:
            raise DocumentRefused(
                file=name,
                problem=said("This office format cannot be read."),
                mend=said("Save it as .docx, .pptx or PDF, and bring that."),
            )
        return Kind.ARCHIVE
    types = archive.read("[Content_Types].xml").decode("utf-8", "replace")
    if "macroEnabled" in types or "vbaProject" in types:
        raise DocumentRefused(
            file=name,
            problem=said("It holds macros, which are programs."),
            mend=said("Save it without macros (.docx or .pptx), and bring that."),
        )
    for marker, kind in _CONTENT_TYPES:
        if marker in types:
            return kind
    raise DocumentRefused(
        file=name,
        problem=said("It is neither a text document nor slides."),
        mend=said("Save what learners should read as .docx, .pptx or PDF."),
    )


def _of_text(name: str, data: bytes) -> Kind:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise DocumentRefused(
            file=name,
            problem=said("Its content is of no kind that can become a lesson, whatever its name says."),
            mend=said("Bring Markdown, Word, PowerPoint, PDF, PNG, JPEG, GIF, WebP, MP4, WebM, VTT or SRT."),
        )
    if _MARKUP.match(text):
        raise DocumentRefused(
            file=name,
            problem=said("It is a web page or a drawing in XML (SVG), which may hold programs."),
            mend=said("Save pages as .docx or PDF, and drawings as PNG."),
        )
    if text.startswith("WEBVTT"):
        return Kind.VTT
    return Kind.SRT if _SRT.match(text) else Kind.MARKDOWN
