"""A course's folder as its editor sees it: which lessons in which order, and the files that a change of that rewrites.

`course.yaml` is changed field by field; comments, quotes and whatever nobody touched stay as the author wrote them. A
folder that was described otherwise (a layout, or its name alone) gets a `course.yaml` with its first such change.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import yaml
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from gangway.catalog.markdown.layout import Head, LessonFile, lesson_key
from gangway.catalog.markdown.locales import Locales
from gangway.catalog.markdown.manifest import Manifest, read_manifest
from gangway.catalog.markdown.read import MANIFEST, check_file, front_matter, manifest_of
from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.catalog.markdown.render import render
from gangway.catalog.markdown.source import Source, text_of
from gangway.catalog.rules import LEAST_WORDS, OWN_LAYOUT, OWN_NAME, slug, without_number
from gangway.kernel.said import said

Changes = dict[str, bytes | None]
"""Files by path as they are to be; None takes one away."""


@dataclass(frozen=True, kw_only=True)
class Outline:
    """What a folder says of itself, its lessons with the titles that people see. `check`: its file, or ""."""

    head: Head
    lessons: tuple[LessonFile, ...]
    check: str

    def lesson(self, path: str) -> LessonFile | None:
        return next((lesson for lesson in self.lessons if lesson.path == path), None)


def outline_of(source: Source) -> Outline:
    """Refuses with CourseUnreadable or SourceRefused where the folder cannot be read."""
    manifest = manifest_of(source)
    lessons = tuple(replace(file, title=file.title or title_of(source, file.path)) for file in _taken(source, manifest))
    return Outline(head=manifest.head, lessons=lessons, check=check_file(source, manifest))


def title_of(source: Source, path: str) -> str:
    """What a lesson's file calls itself: in its front matter, its first heading, or by its name."""
    if path not in source.paths:
        return without_number(PurePosixPath(path).stem)
    front, body = front_matter(path, text_of(source, path))
    first = body.lstrip().partition("\n")[0]
    heading = render(first).title if first.startswith("# ") else ""
    return front or heading or without_number(PurePosixPath(path).stem)


def moved(source: Source, path: str, by: int) -> Changes:
    """The lesson one place up (-1) or down (1); nothing where it is the first or last."""
    lessons = [lesson.path for lesson in outline_of(source).lessons]
    if path not in lessons or not 0 <= lessons.index(path) + by < len(lessons):
        return {}
    here = lessons.index(path)
    lessons[here], lessons[here + by] = lessons[here + by], lessons[here]
    document = _document(source)
    _order(document, source, lessons)
    return _written(source, document)


def added(source: Source, files: Sequence[tuple[str, str]]) -> tuple[Changes, tuple[str, ...]]:
    """Lessons at the end, each a title and its Markdown; what changes, and the paths they were given."""
    document = _document(source)
    lessons = [lesson.path for lesson in outline_of(source).lessons]
    changes: Changes = {}
    paths: list[str] = []
    for title, text in files:
        path = _free(f"{len(lessons) + 1:02}-{slug(title)[:60].strip('-') or 'lesson'}", {*source.paths, *paths})
        lessons.append(path)
        paths.append(path)
        changes[path] = text.encode()
    _order(document, source, lessons)
    return {**_written(source, document), **changes}, tuple(paths)


def removed(source: Source, path: str) -> Changes:
    """The lesson and its file taken away; the order of the others stays."""
    manifest = manifest_of(source)
    changes: Changes = {path: None} if path in source.paths else {}
    if _is_listed(source, manifest) or path not in source.paths:
        document = _document(source)
        _order(document, source, [file.path for file in _taken(source, manifest) if file.path != path])
        changes |= _written(source, document)
    return changes


def detailed(source: Source, path: str, *, title: str, module: str, minutes: int | None, name: str) -> Changes:
    """A lesson's title ("": its first heading), module, minutes (None: by its words) and the name of its file.

    Its key stays, and with it what people have done of it.
    """
    lessons = _taken(source, manifest_of(source))
    document = _document(source)
    _order(document, source, [lesson.path for lesson in lessons])
    place = [lesson.path for lesson in lessons].index(path)
    key = lessons[place].key
    entry = CommentedMap(file=_text(name))
    if key != lesson_key(name):
        entry["key"] = _text(key)
    entry |= {field: _text(value) for field, value in (("title", title), ("module", module)) if value}
    if minutes is not None:
        entry["minutes"] = minutes
    document["lessons"][place] = entry if len(entry) > 1 else _text(name)
    changes = _written(source, document)
    if name != path:
        changes |= {path: None, name: source.read(path)}
    return changes


def headed(source: Source, values: Mapping[str, str | int | None]) -> Changes:
    """Other words in the head of `course.yaml`; a value that is "" or None is taken out."""
    document = _document(source)
    for field, value in values.items():
        if value in ("", None):
            document.pop(field, None)
        elif document.get(field) != value:
            document[field] = _text(value) if isinstance(value, str) else value
    return _written(source, document)


def begun(*, key: str, title: str, locale: str, first: str) -> dict[str, bytes]:
    """The folder of a new course: what it is called, and a first lesson to write in."""
    document = CommentedMap(key=_text(key), title=_text(title), locale=_text(locale))
    document["assign"] = "nobody"
    document["lessons"] = ["01-" + (slug(first)[:60].strip("-") or "lesson") + ".md"]
    return {MANIFEST: _dumped(document, ""), document["lessons"][0]: f"# {first}\n\n".encode()}


def _taken(source: Source, manifest: Manifest) -> list[LessonFile]:
    """The lessons that are learned: where the folder only has a name, a file with a few words is none."""
    if not manifest.guessed:
        return list(manifest.lessons)
    return [
        file
        for file in manifest.lessons
        if render(front_matter(file.path, text_of(source, file.path))[1]).words >= LEAST_WORDS
    ]


def _is_listed(source: Source, manifest: Manifest) -> bool:
    if MANIFEST not in source.paths or OWN_LAYOUT in source.paths:
        return False
    return bool(manifest.lessons) and "lessons" in _document(source)


def _document(source: Source) -> CommentedMap:
    """`course.yaml` to be changed; one that says the same where the folder has none or a layout wins over it."""
    manifest = manifest_of(source)  # refuses what our own strict reader does not take
    if MANIFEST not in source.paths or OWN_LAYOUT in source.paths:
        return _told(source, manifest)
    try:
        found = _editor("").load(text_of(source, MANIFEST))
    except YAMLError:
        problem = said("It is written in a way that only its author can change.")
        raise CourseUnreadable(file=MANIFEST, problem=problem) from None
    return found if isinstance(found, CommentedMap) else CommentedMap()


def _told(source: Source, manifest: Manifest) -> CommentedMap:
    if manifest.addresses or manifest.locales != Locales():
        problem = said(
            "It says where links and languages lead, which course.yaml cannot. Change its order in this file."
        )
        raise CourseUnreadable(file=OWN_LAYOUT, problem=problem)
    head = manifest.head
    told: dict[str, Any] = {
        "key": head.key,
        "title": head.title,
        "summary": head.summary,
        "unlocks": head.unlocks,
        "locale": head.locale,
        "assign": str(head.assign),
        "minutes": head.minutes,
        "licence": head.licence,
    }
    document = CommentedMap(
        {field: _text(value) if isinstance(value, str) else value for field, value in told.items() if value}
    )
    _order(document, source, [file.path for file in _taken(source, manifest)])
    if manifest.resources:
        document["resources"] = [
            CommentedMap(
                {"title": _text(kept.title), "key": _text(kept.key)}
                | ({"file": _text(kept.path)} if kept.path else {"url": _text(kept.url)})
            )
            for kept in manifest.resources
        ]
    if manifest.check:
        document["check"] = _text(manifest.check)
    return document


def _order(document: CommentedMap, source: Source, paths: Sequence[str]) -> None:
    """Put the lessons into this order; entries that were there keep what they say."""
    known = {file.path: file for file in manifest_of(source).lessons}
    there = document.get("lessons")
    entries = {(item["file"] if isinstance(item, Mapping) else item): item for item in there or []}
    ordered = [entries.get(path) or _entry(known.get(path), path) for path in paths]
    if not isinstance(there, CommentedSeq):
        document["lessons"] = CommentedSeq(ordered)
        return
    del there[len(ordered) :]
    for place, entry in enumerate(ordered):  # one by one: a slice would drop the comments between them
        if place < len(there):
            there[place] = entry
        else:
            there.append(entry)


def _entry(file: LessonFile | None, path: str) -> Any:
    entry = CommentedMap(file=_text(path))
    if file is not None:
        entry |= {"key": _text(file.key)} if file.key != lesson_key(path) else {}
        entry |= {name: _text(value) for name, value in (("title", file.title), ("module", file.module)) if value}
        entry |= {"minutes": file.minutes} if file.minutes else {}
    return entry if len(entry) > 1 else entry["file"]


def _written(source: Source, document: CommentedMap) -> Changes:
    text = text_of(source, MANIFEST) if MANIFEST in source.paths else ""
    data = _dumped(document, text)
    read_manifest(MANIFEST, data.decode(), source.paths)  # what we wrote is read by the strict reader, or refused here
    gone: Changes = {path: None for path in (OWN_LAYOUT, OWN_NAME) if path in source.paths}
    return {MANIFEST: data, **gone}


def _dumped(document: CommentedMap, like: str) -> bytes:
    out = io.StringIO()
    _editor(like).dump(document, out)
    return out.getvalue().encode()


def _editor(like: str) -> YAML:
    """A reader and writer that keeps comments and quotes, and indents lists as `like` does."""
    editor = YAML()
    editor.preserve_quotes = True
    editor.width = 4096
    offset = 0 if re.search(r"^- ", like, re.M) else 2
    editor.indent(mapping=2, sequence=offset + 2, offset=offset)
    return editor


_PLAIN = re.compile(r"[^\W_][\w ./-]*", re.UNICODE)


def _text(value: str) -> str:
    """The text, in quotes where YAML would read something else in it."""
    if _PLAIN.fullmatch(value) and not value.endswith(" ") and yaml.safe_load(value) == value:
        return value
    quoted: str = DoubleQuotedScalarString(value)
    return quoted


def _free(stem: str, taken: set[str]) -> str:
    n, name = 2, f"{stem}.md"
    while name.casefold() in {path.casefold() for path in taken}:
        n, name = n + 1, f"{stem}-{n}.md"
    return name
