"""What is inside the newest version of a course, for whoever looks after its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from gangway.catalog.models import (
    AssessmentItem,
    CourseResource,
    CourseVersion,
    LessonText,
    QuestionText,
    ResourceText,
    VersionFile,
)
from gangway.catalog.rules import Slip, SlipKind, is_stale
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A link or picture that leads nowhere: which file names it, and what."""

    file: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How far one kind of text is translated, such as the lessons: `current` counts what is up to date of `all`; the
    others are named in the language of the course.
    """

    current: int
    stale: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def all(self) -> int:
        return self.current + len(self.stale) + len(self.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """How far a course is translated into one language."""

    locale: str
    lessons: Kept
    questions: Kept
    pages: Kept

    @property
    def stale(self) -> int:
        return sum(len(kept.stale) for kept in (self.lessons, self.questions, self.pages))

    @property
    def missing(self) -> int:
        return sum(len(kept.missing) for kept in (self.lessons, self.questions, self.pages))


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseInside:
    """The newest version of a course, `n`; `learned_n` is the one that people learn, None while there is none.

    `links` and `pictures` count what its pages hold, `files` what its folder holds; `slips` are translations
    that are not used.
    """

    key: str
    title: str
    n: int
    learned_n: int | None
    locale: str
    lessons: int
    questions: int
    minutes: int
    licence: str
    links: int
    pictures: int
    unresolved: tuple[Gap, ...]
    languages: tuple[LanguageRow, ...]
    slips: tuple[Slip, ...]
    files: int


def course_inside(key: str, *, owner_id: UUID) -> CourseInside:
    """The newest version of the owner's course, in eight statements; NotFound for an unknown one."""
    versions = CourseVersion.objects.filter(course__owner=owner_id, course__key=key).select_related("course__current")
    version = versions.order_by("-n").first()
    if version is None:
        raise NotFound
    current = version.course.current
    return CourseInside(
        key=key,
        title=version.title,
        n=version.n,
        learned_n=current.n if current else None,
        locale=version.locale,
        lessons=version.lessons,
        questions=version.questions,
        minutes=version.minutes,
        licence=version.licence,
        links=version.links,
        pictures=version.pictures,
        unresolved=tuple(Gap(**gap) for gap in version.unresolved),
        languages=_languages(version),
        slips=tuple(Slip(**{**slip, "kind": SlipKind(slip["kind"])}) for slip in version.slips),
        files=VersionFile.objects.filter(course_version=version).count(),
    )


_Made = dict[str, dict[UUID, bool]]
"""Language → what is there in it, and whether that is stale."""


def _languages(version: CourseVersion) -> tuple[LanguageRow, ...]:
    """Every language that a lesson, a question, something to keep or the course itself is there in, but for its own."""
    lessons, made = _lessons(version)
    questions, asked = _questions(version)
    resources, kept = _resources(version)
    there = sorted({*version.words, *made, *asked, *kept} - {version.locale})
    return tuple(
        LanguageRow(
            locale=locale,
            lessons=kept_of(lessons, made.get(locale, {})),
            questions=kept_of(questions, asked.get(locale, {})),
            pages=kept_of(resources, kept.get(locale, {})),
        )
        for locale in there
    )


def _lessons(version: CourseVersion) -> tuple[dict[UUID, str], _Made]:
    """The titles of the lessons in order, and their translations."""
    texts = LessonText.objects.filter(lesson_version__course_version=version).order_by("lesson_version__position")
    rows = list(texts.values_list("lesson_version_id", "locale", "title", "source_hash"))
    originals = {lesson: (title, source) for lesson, locale, title, source in rows if locale == version.locale}
    made: _Made = {}
    for lesson, locale, _, source in rows:
        made.setdefault(locale, {})[lesson] = is_stale(source, originals[lesson][1])
    return {lesson: title for lesson, (title, _) in originals.items()}, made


def _questions(version: CourseVersion) -> tuple[dict[UUID, str], _Made]:
    """The prompts of the check in order, and their translations."""
    items = AssessmentItem.objects.filter(assessment_version=version.assessment_version_id).order_by("position")
    prompts = dict(items.values_list("question_version_id", "question_version__prompt"))
    made: _Made = {}
    texts = QuestionText.objects.filter(question_version__in=prompts)
    for question, locale, stale in texts.values_list("question_version_id", "locale", "stale"):
        made.setdefault(locale, {})[question] = stale
    return prompts, made


def _resources(version: CourseVersion) -> tuple[dict[UUID, str], _Made]:
    """The titles of what it leaves to keep in order, and their translations; a link is never stale."""
    rows = list(CourseResource.objects.filter(course_version=version).order_by("position").defer("body", "html"))
    made: _Made = {}
    for row in rows:
        for locale in row.titles:
            made.setdefault(locale, {})[row.pk] = False
    stale = ResourceText.objects.filter(resource__course_version=version, stale=True)
    for resource, locale in stale.values_list("resource_id", "locale"):
        made[locale][resource] = True
    return {row.pk: row.title for row in rows}, made


_Id = TypeVar("_Id")


def kept_of(originals: Mapping[_Id, str], made: Mapping[_Id, bool]) -> Kept:
    """How far these titles are translated; `made`: what is there of them, and whether that is stale."""
    stale = tuple(title for one, title in originals.items() if made.get(one))
    missing = tuple(title for one, title in originals.items() if one not in made)
    return Kept(current=len(originals) - len(stale) - len(missing), stale=stale, missing=missing)
