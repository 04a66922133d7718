"""The versions of a course, and what its next one would change for the people who learn it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog.models import CourseVersion, LessonText, VersionFile
from gangway.catalog.rules import CourseDraft, check_fingerprint, text_fingerprint
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
class Differences:
    """Titles of lessons that are new, say something else, or are gone; whether their order and the check are others."""

    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    reordered: bool = False
    check: bool = False


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
    texts = LessonText.objects.filter(lesson_version__course_version=version, locale=version.locale)
    rows = texts.order_by("lesson_version__position").values_list("lesson_version__lesson__key", "title", "source_hash")
    old = {key: (title, text) for key, title, text in rows}
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
    )
