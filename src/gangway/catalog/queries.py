"""Reads of the catalogue: keys and ids in, frozen rows out, a constant number of statements.

What a learner's browser may see of a question (`asked`) and what is right (`solutions`) are two doors, so that a page
cannot show the answers by mistake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from gangway.catalog.models import (
    AssessmentItem,
    AssessmentVersion,
    Course,
    CourseAudience,
    CourseResource,
    CourseVersion,
    LessonText,
    LessonVersion,
    QuestionVersion,
)
from gangway.catalog.rules import AnswerKey, Assign, AudienceKind, QuestionKind, check_minutes, is_right, nearest_locale
from gangway.kernel.refusal import NotFound

# Columns that contexts above may join to in their own queries (house.md, data-model.md "Pages").
JOINABLE = frozenset(
    {
        "catalog_course.id",
        "catalog_course.key",
        "catalog_course.current_id",
        "catalog_courseversion.title",
        "catalog_courseversion.minutes",
        "catalog_courseversion.lessons",
        "catalog_lesson.key",
        "catalog_assessmentversion.retake_minutes",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """How a check is passed; `minutes` is what it takes, `time_limit_minutes` what it may take."""

    assessment_version_id: UUID
    title: str
    intro: str
    questions: int
    minutes: int
    pass_percent: int
    retake_minutes: int
    time_limit_minutes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseRow:
    """A course as one of its versions tells it."""

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
    check: CheckRow | None


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


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonRow:
    lesson_id: UUID
    key: str
    title: str
    module: str
    minutes: int
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonPage:
    """One lesson's words. `locale` is the language it is in, which may be another than the one asked for."""

    title: str
    html: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRow:
    key: str
    kind: str
    title: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as a learner's browser may see it. `choices` by key; empty for a typed answer."""

    question_version_id: UUID
    position: int
    kind: str
    prompt: str
    prompt_html: str
    choices: Mapping[str, str]

    @property
    def is_text(self) -> bool:
        return self.kind == QuestionKind.SHORT_TEXT

    @property
    def is_multiple(self) -> bool:
        return self.kind == QuestionKind.MULTIPLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """What is right, and what to say about each choice. For grading, and for pages after grading only."""

    key: AnswerKey
    feedback: str
    choice_feedback: Mapping[str, str]
    lesson_key: str

    def is_right(self, answer: Sequence[str]) -> bool:
        """Whether an answer earns its point: exactly the right choices, or a typed text that is accepted."""
        return is_right(self.key, answer)


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
    newest = Subquery(CourseVersion.objects.filter(course=OuterRef("course")).order_by("-n").values("n")[:1])
    versions = CourseVersion.objects.filter(n=newest).select_related("course__current").order_by("course__key", "id")
    return tuple(_list_row(version) for version in versions)


def lessons(version_ids: Iterable[UUID], locale: str) -> Mapping[UUID, tuple[LessonRow, ...]]:
    """The lessons of each version in order, titled in `locale` where translated."""
    texts = _texts(locale).filter(lesson_version__course_version__in=set(version_ids)).defer("body", "html")
    found: dict[UUID, list[LessonRow]] = {}
    for text in sorted(_nearest(texts, locale), key=lambda text: text.lesson_version.position):
        found.setdefault(text.lesson_version.course_version_id, []).append(_lesson_row(text))
    return {version_id: tuple(rows) for version_id, rows in found.items()}


def lesson_keys(version_ids: Iterable[UUID]) -> Mapping[UUID, tuple[str, ...]]:
    """The keys of the lessons of each version, in order."""
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
    found = CourseResource.objects.filter(course_version=version_id).order_by("position")
    return tuple(
        ResourceRow(key=row.key, kind=row.kind, title=row.title, url=row.url) for row in found.defer("body", "html")
    )


def resource_page(version_id: UUID, key: str) -> tuple[str, str]:
    """Title and HTML of a page to keep; NotFound for a link or an unknown one."""
    found = CourseResource.objects.filter(course_version=version_id, key=key, kind="page").first()
    if found is None:
        raise NotFound
    return found.title, found.html


def pass_percent(assessment_version_id: UUID) -> int:
    """The pass mark of a check, in percent."""
    return AssessmentVersion.objects.values_list("pass_percent", flat=True).get(pk=assessment_version_id)


def assessment_for_attempt(assessment_version_id: UUID) -> tuple[Asked, ...]:
    """The questions of a check in order, without what is right."""
    items = AssessmentItem.objects.filter(assessment_version=assessment_version_id).select_related("question_version")
    return tuple(_asked(item.question_version, item.position) for item in items.order_by("position"))


def asked_by_id(question_version_ids: Iterable[UUID]) -> Mapping[UUID, Asked]:
    """Questions without what is right; their `position` is not known here and 0."""
    found = QuestionVersion.objects.filter(pk__in=set(question_version_ids))
    return {question.pk: _asked(question, 0) for question in found}


def solutions(question_version_ids: Iterable[UUID]) -> Mapping[UUID, Solution]:
    """What is right. Never hand this to a page before the attempt is graded."""
    found = QuestionVersion.objects.filter(pk__in=set(question_version_ids))
    return {question.pk: _solution(question) for question in found}


def _visible(partner_id: UUID, partner_type: str | None) -> QuerySet[Course]:
    seen_by = Q(kind=AudienceKind.ALL) | Q(kind=AudienceKind.PARTNER, partner=partner_id)
    if partner_type:
        seen_by |= Q(kind=AudienceKind.TYPE, type__key=partner_type)
    audiences = CourseAudience.objects.filter(seen_by).values("course_id")
    return Course.objects.filter(Q(pk__in=audiences) | Q(owner=partner_id), current__isnull=False)


def _rows(courses: QuerySet[Course]) -> tuple[CourseRow, ...]:
    ordered = courses.select_related("current__assessment_version").order_by("current__title", "id")
    return tuple(_row(course, course.current) for course in ordered)


def _texts(locale: str) -> QuerySet[LessonText]:
    """Lesson texts in the language asked for or as written; at most three per lesson, however many there are."""
    original = Q(locale=F("lesson_version__course_version__locale"))
    texts = LessonText.objects.filter(Q(locale__in=[locale, locale.partition("-")[0]]) | original)
    return texts.select_related("lesson_version", "lesson_version__lesson")


def _nearest(texts: Iterable[LessonText], locale: str) -> Iterable[LessonText]:
    """The text nearest to `locale` of each lesson."""
    offered: dict[UUID, dict[str, LessonText]] = {}
    for text in texts:
        offered.setdefault(text.lesson_version_id, {})[text.locale] = text
    return [choice[nearest_locale(choice, locale)] for choice in offered.values()]


def _row(course: Course, version: CourseVersion | None) -> CourseRow:
    if version is None:
        raise NotFound
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
        questions=version.questions,
        licence=version.licence,
        locale=version.locale,
        check=_check(version.assessment_version, version.questions) if version.assessment_version else None,
    )


def _check(found: AssessmentVersion, questions: int) -> CheckRow:
    return CheckRow(
        assessment_version_id=found.pk,
        title=found.title,
        intro=found.intro,
        questions=questions,
        minutes=check_minutes(questions),
        pass_percent=found.pass_percent,
        retake_minutes=found.retake_minutes,
        time_limit_minutes=found.time_limit_minutes,
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


def _lesson_row(text: LessonText) -> LessonRow:
    version = text.lesson_version
    return LessonRow(
        lesson_id=version.lesson_id,
        key=version.lesson.key,
        title=text.title,
        module=version.module,
        minutes=version.minutes,
        position=version.position,
    )


def _asked(question: QuestionVersion, position: int) -> Asked:
    return Asked(
        question_version_id=question.pk,
        position=position,
        kind=question.kind,
        prompt=question.prompt,
        prompt_html=question.prompt_html,
        choices={choice["key"]: choice["text"] for choice in question.choices},
    )


def _solution(question: QuestionVersion) -> Solution:
    return Solution(
        key=AnswerKey(
            right=frozenset(choice["key"] for choice in question.choices if choice["correct"]),
            accepted=tuple(question.accepted),
        ),
        feedback=question.feedback,
        choice_feedback={choice["key"]: choice["feedback"] for choice in question.choices},
        lesson_key=question.lesson_key,
    )
