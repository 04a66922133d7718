"""Lessons in the nearest language, and what a course leaves to keep."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from gangway.catalog.models import CourseResource, LessonText, LessonVersion, ResourceText
from gangway.catalog.queries.unchanging import Unchanging
from gangway.catalog.rules import fallbacks, nearest_locale
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRow:
    """A lesson's place in its course. `locale`: the language of its title, perhaps another than the one asked for."""

    lesson_id: UUID
    key: str
    title: str
    module: str
    minutes: int
    position: int
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """The words of one lesson or page. `locale` is the language it is in, perhaps another than the one asked for."""

    title: str
    html: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRow:
    """Something to keep. `titles` in other languages; `locale`: the language of its title, "": as written."""

    key: str
    kind: str
    title: str
    url: str
    titles: Mapping[str, str]
    locale: str = ""

    def in_language(self, wanted: str, own: str) -> "ResourceRow":
        """The same, called as in the nearest language it is there in; `own`: that of the course."""
        best = nearest_locale([*self.titles, own], wanted, own)
        return replace(self, locale=best, title=self.title if best == own else self.titles[best])


_LESSONS: Unchanging[tuple[UUID, str], tuple[LessonRow, ...]] = Unchanging(1_000)
_KEYS: Unchanging[UUID, tuple[str, ...]] = Unchanging(1_000)
_RESOURCES: Unchanging[UUID, tuple[ResourceRow, ...]] = Unchanging(1_000)


def lessons(version_ids: Iterable[UUID], locale: str) -> Mapping[UUID, tuple[LessonRow, ...]]:
    """The lessons of each version in order, titled in `locale` where translated. One statement at the first look."""
    found = _LESSONS.get(
        ((version_id, locale) for version_id in version_ids),
        lambda keys: {(one, locale): rows for one, rows in _lessons((one for one, _ in keys), locale).items()},
    )
    return {version_id: rows for (version_id, _), rows in found.items()}


def _lessons(version_ids: Iterable[UUID], locale: str) -> Mapping[UUID, tuple[LessonRow, ...]]:
    texts = _texts(locale).filter(lesson_version__course_version__in=set(version_ids)).defer("body", "html")
    found: dict[UUID, list[LessonRow]] = {}
    for text in sorted(_nearest(texts, locale), key=lambda text: text.lesson_version.position):
        found.setdefault(text.lesson_version.course_version_id, []).append(_lesson_row(text))
    return {version_id: tuple(rows) for version_id, rows in found.items()}


def lesson_keys(version_ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The keys of the lessons of each version, in order. One statement at the first look."""
    return _KEYS.get(version_ids, _lesson_keys)


def _lesson_keys(version_ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    rows = LessonVersion.objects.filter(course_version__in=set(version_ids)).order_by("course_version", "position")
    found: dict[UUID, list[str]] = {}
    for version_id, key in rows.values_list("course_version_id", "lesson__key"):
        found.setdefault(version_id, []).append(key)
    return {version_id: tuple(keys) for version_id, keys in found.items()}


def lesson_id(version_id: UUID, key: str) -> UUID:
    """The lesson of this key, if this version has it; NotFound otherwise."""
    found = LessonVersion.objects.filter(course_version=version_id, lesson__key=key).values_list("lesson_id", flat=True)
    if (first := found.first()) is None:
        raise NotFound
    return first


def lesson_page(version_id: UUID, key: str, locale: str) -> LessonPage:
    """A lesson's words in `locale` where translated, else as written."""
    texts = _texts(locale).filter(lesson_version__course_version=version_id, lesson_version__lesson__key=key)
    best = next(iter(_nearest(texts, locale)), None)
    if best is None:
        raise NotFound
    return LessonPage(title=best.title, html=best.html, locale=best.locale)


def resources(version_id: UUID) -> tuple[ResourceRow, ...]:
    """What a version leaves to keep, in order. One statement at the first look."""
    return resources_of([version_id]).get(version_id, ())


def resources_of(version_ids: Iterable[UUID]) -> Mapping[UUID, tuple[ResourceRow, ...]]:
    """The same of many versions, in one statement at the first look; a version without any is not in it."""
    found = _RESOURCES.get(version_ids, _resources)
    return {version_id: kept for version_id, kept in found.items() if kept}


def _resources(version_ids: Iterable[UUID]) -> Mapping[UUID, tuple[ResourceRow, ...]]:
    wanted = set(version_ids)
    found: dict[UUID, list[ResourceRow]] = {version_id: [] for version_id in wanted}
    rows = CourseResource.objects.filter(course_version__in=wanted).order_by("course_version", "position")
    for row in rows.defer("body", "html"):
        found[row.course_version_id].append(_resource_row(row))
    return {version_id: tuple(kept) for version_id, kept in found.items()}


def resource_page(version_id: UUID, key: str, wanted: str, own: str) -> LessonPage:
    """A page to keep in the nearest language, `own` being that of the course; NotFound for a link or an unknown one."""
    found = CourseResource.objects.filter(course_version=version_id, key=key, kind="page").first()
    if found is None:
        raise NotFound
    row = _resource_row(found).in_language(wanted, own)
    text = ResourceText.objects.filter(resource=found, locale=row.locale).first() if row.locale != own else None
    return LessonPage(title=row.title, html=text.html if text else found.html, locale=row.locale)


def _resource_row(row: CourseResource) -> ResourceRow:
    return ResourceRow(key=row.key, kind=row.kind, title=row.title, url=row.url, titles=row.titles)


def _texts(locale: str) -> QuerySet[Any]:
    """Lesson texts in the language asked for or as written; at most four per lesson, however many there are.

    `written`: the language of the original.
    """
    original = F("lesson_version__course_version__locale")
    texts = LessonText.objects.filter(Q(locale__in=fallbacks(locale)) | Q(locale=original)).annotate(written=original)
    return texts.select_related("lesson_version", "lesson_version__lesson")


def _nearest(texts: Iterable[LessonText], locale: str) -> Iterable[LessonText]:
    """The text nearest to `locale` of each lesson."""
    offered: dict[UUID, dict[str, LessonText]] = {}
    for text in texts:
        offered.setdefault(text.lesson_version_id, {})[text.locale] = text
    return [choice[_best(choice, locale)] for choice in offered.values()]


def _best(choice: Mapping[str, Any], locale: str) -> str:
    """The language that serves best, of those that a lesson is there in."""
    original: str = next(iter(choice.values())).written
    return nearest_locale(choice, locale, original)


def _lesson_row(text: LessonText) -> LessonRow:
    version = text.lesson_version
    return LessonRow(
        lesson_id=version.lesson_id,
        key=version.lesson.key,
        title=text.title,
        module=version.module,
        minutes=version.minutes,
        position=version.position,
        locale=text.locale,
    )
