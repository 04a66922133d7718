"""The hostile upload set: 0 stored outside, 0 executed, 0 fetched; refused in words, or taken without its sting."""

import gc
import io
import os
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

import mammoth
import pytest
from PIL import Image

from gangway.catalog.documents.folder import folder_of
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.markdown.render import render
from gangway.catalog.tests import documents as made
from gangway.catalog.tests import hostile_documents as hostile

ACTIVE_TAGS = {"script", "svg", "iframe", "html", "object", "embed", "form", "style", "link", "meta", "base"}
ACTIVE_BYTES = (b"<script", b"<svg", b"<iframe", b"<html", b"onerror", b"::cue", b"pk\x03\x04")
TOUCHES = {
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.remove",
    "os.rename",
    "os.mkdir",
}
FOLDERS = {"pictures", "videos", "resources"}


class Watch:
    """What Python's own audit events say was written, run or fetched while it was looking, by the thread that looks:
    Hypothesis keeps its examples from a thread of its own. A module that is loaded for the first time is compiled
    beside its source; that is no writing of a document.
    """

    def __init__(self) -> None:
        self.looking = 0
        self.seen: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, values: tuple[Any, ...]) -> None:
        touches = event in TOUCHES or (event == "open" and _writes(values))
        if self.looking == threading.get_ident() and touches and "__pycache__" not in str(values[0]):
            self.seen.append(f"{event} {values[0]!r}")

    @contextmanager
    def on(self) -> Iterator[list[str]]:
        gc.disable()  # what other tests left behind is put away when nobody looks
        self.seen, self.looking = [], threading.get_ident()
        try:
            yield self.seen
        finally:
            self.looking = 0
            gc.enable()


def _writes(values: tuple[Any, ...]) -> bool:
    """An opened path; a number stands for what was opened before, and was told then."""
    path, mode, flags = values
    if isinstance(path, int):
        return False
    return bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)) or any(letter in (mode or "") for letter in "wax+")


WATCH = Watch()


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("machine") / "secret.png"
    path.write_text(hostile.SECRET)
    return path


CASES = tuple(hostile.uploads("file:///nowhere"))


class Acting(HTMLParser):
    """Reads a page as a browser would, and notes what would act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def found_in(cls, html: str) -> list[str]:
        reader = cls()
        reader.feed(html)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [tag] if tag in ACTIVE_TAGS else []
        for name, value in attrs:
            addressed = name in {"href", "src"} and urlsplit(value or "").scheme not in {"", "https", "http", "mailto"}
            self.found += [f"{name}={value}"] if name.startswith("on") or name == "style" or addressed else []


def faults(files: Mapping[str, bytes]) -> list[str]:
    """What is wrong with a folder as it would be stored and shown."""
    found = []
    for path, data in files.items():
        parts = PurePosixPath(path).parts
        inside = len(parts) == 1 or (len(parts) == 2 and parts[0] in FOLDERS)
        if not inside or ".." in parts or "\\" in path or "\0" in path or len(path) > 200:
            found.append(f"stored outside: {path!r}")
        if parts[0] in FOLDERS or not path.endswith((".md", ".yaml")):
            found += [f"active in {path}: {mark!r}" for mark in ACTIVE_BYTES if mark in data.lower()]
        else:
            found += [f"active in {path}: {what}" for what in Acting.found_in(render(data.decode()).html)]
        if hostile.SECRET.encode() in data:
            found.append(f"read from the machine: {path}")
    return found


def taken(uploads: tuple[tuple[str, bytes], ...]) -> tuple[Mapping[str, bytes], DocumentRefused | None]:
    try:
        return folder_of(uploads, key="k", title="T", locale="en").files, None
    except DocumentRefused as refusal:
        return {}, refusal


@pytest.mark.parametrize("case", CASES)
def test_a_hostile_upload_is_refused_in_words_or_taken_without_its_sting(case: str, secret: Path) -> None:
    uploads = hostile.uploads(secret.as_uri())[case]
    with WATCH.on() as touched:
        files, refusal = taken(uploads)
    if refusal is not None:
        said = (refusal.field, refusal.values["problem"][-1], refusal.values["mend"][-1])
        assert said == ("files", ".", ".")
    assert touched == []
    assert faults(files) == []


def test_the_set_is_large_enough() -> None:
    assert len(CASES) >= 90


MUST_BE_REFUSED = [
    "xxe.docx",
    "laughs.docx",
    "xxe-utf16.docx",
    "xxe-in-relations.docx",
    "macro.docm",
    "macro-hidden.docx",
    "slip.docx",
    "absolute.docx",
    "backslash.docx",
    "link.docx",
    "bomb.docx",
    "lying-bomb.docx",
    "many.docx",
    "twice.docx",
    "cut.docx",
    "encrypted.docx",
    "xxe.pptx",
    "macro.pptm",
    "script.pdf",
    "launch.pdf",
    "cut.pdf",
    "zip-behind.pdf",
    "bomb.pdf",
    "drawing.svg",
    "drawing-as.png",
    "huge.png",
    "large.png",
    "cut.png",
    "cut.jpg",
    "frames.gif",
    "cut.mp4",
    "cut.webm",
    "page-behind.mp4",
    "page-behind.webm",
    "matroska.webm",
    "page.html",
    "program.exe",
    "archive-inside",
    "empty.docx",
]


@pytest.mark.parametrize("case", MUST_BE_REFUSED)
def test_what_cannot_be_made_harmless_is_refused(case: str) -> None:
    with pytest.raises(DocumentRefused):
        folder_of(hostile.uploads("file:///nowhere")[case], key="k", title="T", locale="en")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.docx", made.word(made.paragraph("Some words."))),
        ("a.pptx", made.slides()),
        ("a.pdf", made.pdf("words")),
        ("a.mp4", made.mp4()),
        ("a.webm", made.webm()),
        *((f"a.{form}", made.picture(form)) for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP")),
    ],
)
def test_the_harmless_twin_of_each_kind_is_taken(name: str, data: bytes) -> None:
    assert folder_of([(name, data)], key="k", title="T", locale="en").files


def naive(uploads: tuple[tuple[str, bytes], ...]) -> dict[str, bytes]:
    """What a careless importer does: names as they came, bytes as they are, links followed."""
    files: dict[str, bytes] = {}

    def keep(image: Any) -> dict[str, str]:
        with image.open() as opened:
            files["pictures/1.png"] = opened.read()
        return {"src": "pictures/1.png"}

    for name, data in uploads:
        if name.endswith(".docx"):
            show = mammoth.images.img_element(keep)
            mammoth.convert_to_html(io.BytesIO(data), convert_image=show, external_file_access=True)
        else:
            files[name if "/" in name or "\\" in name else f"pictures/{name}"] = data
    return files


@pytest.mark.parametrize(
    "case",
    [
        *("linked-file.docx", "svg-picture.docx", "page-behind.gif", "zip-behind.jpg", "comment.gif", "drawing.svg"),
        *("page-behind.mp4", "zip-behind.pdf", "a video's name", "a PDF's name", "script.vtt"),
    ],
)
def test_a_careless_importer_is_found_out(case: str, secret: Path) -> None:
    assert faults(naive(hostile.uploads(secret.as_uri())[case]))


def test_the_watch_sees_what_is_written(tmp_path: Path) -> None:
    with WATCH.on() as touched:
        (tmp_path / "x").write_bytes(b"x")
        Image.new("L", (1, 1)).save(tmp_path / "y.png")
    assert len(touched) == 2
