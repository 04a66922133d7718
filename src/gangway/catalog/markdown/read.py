"""The way in: a folder or zip, perhaps with a layout and a check from elsewhere, read into one CourseDraft."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path, PurePosixPath

from gangway.catalog.markdown.check import read_check
from gangway.catalog.markdown.layout import LessonFile, ResourceFile, read_layout
from gangway.catalog.markdown.links import Leading, Site
from gangway.catalog.markdown.locales import CourseWords, own_words, slips_of, translations
from gangway.catalog.markdown.manifest import Manifest, described, guessed, read_manifest
from gangway.catalog.markdown.prompts import Drawn, drawn
from gangway.catalog.markdown.refusals import CourseIncomplete
from gangway.catalog.markdown.render import Parsed, Rendered, finish, parse, render
from gangway.catalog.markdown.source import HeldSource, LooseFile, Source, hold, open_source, text_of
from gangway.catalog.markdown.wording import worded, wording_files
from gangway.catalog.markdown.yaml import Fields, load
from gangway.catalog.rules import (
    LEAST_WORDS,
    OWN_CHECK_WORDS,
    OWN_CHECKS,
    OWN_FILES,
    OWN_LAYOUT,
    OWN_NAME,
    Assign,
    CheckDraft,
    CourseDraft,
    LessonDraft,
    ResourceDraft,
    ResourceKind,
    Slip,
    SourceFile,
    TextDraft,
    TranslationDraft,
    check_minutes,
    complaints,
    is_check_words,
    made_from,
    reading_minutes,
    said_original,
    text_fingerprint,
    without_number,
)
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import together
from gangway.kernel.values import clean_locale

MANIFEST = "course.yaml"
_OWN_WORDS = re.compile(r"locales/([^/]+)/course\.yaml")
_FRONT = re.compile(r"---\n(.*?\n)---\n", re.S)


def read_course(
    path: Path, *, layout: Path | None = None, check: Path | None = None, assign: Assign | None = None
) -> CourseDraft:
    """Read the course at `path`; refuses with SourceRefused, CourseUnreadable or CourseIncomplete, never half-reads.

    `layout` describes a folder that has no course.yaml; without both, the folder's name is the course and its Markdown
    files are the lessons. `check` and `assign` win over what the source says. The draft holds every file of the folder,
    and what was told beside it under `.gangway/`, so that the files alone make the same course.
    """
    return read_held(_with_told(hold(open_source(path)), path, layout, check), assign=assign)


def read_held(source: HeldSource, *, assign: Assign | None = None) -> CourseDraft:
    """The same of files that were read already, with what was told beside the folder in its place among them."""
    draft = assembled(source, assign=assign)
    if problems := complaints(draft):
        raise CourseIncomplete(problems=together(*problems))
    return draft


def assembled(source: HeldSource, *, assign: Assign | None = None) -> CourseDraft:
    """The course as its files say it, whether or not it can be one."""
    manifest = manifest_of(source)
    pages, left_out = _pages(source, manifest)
    pages += _translated(source, manifest, pages)
    site = _site(source, manifest, pages)
    led = {page.file: finish(page.parsed, Leading(site, page.file)) for page in pages}
    lessons = [_lesson(page.lesson, page.body, led[page.file]) for page in pages if page.lesson and not page.locale]
    asked = _check(source, manifest, site)
    check = asked.check if asked else None
    return CourseDraft(
        key=manifest.head.key,
        locale=manifest.head.locale,
        title=manifest.head.title,
        summary=manifest.head.summary,
        unlocks=manifest.head.unlocks,
        minutes=manifest.head.minutes or _total_minutes(lessons, check),
        assign=assign or manifest.head.assign,
        lessons=tuple(lessons),
        check=check,
        resources=tuple(_resource(kept, pages, led) for kept in manifest.resources),
        licence=manifest.head.licence,
        translations=_translations(source, manifest, lessons, pages, led),
        slips=(*(check.slips if check else ()), *_slips(source, manifest)),
        references=tuple(reference for page in (*led.values(), asked) if page for reference in page.references),
        shown=frozenset().union(*(page.shown for page in (*led.values(), asked) if page)),
        left_out=tuple(left_out),
        files=tuple(source.files[name] for name in source.paths),
    )


def _with_told(source: HeldSource, path: Path, layout: Path | None, check: Path | None) -> HeldSource:
    """The folder together with what the command line says about it, each in its place under `.gangway/`."""
    files = dict(source.files)
    if layout is not None:
        files[OWN_LAYOUT] = _given(layout, OWN_LAYOUT)
    if check is not None:
        place = OWN_CHECKS[check.name.lower().endswith(".md")]
        files = {name: file for name, file in files.items() if name not in OWN_CHECKS and not is_check_words(name)}
        files[place] = _given(check, place)
        for locale, translated in _beside(check):
            place = OWN_CHECK_WORDS.format(locale=locale)
            files[place] = _given(translated, place)
    return named(HeldSource(files.values()), path.resolve().stem if path.is_file() else path.resolve().name)


def _beside(check: Path) -> Iterator[tuple[str, Path]]:
    """The translations of a check on the command line: `locales/LANGUAGE/` beside it, under its name."""
    for folder in sorted(check.parent.glob("locales/*")):
        translated = folder / f"{check.stem}.yaml"
        if is_check_words(OWN_CHECK_WORDS.format(locale=folder.name)) and translated.is_file():
            yield folder.name, translated


def named(source: HeldSource, name: str) -> HeldSource:
    """The folder, called `name` where it says nothing of itself."""
    if source.files.keys() & {OWN_LAYOUT, OWN_NAME, MANIFEST}:
        return source
    told = SourceFile(path=OWN_NAME, data=name.encode("utf-8", "replace"))
    return HeldSource([*source.files.values(), told])


def _given(path: Path, place: str) -> SourceFile:
    """A file named on the command line, read with the same care as one inside the source."""
    return SourceFile(path=place, data=LooseFile(path).read(path.name))


def manifest_of(source: Source) -> Manifest:
    """What the folder says of itself: in a layout told beside it, in course.yaml, or by its name and files."""
    if OWN_LAYOUT in source.paths:
        return described(read_layout(PurePosixPath(OWN_LAYOUT).name, text_of(source, OWN_LAYOUT)), source.paths)
    if MANIFEST in source.paths:
        return read_manifest(MANIFEST, text_of(source, MANIFEST), source.paths)
    return guessed(text_of(source, OWN_NAME), source.paths)


def check_file(source: Source, manifest: Manifest) -> str:
    """The file of its knowledge check: one told beside the folder wins. "" where there is none."""
    return next((place for place in OWN_CHECKS if place in source.paths), manifest.check)


def check_words(source: Source, manifest: Manifest) -> dict[str, str]:
    """The translations of its check: path → language."""
    return wording_files(manifest.locales, check_file(source, manifest), manifest.head.locale, source.paths)


def _check(source: HeldSource, manifest: Manifest, site: Site) -> Drawn | None:
    file, words = check_file(source, manifest), check_words(source, manifest)
    if not file:
        return None
    check = read_check(PurePosixPath(file).name if file in OWN_CHECKS else file, text_of(source, file))
    return drawn(worded(source, check, file, words), site, file, {locale: path for path, locale in words.items()})


@dataclass(frozen=True, kw_only=True)
class _Page:
    """A text of the folder that learners read. `lesson`: None for a page to keep.

    `locale`, `original` (its path) and `title` (in its front matter) of a translation, else "".
    """

    file: str
    body: str
    parsed: Parsed
    lesson: LessonFile | None = None
    locale: str = ""
    original: str = ""
    title: str = ""


def _pages(source: Source, manifest: Manifest) -> tuple[list[_Page], list[str]]:
    """Every text that learners read, and the files that were left out of a guess."""
    pages, left_out = [], []
    for lesson in manifest.lessons:
        front, body = front_matter(lesson.path, text_of(source, lesson.path))
        if manifest.guessed and render(body).words < LEAST_WORDS:
            left_out.append(lesson.path)
        else:
            titled = replace(lesson, title=lesson.title or front)
            pages.append(_Page(file=lesson.path, body=body, parsed=parse(body), lesson=titled))
    for path in dict.fromkeys(kept.path for kept in manifest.resources if kept.path):
        body = text_of(source, path)
        pages.append(_Page(file=path, body=body, parsed=parse(body)))
    return pages, left_out


def _translated(source: Source, manifest: Manifest, pages: Sequence[_Page]) -> list[_Page]:
    """The translations of these lessons and pages to keep, by language."""
    originals = {page.file: page for page in reversed(pages)}  # a file that is a lesson too is translated as one
    found = []
    for path, (locale, original) in translations(manifest.locales, originals, source.paths).items():
        front, body = front_matter(path, text_of(source, path))
        lesson = originals[original].lesson
        made = _Page(file=path, body=body, parsed=parse(body), locale=locale, original=original, title=front)
        found.append(replace(made, lesson=replace(lesson, title=front, path=path)) if lesson else made)
    return sorted(found, key=lambda page: page.locale)


def _translations(
    source: HeldSource,
    manifest: Manifest,
    lessons: Sequence[LessonDraft],
    pages: Sequence[_Page],
    led: Mapping[str, Rendered],
) -> tuple[TranslationDraft, ...]:
    """What the course says in each other language that has a text or a title."""
    fingerprints = {lesson.key: text_fingerprint(lesson.title, lesson.body) for lesson in lessons}
    texts: dict[str, list[TextDraft]] = {}
    for page in pages:
        if page.lesson and page.locale and page.locale != manifest.head.locale:
            words, original = _lesson(page.lesson, page.body, led[page.file]), source.files[page.original].data
            said = said_original(source.files[page.file].text or "")
            text = TextDraft(
                key=words.key,
                title=words.title,
                body=words.body,
                html=words.html,
                made_from=made_from(said, original, fingerprints[words.key]),
            )
            texts.setdefault(page.locale, []).append(text)
    words_of, kept = _words(source, manifest), _kept(source, manifest, pages, led)
    modules = list(dict.fromkeys(lesson.module for lesson in lessons if lesson.module))
    found = []
    for locale in sorted(texts.keys() | kept.keys() | words_of.keys()):
        told = words_of.get(locale, CourseWords())
        found.append(
            TranslationDraft(
                locale=locale,
                title=told.title,
                summary=told.summary,
                unlocks=told.unlocks,
                lessons=tuple(texts.get(locale, ())),
                modules=tuple((name, told.modules[name]) for name in modules if name in told.modules),
                kept=tuple(kept.get(locale, ())),
            )
        )
    return tuple(found)


def _kept(
    source: HeldSource, manifest: Manifest, pages: Sequence[_Page], led: Mapping[str, Rendered]
) -> dict[str, list[TextDraft]]:
    """The things to keep in other languages: a link needs a title, a page a file of its own."""
    found: dict[str, list[TextDraft]] = {}
    words_of = _words(source, manifest)
    for kept in manifest.resources:
        named = {locale: words.resources[kept.key] for locale, words in words_of.items() if kept.key in words.resources}
        if kept.url:
            texts = {locale: TextDraft(key=kept.key, title=title, body="", html="") for locale, title in named.items()}
        else:
            there = {
                page.locale: page
                for page in pages
                if page.original == kept.path and not page.lesson and page.body.strip()
            }
            there.pop(manifest.head.locale, None)
            texts = {
                locale: _kept_page(source, kept, page, led[page.file], named.get(locale, ""))
                for locale, page in there.items()
            }
        for locale, text in texts.items():
            found.setdefault(locale, []).append(text)
    return found


def _kept_page(source: HeldSource, kept: ResourceFile, page: _Page, drawn_page: Rendered, named: str) -> TextDraft:
    original = source.files[kept.path]
    said, fingerprint = (
        said_original(source.files[page.file].text or ""),
        text_fingerprint(kept.title, text_of(source, kept.path)),
    )
    return TextDraft(
        key=kept.key,
        title=named or page.title or drawn_page.title or without_number(PurePosixPath(page.file).stem),
        body=page.body,
        html=drawn_page.html,
        made_from=made_from(said, original.data, fingerprint),
    )


def _slips(source: HeldSource, manifest: Manifest) -> tuple[Slip, ...]:
    modules = {lesson.module for lesson in manifest.lessons}
    return slips_of(_words(source, manifest), modules, {kept.key for kept in manifest.resources})


def _words(source: HeldSource, manifest: Manifest) -> dict[str, CourseWords]:
    """What the course says of itself, by language, but in its own."""
    words = dict(manifest.locales.words) | _own_words(source)
    words.pop(manifest.head.locale, None)
    return words


def _own_words(source: HeldSource) -> dict[str, CourseWords]:
    """What `locales/LANGUAGE/course.yaml` says, by language."""
    found = {}
    for path in source.paths:
        if (match := _OWN_WORDS.fullmatch(path)) is not None:
            try:
                found[clean_locale(match[1])] = own_words(path, text_of(source, path))
            except Invalid:
                continue  # a folder that is no language, such as locales/old
    return found


def _site(source: HeldSource, manifest: Manifest, pages: Sequence[_Page]) -> Site:
    return Site(
        files=source.files,
        lessons={page.file: page.lesson.key for page in pages if page.lesson},
        resources=_resource_pages(manifest, pages),
        addresses=manifest.addresses,
        originals=_originals(source, manifest, pages),
        secret={manifest.check, *OWN_FILES, *check_words(source, manifest)},
        places={page.file: page.parsed.places for page in pages},
    )


def _resource_pages(manifest: Manifest, pages: Sequence[_Page]) -> dict[str, str]:
    """Path → key of each page to keep, and of its translations."""
    keys = {kept.path: kept.key for kept in manifest.resources if kept.path}
    return keys | {page.file: keys[page.original] for page in pages if page.original in keys and not page.lesson}


def _originals(source: HeldSource, manifest: Manifest, pages: Sequence[_Page]) -> dict[str, str]:
    """From where else a file's links and pictures are looked for: what was told beside the folder, from its root."""
    check = check_file(source, manifest)
    told = PurePosixPath(check).name if check in OWN_CHECKS else check
    asked = dict.fromkeys([check, *check_words(source, manifest)], told) if check else {}
    return asked | {page.file: page.original for page in pages if page.original}


def front_matter(file: str, text: str) -> tuple[str, str]:
    """The title in the YAML between two `---` lines that many site makers put first (or ""), and the text after it."""
    match = _FRONT.match(text)
    if match is None:
        return "", text
    return unescape(Fields(file, load(file, "\n" + match[1])).text("title", "")), text[match.end() :]


def _lesson(file: LessonFile, body: str, page: Rendered) -> LessonDraft:
    return LessonDraft(
        key=file.key,
        title=file.title or page.title or without_number(PurePosixPath(file.path).stem),
        module=file.module,
        minutes=file.minutes or reading_minutes(page.words),
        body=body,
        html=page.html,
    )


def _resource(file: ResourceFile, pages: Sequence[_Page], led: Mapping[str, Rendered]) -> ResourceDraft:
    if file.url:
        return ResourceDraft(key=file.key, kind=ResourceKind.LINK, title=file.title, url=file.url)
    body = next(page.body for page in pages if page.file == file.path and page.lesson is None and not page.locale)
    return ResourceDraft(key=file.key, kind=ResourceKind.PAGE, title=file.title, body=body, html=led[file.path].html)


def _total_minutes(lessons: list[LessonDraft], check: CheckDraft | None) -> int:
    return sum(lesson.minutes for lesson in lessons) + (check_minutes(check.asked) if check else 0)
