"""What is wrong with a course's source is said in its reader's language, on the page that it was brought to."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation
from tests.world import MONDAY, Someone, World

from gangway.catalog.markdown.examine import examine
from gangway.catalog.markdown.layout import read_layout
from gangway.catalog.markdown.read import assembled
from gangway.catalog.markdown.refusals import CourseUnreadable, SourceRefused, TargetRefused
from gangway.catalog.markdown.source import FolderSource, HeldSource, ZipSource, hold, open_source
from gangway.catalog.markdown.write import write_source
from gangway.catalog.rules import SourceFile, complaints, folder_faults
from gangway.catalog.tests.samples import CHECK, COURSE, write_course
from gangway.kernel.language import say
from gangway.kernel.refusal import Refusal
from gangway.kernel.said import Said, pack, said, together, unpack
from gangway.kernel.tenancy import scopes
from gangway.people.actions import set_profile

Browser = Callable[[Someone], Client]

HEAD = "course: {key: k, title: T}\n"
LONG = "x" * 301
UNREADABLE = {
    "syntax": ("course__yaml", "key: ["),
    "character": ("course__yaml", "key: a\ntitle: \x07"),
    "alias": ("course__yaml", "a: &x [1]\nb: *x"),
    "name": ("course__yaml", "{[a]: b}"),
    "no map": ("course__yaml", "a: !!map [b]"),
    "no mapping": ("course__yaml", "key: a\ntitle: x\nresources: [x]"),
    "twice": ("course__yaml", "key: a\nkey: b"),
    "depth": ("course__yaml", "a: 2026-99-99"),
    "lines": ("course__yaml", "- a"),
    "missing": ("course__yaml", "title: x"),
    "text": ("course__yaml", "key: a\ntitle: [x]"),
    "unprintable": ("course__yaml", 'key: a\ntitle: "First\\0steps"'),
    "number": ("course__yaml", COURSE + "minutes: 0\n"),
    "list": ("course__yaml", "key: a\ntitle: x\nlessons: 3"),
    "unknown": ("course__yaml", COURSE + "colour: red\nshape: round\n"),
    "one of": ("course__yaml", COURSE + "assign: some\n"),
    "key": ("course__yaml", COURSE.replace("first-steps", "First Steps")),
    "language": ("course__yaml", COURSE + "locale: englisch?\n"),
    "resource": ("course__yaml", COURSE.replace("file: card.md", "colour: red")),
    "lesson key": ("course__yaml", "key: a\ntitle: x\nlessons: [{file: 1-hello.md, key: No Key}]"),
    "front matter": ("1-hello__md", "---\ntitle: [x]\n---\nText"),
    "yes or no": ("check__yaml", CHECK.replace("answer: yes", "answer: perhaps")),
    "flag": ("check__yaml", CHECK + "test_out: perhaps\n"),
    "texts": ("check__yaml", CHECK.replace("[Goodbye, bye]", "[[bye]]")),
    "choice": ("check__yaml", CHECK.replace("{text: Nothing}", "{txt: Nothing}")),
    "choices": ("check__yaml", f"questions: [{{prompt: x, choices: [{'{text: a}, ' * 27}]}}]"),
}
INCOMPLETE = {
    "title": ("course__yaml", f"key: a\ntitle: {LONG}\nunlocks: {LONG}\nlicence: {LONG}\nlessons: []"),
    "no title": ("course__yaml", "key: a\ntitle: ''\nresources: [{title: X, key: X Y, url: 'https://x.example'}]"),
    "lessons": ("course__yaml", f"key: a\ntitle: x\nlessons: [{{file: card.md, title: {LONG}, module: {LONG}}}]"),
    "twice": ("course__yaml", "key: a\ntitle: x\nlessons: [card.md, card.md]"),
    "resources": ("course__yaml", f"key: a\ntitle: x\nresources: [{{title: {LONG}, file: card.md}}]"),
    "words": ("locales/de/course__yaml", f"title: {LONG}\nresources: {{the-site: {LONG}}}"),
    "translated": ("locales/de/1-hello__md", f"# {LONG}\n\nSag hallo."),
    "no questions": ("check__yaml", "questions: []"),
    "prompt": ("check__yaml", "questions: [{prompt: ' ', choices: [{text: a, correct: yes}, {text: b}]}]"),
    "accepted": ("check__yaml", "questions: [{prompt: x, kind: short_text, accepted: ['.']}]"),
    "choices": ("check__yaml", "questions: [{prompt: x, choices: [{text: a, correct: yes}]}]"),
    "right": ("check__yaml", "questions: [{prompt: x, choices: [{text: a}, {text: b}]}]"),
    "multiple": ("check__yaml", "questions: [{prompt: x, kind: multiple, choices: [{text: a}, {text: b}]}]"),
    "lesson": ("check__yaml", CHECK.replace("lesson: hello", "lesson: hallo")),
    "draw": ("check__yaml", CHECK + "draw: 9\n"),
    "pass": ("check__yaml", CHECK.replace("key: both", "key: greet")),
}
LAYOUTS = (
    "lessons: {order: size}\n",
    "links: {pages: [here]}\n",
    "locales: {files: 'x/{name}'}\n",
    "locales: {names: [zh]}\n",
    "locales: {names: {zh: '?'}}\n",
    "locales: {texts: {de: {titel: x}}}\n",
    "modules: [{files: x}]\n",
    "modules: [x]\n",
)


def source(folder: Path, name: str, text: str) -> HeldSource:
    write_course(folder)
    place = folder / name.replace("__", ".")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")
    return hold(FolderSource(folder))


def refused(do: Callable[[], Any]) -> Refusal:
    with pytest.raises(Refusal) as found:
        do()
    return found.value


def english(sentence: Any) -> Iterator[str]:
    """Whatever of a sentence a German reader would be told in English. Names and quotations are no sentences."""
    if not isinstance(sentence, Said) or not (sentence.text or sentence.parts):
        yield str(sentence)
        return
    for part in sentence.parts:
        yield from english(part)
    if re.search(r"[A-Za-z]{3}", re.sub(r"\{\w+\}", "", sentence.text)):
        with translation.override("de"):
            if translation.gettext(sentence.text) == sentence.text:
                yield sentence
    for name, value in sentence.values.items():
        if isinstance(value, Said) or name in {"problem", "problems"}:
            yield from english(value)


def in_german(sentence: Said | Refusal) -> str:
    sentence = sentence.said if isinstance(sentence, Refusal) else sentence
    assert list(english(sentence)) == []
    kept = unpack(pack(sentence))
    with translation.override("de"):
        assert say(kept) == say(sentence)
        return say(sentence)


@pytest.mark.parametrize("case", UNREADABLE)
def test_what_cannot_be_read_is_said_in_german(tmp_path: Path, case: str) -> None:
    name, text = UNREADABLE[case]
    held = source(tmp_path / "c", name, text)
    no = refused(lambda: assembled(held))
    assert name.replace("__", ".") in in_german(no)
    assert [in_german(one.what) for one in examine(held).blocks]


@pytest.mark.parametrize("case", INCOMPLETE)
def test_what_is_no_course_yet_is_said_in_german(tmp_path: Path, case: str) -> None:
    held = source(tmp_path / "c", *INCOMPLETE[case])
    found = complaints(assembled(held))
    assert found
    assert [in_german(one) for one in found] == [in_german(one.what) for one in examine(held).blocks]
    assert in_german(together(*found)) == " ".join(in_german(one) for one in found)


@pytest.mark.parametrize("text", LAYOUTS)
def test_what_is_wrong_with_a_layout_is_said_in_german(text: str) -> None:
    assert "layout.yaml, Zeile 2: " in in_german(refused(lambda: read_layout("layout.yaml", HEAD + text)))


def test_what_is_wrong_with_files_is_said_in_german(tmp_path: Path) -> None:
    found = folder_faults([("../a", 49 * 1024 * 1024), (".git/a", 1), ("a", 2**26), ("A", 1), ("a/b", 1)])
    found += folder_faults([(f"{n}.md", 1) for n in range(5001)])
    assert len({one.text for one in found if in_german(one)}) == 7
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    held = HeldSource([SourceFile(path="a.md", data=b"x" * (2**20 + 1))])
    for do in (
        lambda: held.read("b.md"),
        lambda: held.read("a.md"),
        lambda: open_source(tmp_path / "nowhere"),
        lambda: open_source(tmp_path / "link"),
        lambda: FolderSource(tmp_path),
        lambda: ZipSource(io.BytesIO(b"PK"), "x.zip"),
        lambda: write_source(tmp_path, []),
        lambda: write_source(tmp_path / "c", [("../a.md", b"")]),
    ):
        assert in_german(refused(do))


def test_an_english_sentence_would_be_found() -> None:
    plain: Any = "It is wrong."
    assert list(english(CourseUnreadable(file="a.md", problem=plain).said)) == ["It is wrong."]
    assert list(english(SourceRefused(problem=said("Nobody translated this.")).said)) == ["Nobody translated this."]
    inner = said("{where}: {problem}", where=said("No place is called so"), problem=plain)
    assert len(list(english(TargetRefused(target="a", problem=inner).said))) == 2


def zipped(files: dict[str, str]) -> SimpleUploadedFile:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return SimpleUploadedFile("kurs.zip", out.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"course.yaml": "key: a\n"}, "course.yaml: „title“ fehlt."),
        ({"course.yaml": "key: a\ntitle: x\ncolour: 1\n"}, "course.yaml, Zeile 3: Unbekannt ist hier: „colour“."),
        ({"course.yaml": "key: a\ntitle: x\nlessons: [{}]\n"}, "course.yaml, Zeile 3: lessons: „file“ fehlt."),
        ({"a.md": "x", "A.md": "y"}, "„A.md“ ist zweimal da (als „a.md“) und damit mehrdeutig."),
        ({"../a.md": "x"}, "kurs.zip: Der Pfad „../a.md“ führt nach draußen oder kann kein Dateiname sein."),
    ],
)
def test_a_faulty_zip_is_refused_in_the_readers_language(
    world: World, client_of: Browser, files: dict[str, str], words: str
) -> None:
    with scopes.one(world.host):
        set_profile(person_id=world.dee.id, locale="de", actor=world.dee.actor, now=MONDAY)
    answer = client_of(world.dee).post("/console/new-course", {"locale": "de", "files": [zipped(files)]})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert "is missing" not in page
