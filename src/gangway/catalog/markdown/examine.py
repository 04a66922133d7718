"""The publish check: every fault of a folder with its file and line, not only the first, and what may be mended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import yaml
from markdown_it import MarkdownIt

from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.read import MANIFEST, assembled, check_file, check_words, front_matter, manifest_of
from gangway.catalog.markdown.refusals import CourseUnreadable, SourceRefused
from gangway.catalog.markdown.source import HeldSource, text_of
from gangway.catalog.markdown.wording import read_wording
from gangway.catalog.rules import CheckDraft, CourseDraft, ReferenceKind, check_complaints, course_complaints
from gangway.kernel.said import Said, said


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A sentence about one file ("": the whole folder), at a line where that is known."""

    path: str
    line: int | None
    what: Said


@dataclass(frozen=True, kw_only=True)
class Examined:
    """`draft` is the course, None where `blocks` say why it cannot be one."""

    draft: CourseDraft | None
    blocks: tuple[Finding, ...]
    warnings: tuple[Finding, ...]


def examine(source: HeldSource) -> Examined:
    """Judge a folder as an import would, to the end."""
    blocks = list(_faults(source))
    if blocks:
        return Examined(draft=None, blocks=tuple(blocks), warnings=())
    draft = assembled(source)
    blocks = list(_complaints(source, draft))
    return Examined(draft=None if blocks else draft, blocks=tuple(blocks), warnings=tuple(_warnings(source, draft)))


def faults_of_file(source: HeldSource, path: str) -> tuple[Finding, ...]:
    """What stops one file from being published, for whoever edits it."""
    return tuple(finding for finding in examine(source).blocks if finding.path == path)


def _faults(source: HeldSource) -> Iterator[Finding]:
    """What cannot be read at all."""
    try:
        manifest = manifest_of(source)
    except (CourseUnreadable, SourceRefused) as refusal:
        yield _finding(refusal, MANIFEST)
        return
    pages = [lesson.path for lesson in manifest.lessons] + [kept.path for kept in manifest.resources if kept.path]
    for path in pages:
        if path not in source.paths:
            what = said("It names “{path}”, which the folder does not have.", path=path)
            yield Finding(path=MANIFEST, line=_line_with(source, MANIFEST, path), what=what)
            continue
        try:
            front_matter(path, text_of(source, path))
        except (CourseUnreadable, SourceRefused) as refusal:
            yield _finding(refusal, path)
    if check := check_file(source, manifest):
        try:
            asked = read_check(check, text_of(source, check))
        except (CourseUnreadable, SourceRefused) as refusal:
            yield _finding(refusal, check)
            return
        yield from _faults_of_words(source, asked, check, check_words(source, manifest))


def _faults_of_words(source: HeldSource, asked: CheckDraft, check: str, files: Mapping[str, str]) -> Iterator[Finding]:
    """What cannot be read of the translations of a check."""
    for path, locale in files.items():
        try:
            read_wording(path, locale, text_of(source, path), asked, source.read(check))
        except (CourseUnreadable, SourceRefused) as refusal:
            yield _finding(refusal, path)


def _finding(refusal: CourseUnreadable | SourceRefused, path: str) -> Finding:
    line = refusal.line if isinstance(refusal, CourseUnreadable) else None
    return Finding(path=path, line=line, what=refusal.values["problem"])


def _complaints(source: HeldSource, draft: CourseDraft) -> Iterator[Finding]:
    """What the folder says and a course cannot be, in the file where it is mended."""
    manifest = manifest_of(source)
    place = MANIFEST if MANIFEST in source.paths else ""
    for what in course_complaints(draft):
        yield Finding(path=place, line=None, what=what)
    check = check_file(source, manifest)
    for number, what in check_complaints(draft):
        is_yaml = check.endswith((".yaml", ".yml"))
        line = _line_of_question(text_of(source, check), number) if is_yaml and number else None
        yield Finding(path=check, line=line, what=what)


def _line_of_question(text: str, number: int) -> int | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pairs = root.value if isinstance(root, yaml.MappingNode) else []
    lists = [value for key, value in pairs if key.value == "questions" and isinstance(value, yaml.SequenceNode)]
    items = lists[0].value if lists else []
    return items[number - 1].start_mark.line + 1 if 0 < number <= len(items) else None


def _line_with(source: HeldSource, path: str, words: str) -> int | None:
    if path not in source.paths:
        return None
    lines = text_of(source, path).split("\n")
    return next((n for n, line in enumerate(lines, start=1) if words in line), None)


def _warnings(source: HeldSource, draft: CourseDraft) -> Iterator[Finding]:
    for path in (lesson.path for lesson in manifest_of(source).lessons):
        for line in silent_pictures(text_of(source, path)):
            what = said(
                "A picture has no words for people who do not see it. Write them between the brackets: ![words](…)."
            )
            yield Finding(path=path, line=line, what=what)
    for gap in draft.unresolved:
        if gap.kind is ReferenceKind.LINK:
            what = said("The link “{target}” leads nowhere and is shown as plain words.", target=gap.target)
        else:
            what = said("“{target}” cannot be shown; its caption stands instead.", target=gap.target)
        yield Finding(path=gap.file, line=_line_with(source, gap.file, gap.target), what=what)
    for path in draft.left_out:
        yield Finding(path=path, line=None, what=said("It is too short for a lesson and is left out."))
    for slip in draft.slips:
        yield Finding(path=slip.file, line=_line_with(source, slip.file, slip.key), what=slip.sentence)
    if draft.check is None:
        what = said("The course has no knowledge check, so it is finished by reading.")
        yield Finding(path="", line=None, what=what)


def silent_pictures(text: str) -> Sequence[int]:
    """The lines of Markdown with a picture that has no words."""
    found = []
    for token in MarkdownIt("commonmark").parse(text):
        pictures = [child for child in token.children or [] if child.type == "image" and not child.content.strip()]
        found += [(token.map or [0])[0] + 1 for _ in pictures]
    return found
