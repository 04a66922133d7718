"""Courses as one of their versions tells them, and who sees which."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from gangway.catalog.models import Course, CourseAudience, CourseVersion
from gangway.catalog.queries.checks import CheckRow, check_row
from gangway.catalog.queries.unchanging import Unchanging
from gangway.catalog.rules import Assign, AudienceKind, nearest_locale
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """A course as one of its versions tells it, in its own language. `words`: what it says of itself in others."""

    course_id: UUID
    version_id: UUID
    key: str
    n: int
    title: str
    summary: str
    unlocks: str
    minutes: int
    lessons: int
    questions: int
    licence: str
    locale: str
    content_hash: str
    check: CheckRow | None
    told_in: str
    words: Mapping[str, Mapping[str, Any]]

    def in_language(self, wanted: str) -> "CourseRow":
        """The same with title, summary and what it unlocks in the nearest language; `told_in` says which that is.

        What is not translated whole is told in the original whole. Its check tells its own the same way.
        """
        said = {"title": self.title, "summary": self.summary, "unlocks": self.unlocks}
        whole = [name for name, words in self.words.items() if all(words[part] or not said[part] for part in said)]
        best = nearest_locale(whole, wanted, self.locale)
        words = self.words.get(best, said)
        check = self.check.in_language(wanted, self.locale) if self.check else None
        return replace(
            self, told_in=best, check=check, title=words["title"], summary=words["summary"], unlocks=words["unlocks"]
        )

    def module_in(self, name: str, wanted: str) -> tuple[str, str]:
        """What one of its modules is called in the nearest language, and which that is."""
        told = {tag: words["modules"][name] for tag, words in self.words.items() if name in words.get("modules", {})}
        best = nearest_locale([*told, self.locale], wanted, self.locale)
        return told.get(best, name), best


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseListRow:
    """A course with its newest version; `published` is the version people learn, None while there is none."""

    key: str
    title: str
    version: int
    state: str
    published: int | None
    lessons: int
    questions: int
    minutes: int
    assign: str


_VERSIONS: Unchanging[UUID, CourseRow] = Unchanging(1_000)


def visible_course(key: str, *, partner_id: UUID, partner_type: str | None) -> CourseRow:
    """The published course of this key that this partner may see; NotFound otherwise. One of its own wins."""
    found = _visible(partner_id, partner_type).filter(key=key).select_related("current__assessment_version")
    own_first = sorted(found, key=lambda course: course.owner_id != partner_id)
    if not own_first:
        raise NotFound
    return _row(own_first[0], own_first[0].current)


def visible_courses(*, partner_id: UUID, partner_type: str | None) -> tuple[CourseRow, ...]:
    """Every published course this partner may see, by title."""
    return _rows(_visible(partner_id, partner_type))


def courses_of_owner(owner_id: UUID) -> tuple[CourseRow, ...]:
    """Every published course of an owner, by title, whoever may see it."""
    return _rows(Course.objects.filter(owner=owner_id, current__isnull=False))


def seen_by(course_ids: Collection[UUID]) -> Q:
    """The condition on rows with a `partner` that it may see every one of these courses. One statement."""
    audiences: dict[UUID, list[CourseAudience]] = {course_id: [] for course_id in course_ids}
    for row in CourseAudience.objects.filter(course__in=list(course_ids)):
        audiences[row.course_id].append(row)
    condition = Q()
    for course_id, rows in audiences.items():
        condition &= _seen_by(course_id, rows)
    return condition


def _seen_by(course_id: UUID, audiences: Iterable[CourseAudience]) -> Q:
    if any(row.kind == AudienceKind.ALL for row in audiences):
        return Q()
    owner = Q(partner__in=Course.objects.filter(pk=course_id).values("owner_id"))
    types = [row.type_id for row in audiences if row.type_id]
    return owner | Q(partner__in=[row.partner_id for row in audiences if row.partner_id]) | Q(partner__type__in=types)


def courses_for_everyone(*, partner_id: UUID, partner_type: str | None) -> tuple[CourseRow, ...]:
    """Those among them that everybody is to be enrolled in."""
    return _rows(_visible(partner_id, partner_type).filter(assign=Assign.EVERYONE))


def course_version(version_id: UUID) -> CourseRow:
    """One version, published or not; the caller has seen to it that it may be read."""
    found = CourseVersion.objects.select_related("course", "assessment_version").get(pk=version_id)
    return _row(found.course, found)


def courses_by_id(course_ids: Iterable[UUID]) -> Mapping[UUID, CourseRow]:
    """The current version of each published course."""
    found = Course.objects.filter(pk__in=set(course_ids), current__isnull=False).select_related(
        "current__assessment_version"
    )
    return {course.pk: _row(course, course.current) for course in found}


def versions_by_id(version_ids: Iterable[UUID]) -> Mapping[UUID, CourseRow]:
    """What these versions say, published or not. One statement, none where this process has read them before."""
    return _VERSIONS.get(version_ids, _versions)


def _versions(version_ids: Iterable[UUID]) -> Mapping[UUID, CourseRow]:
    found = CourseVersion.objects.filter(pk__in=set(version_ids)).select_related("course", "assessment_version")
    return {version.pk: _row(version.course, version) for version in found}


def published_course(course_id: UUID) -> CourseRow | None:
    """What people who start now would learn; None while nothing is published."""
    return courses_by_id([course_id]).get(course_id)


def sees(course_id: UUID, *, partner_id: UUID, partner_type: str | None) -> bool:
    """Whether this partner may see this course."""
    return _visible(partner_id, partner_type).filter(pk=course_id).exists()


def all_courses() -> tuple[CourseListRow, ...]:
    """Every course with its newest version, by key, for the channel team."""
    versions = newest_versions().select_related("course__current").order_by("course__key", "id")
    return tuple(_list_row(version) for version in versions)


def newest_versions() -> QuerySet[CourseVersion]:
    """The newest version of each course, published or not; those of a rehearsal count nowhere."""
    newest = Subquery(CourseVersion.objects.filter(course=OuterRef("course")).order_by("-n").values("n")[:1])
    return CourseVersion.objects.filter(n=newest).exclude(owner__kind="shell")


def _visible(partner_id: UUID, partner_type: str | None) -> QuerySet[Course]:
    seen_by = Q(kind=AudienceKind.ALL) | Q(kind=AudienceKind.PARTNER, partner=partner_id)
    if partner_type:
        seen_by |= Q(kind=AudienceKind.TYPE, type__key=partner_type)
    audiences = CourseAudience.objects.filter(seen_by).values("course_id")
    return Course.objects.filter(Q(pk__in=audiences) | Q(owner=partner_id), current__isnull=False)


def _rows(courses: QuerySet[Course]) -> tuple[CourseRow, ...]:
    ordered = courses.select_related("current__assessment_version").order_by("current__title", "id")
    return tuple(_row(course, course.current) for course in ordered)


def _row(course: Course, version: CourseVersion | None) -> CourseRow:
    if version is None:
        raise NotFound
    check = check_row(version.assessment_version, version.questions) if version.assessment_version else None
    return CourseRow(
        course_id=course.pk,
        version_id=version.pk,
        key=course.key,
        n=version.n,
        title=version.title,
        summary=version.summary,
        unlocks=version.unlocks,
        minutes=version.minutes,
        lessons=version.lessons,
        questions=check.questions if check else 0,
        licence=version.licence,
        content_hash=version.content_hash,
        locale=version.locale,
        check=check,
        told_in=version.locale,
        words=version.words,
    )


def _list_row(newest: CourseVersion) -> CourseListRow:
    course = newest.course
    return CourseListRow(
        key=course.key,
        title=newest.title,
        version=newest.n,
        state=newest.state,
        published=course.current.n if course.current else None,
        lessons=newest.lessons,
        questions=newest.questions,
        minutes=newest.minutes,
        assign=course.assign,
    )
