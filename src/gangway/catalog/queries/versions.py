"""The versions of a course, and what its next one would change for the people who learn it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog.models import Course, CourseVersion, LessonText, VersionFile
from gangway.catalog.rules import CourseDraft, check_fingerprint, is_stale, origin, text_fingerprint
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionRow:
    """A version of a course. `is_learned`: whoever starts now learns it."""

    n: int
    state: str
    title: str
    lessons: int
    questions: int
    minutes: int
    created_at: datetime
    published_at: datetime | None
    is_learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """A translation of a lesson: `title` is that of the original."""

    key: str
    locale: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """Titles of lessons that are new, say something else, or are gone; whether their order and the check are others.

    `translated`: translations of lessons that are new or say something else; `stale`: those that will be.
    """

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    reordered: bool = False
    check: bool = False
    translated: tuple[Translated, ...] = ()
    stale: tuple[Translated, ...] = ()


def versions_of(key: str, *, owner_id: UUID) -> tuple[VersionRow, ...]:
    """Every version of an owner's course, the newest first; NotFound for an unknown course."""
    found = CourseVersion.objects.filter(course__owner=owner_id, course__key=key).select_related("course")
    rows = tuple(
        VersionRow(
            n=version.n,
            state=version.state,
            title=version.title,
            lessons=version.lessons,
            questions=version.questions,
            minutes=version.minutes,
            created_at=version.created_at,
            published_at=version.published_at,
            is_learned=version.course.current_id == version.pk,
        )
        for version in found.order_by("-n")
    )
    if not rows:
        raise NotFound
    return rows


def find_course(key: str, *, owner_id: UUID) -> UUID | None:
    """The owner's course of this key, once it has a version."""
    return Course.objects.filter(owner=owner_id, key=key).values_list("pk", flat=True).first()


def kept_versions(key: str, *, owner_id: UUID) -> frozenset[int]:
    """The versions of an owner's course whose files are kept."""
    kept = VersionFile.objects.filter(course_version__course__owner=owner_id, course_version__course__key=key)
    return frozenset(kept.values_list("course_version__n", flat=True).distinct())


def differences(draft: CourseDraft, n: int | None, *, owner_id: UUID) -> Differences:
    """What `draft` says otherwise than version `n` of the owner's course of its key; None: everything is new."""
    if n is None:
        return Differences(new=tuple(lesson.title for lesson in draft.lessons))
    version = CourseVersion.objects.select_related("assessment_version").get(
        course__owner=owner_id, course__key=draft.key, n=n
    )
    texts = LessonText.objects.filter(lesson_version__course_version=version).order_by("lesson_version__position")
    rows = texts.values_list("lesson_version__lesson__key", "locale", "title", "body", "source_hash")
    known = {(key, locale): (title, body, text) for key, locale, title, body, text in rows}
    old = {key: (title, text) for (key, locale), (title, _, text) in known.items() if locale == version.locale}
    translated, stale = _translated(draft, known)
    fresh = {lesson.key: lesson for lesson in draft.lessons}
    asked = version.assessment_version.content_hash if version.assessment_version else ""
    return Differences(
        new=tuple(lesson.title for key, lesson in fresh.items() if key not in old),
        changed=tuple(
            lesson.title
            for key, lesson in fresh.items()
            if key in old and old[key][1] != text_fingerprint(lesson.title, lesson.body)
        ),
        gone=tuple(title for key, (title, _) in old.items() if key not in fresh),
        reordered=[key for key in old if key in fresh] != [key for key in fresh if key in old],
        check=asked != (check_fingerprint(draft.check) if draft.check else ""),
        translated=translated,
        stale=stale,
    )


Known = Mapping[tuple[str, str], tuple[str, str, str]]
"""Title, body and hash of the original of each text of a version, by lesson and language."""


def _translated(draft: CourseDraft, known: Known) -> tuple[tuple[Translated, ...], tuple[Translated, ...]]:
    """The translations of lessons with other words than `known`, and those that will be stale."""
    originals = {lesson.key: lesson for lesson in draft.lessons}
    reworded, stale = [], []
    for said in draft.translations:
        for text in said.lessons:
            original, before = originals[text.key], known.get((text.key, said.locale))
            row = Translated(key=text.key, locale=said.locale, title=original.title)
            if before is None or before[:2] != (text.title, text.body):
                reworded.append(row)
            now = text_fingerprint(original.title, original.body)
            if is_stale(origin(text, before, now), now):
                stale.append(row)
    return tuple(reworded), tuple(stale)
