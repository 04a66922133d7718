"""What is inside the newest version of a course, for whoever looks after its content."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from gangway.catalog.models import CourseVersion, LessonText, VersionFile
from gangway.catalog.rules import is_stale
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A link or picture that leads nowhere: which file names it, and what."""

    file: str
    target: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LanguageRow:
    """How far a course is translated: titles of lessons in its own language. `current` counts what is up to date."""

    locale: str
    current: int
    stale: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseInside:
    """The newest version of a course, `n`; `learned_n` is the one that people learn, None while there is none.

    `links` and `pictures` count what its pages hold, `files` what its folder holds.
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
    files: int


def course_inside(key: str, *, owner_id: UUID) -> CourseInside:
    """The newest version of the owner's course, in three statements; NotFound for an unknown one."""
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
        files=VersionFile.objects.filter(course_version=version).count(),
    )


def _languages(version: CourseVersion) -> tuple[LanguageRow, ...]:
    """Every language that a lesson or the course itself is there in, but for its own."""
    texts = LessonText.objects.filter(lesson_version__course_version=version).order_by("lesson_version__position")
    rows = list(texts.values_list("lesson_version_id", "locale", "title", "source_hash"))
    originals = {lesson: (title, made) for lesson, locale, title, made in rows if locale == version.locale}
    there: dict[str, dict[UUID, str]] = {locale: {} for locale in version.words}
    for lesson, locale, _, made in rows:
        if locale != version.locale:
            there.setdefault(locale, {})[lesson] = made
    return tuple(_language(locale, originals, there[locale]) for locale in sorted(there))


def _language(locale: str, originals: Mapping[UUID, tuple[str, str]], made: Mapping[UUID, str]) -> LanguageRow:
    stale = [title for key, (title, now) in originals.items() if key in made and is_stale(made[key], now)]
    missing = [title for key, (title, _) in originals.items() if key not in made]
    current = len(originals) - len(stale) - len(missing)
    return LanguageRow(locale=locale, current=current, stale=tuple(stale), missing=tuple(missing))
