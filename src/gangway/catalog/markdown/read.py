"""The way in: a folder or zip, perhaps with a layout and a check from elsewhere, read into one CourseDraft."""

import re
from dataclasses import replace
from pathlib import Path, PurePosixPath

from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.layout import LessonFile, ResourceFile, read_layout
from gangway.catalog.markdown.manifest import Manifest, described, guessed, read_manifest
from gangway.catalog.markdown.refusals import CourseIncomplete
from gangway.catalog.markdown.render import Rendered, render
from gangway.catalog.markdown.source import LooseFile, Source, open_source, text_of
from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import (
    LEAST_WORDS,
    Assign,
    CheckDraft,
    CourseDraft,
    LessonDraft,
    ResourceDraft,
    ResourceKind,
    check_minutes,
    complaints,
    reading_minutes,
    without_number,
)

MANIFEST = "course.yaml"
_FRONT = re.compile(r"---\n(.*?\n)---\n", re.S)


def read_course(
    path: Path, *, layout: Path | None = None, check: Path | None = None, assign: Assign | None = None
) -> CourseDraft:
    """Read the course at `path`; refuses with SourceRefused, CourseUnreadable or CourseIncomplete, never half-reads.

    `layout` describes a folder that has no course.yaml; without both, the folder's name is the course and its Markdown
    files are the lessons. `check` and `assign` win over what the source says.
    """
    source = open_source(path)
    manifest = _manifest(source, path, layout)
    questions = _check(source, manifest, check)
    lessons, unresolved, left_out = _lessons(source, manifest)
    draft = CourseDraft(
        key=manifest.head.key,
        locale=manifest.head.locale,
        title=manifest.head.title,
        summary=manifest.head.summary,
        unlocks=manifest.head.unlocks,
        minutes=manifest.head.minutes or _total_minutes(lessons, questions),
        assign=assign or manifest.head.assign,
        lessons=tuple(lessons),
        check=questions,
        resources=tuple(_resource(source, resource) for resource in manifest.resources),
        licence=manifest.head.licence,
        unresolved=tuple(unresolved),
        left_out=tuple(left_out),
    )
    if problems := complaints(draft):
        raise CourseIncomplete(problems=" ".join(problems))
    return draft


def _manifest(source: Source, path: Path, layout: Path | None) -> Manifest:
    if layout is not None:
        return described(read_layout(layout.name, _given_text(layout)), source.paths)
    if MANIFEST in source.paths:
        return read_manifest(MANIFEST, text_of(source, MANIFEST), source.paths)
    return guessed(path.resolve().stem if path.is_file() else path.resolve().name, source.paths)


def _check(source: Source, manifest: Manifest, given: Path | None) -> CheckDraft | None:
    if given is not None:
        return read_check(given.name, _given_text(given))
    return read_check(manifest.check, text_of(source, manifest.check)) if manifest.check else None


def _given_text(path: Path) -> str:
    """A file named on the command line, read with the same care as one inside the source."""
    return text_of(LooseFile(path), path.name)


def _lessons(source: Source, manifest: Manifest) -> tuple[list[LessonDraft], list[str], list[str]]:
    lessons, unresolved, left_out = [], [], []
    for file in manifest.lessons:
        front, body = front_matter(file.path, text_of(source, file.path))
        page = render(body)
        if manifest.guessed and page.words < LEAST_WORDS:
            left_out.append(file.path)
            continue
        lessons.append(_lesson(replace(file, title=file.title or front), body, page))
        unresolved += [f"{file.path}: {picture}" for picture in page.unresolved]
    return lessons, unresolved, left_out


def front_matter(file: str, text: str) -> tuple[str, str]:
    """The title in the YAML between two `---` lines that many site makers put first (or ""), and the text after it."""
    match = _FRONT.match(text)
    if match is None:
        return "", text
    return Fields(file, load(file, match[1])).text("title", ""), text[match.end() :]


def _lesson(file: LessonFile, body: str, page: Rendered) -> LessonDraft:
    return LessonDraft(
        key=file.key,
        title=file.title or page.title or without_number(PurePosixPath(file.path).stem),
        module=file.module,
        minutes=file.minutes or reading_minutes(page.words),
        body=body,
        html=page.html,
    )


def _resource(source: Source, file: ResourceFile) -> ResourceDraft:
    if file.url:
        return ResourceDraft(key=file.key, kind=ResourceKind.LINK, title=file.title, url=file.url)
    body = text_of(source, file.path)
    return ResourceDraft(key=file.key, kind=ResourceKind.PAGE, title=file.title, body=body, html=render(body).html)


def _total_minutes(lessons: list[LessonDraft], check: CheckDraft | None) -> int:
    return sum(lesson.minutes for lesson in lessons) + (check_minutes(len(check.questions)) if check else 0)
