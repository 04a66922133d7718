"""What the pages of a course and a lesson show (P5, P6), and enrolments as contexts above ask for them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, LessonPage, LessonRow, ResourceRow
from gangway.kernel.refusal import NotFound
from gangway.learning.models import Completion, Enrolment
from gangway.learning.queries.cards import CourseCard, card_of, card_with_lessons
from gangway.learning.rules import needed
from gangway.partners.queries import partner_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePage:
    """P5. `card` is None for a course that the person may see and has not begun nor been asked to learn."""

    course: CourseRow
    card: CourseCard | None
    lessons: tuple[LessonRow, ...]
    resources: tuple[ResourceRow, ...]
    wanted: str

    @property
    def foreign(self) -> int:
        """How many lessons are not there in the reader's language."""
        return sum(catalog.is_another_language(lesson.locale, self.wanted) for lesson in self.lessons)

    @property
    def needed(self) -> int:
        """How many right answers pass the check; 0 where there is none."""
        check = self.course.check
        return needed(check.pass_percent, check.questions) if check else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonView:
    """P6. `position` of `lessons`; `previous` and `next` by their place, not by what is finished.

    `locale`: the language that it is shown in; `wanted`: the reader's.
    """

    card: CourseCard
    lesson: LessonRow
    html: str
    locale: str
    wanted: str
    lessons: int
    previous: LessonRow | None
    next: LessonRow | None

    @property
    def is_foreign(self) -> bool:
        """Whether the reader has to be told that this is not in their language."""
        return catalog.is_another_language(self.locale, self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentFacts:
    """An enrolment as contexts above ask for it by id."""

    id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    course_title: str
    cycle: int
    state: str
    enrolled_at: datetime
    completed_at: datetime | None


def course_page(*, person_id: UUID, partner_id: UUID, course_key: str, locale: str, now: datetime) -> CoursePage:
    """P5 of one course, in three statements, and three at the first look at its version; NotFound where the partner may
    not see it and the person is not enrolled.
    """
    if found := card_with_lessons(person_id, course_key, locale, now):
        card, lessons = found
        return CoursePage(
            course=card.course, card=card, lessons=lessons, resources=_resources(card.course, locale), wanted=locale
        )
    course = _visible(partner_id, course_key).in_language(locale)
    lessons = catalog.lessons([course.version_id], locale).get(course.version_id, ())
    return CoursePage(course=course, card=None, lessons=lessons, resources=_resources(course, locale), wanted=locale)


def lesson_page(*, person_id: UUID, course_key: str, lesson_key: str, locale: str, now: datetime) -> LessonView:
    """P6, in four statements, and two at the first look at the version; NotFound where the person is not enrolled or
    their version has no such lesson.
    """
    found = card_with_lessons(person_id, course_key, locale, now)
    if found is None:
        raise NotFound
    card, lessons = found
    at = next((index for index, row in enumerate(lessons) if row.key == lesson_key), None)
    if at is None:
        raise NotFound
    page = catalog.lesson_page(card.course.version_id, lesson_key, locale)
    return LessonView(
        card=card,
        lesson=lessons[at],
        html=page.html,
        locale=page.locale,
        wanted=locale,
        lessons=len(lessons),
        previous=lessons[at - 1] if at else None,
        next=lessons[at + 1] if at + 1 < len(lessons) else None,
    )


def foreign_questions(course: CourseRow, wanted: str) -> int:
    """How many questions of a course's check are not there in a language; no statement where it was written in it."""
    if course.check is None or not catalog.is_another_language(course.locale, wanted):
        return 0
    there, asked = catalog.bank_in(course.check.assessment_version_id, wanted, course.locale)
    return asked - there


def own_card(person_id: UUID, course_key: str, now: datetime) -> CourseCard:
    """Where a person stands in a course; NotFound where they are not enrolled."""
    card = card_of(person_id, course_key, now)
    if card is None:
        raise NotFound
    return card


def course_to_begin(partner_id: UUID, course_key: str) -> UUID:
    """The course of this key that the partner may see, for somebody who wants to begin it; NotFound otherwise."""
    return _visible(partner_id, course_key).course_id


def courses_to_begin(partner_id: UUID) -> tuple[CourseRow, ...]:
    """Every published course the partner may see."""
    partner = partner_by_id(partner_id)
    return catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)


def _resources(course: CourseRow, locale: str) -> tuple[ResourceRow, ...]:
    return tuple(row.in_language(locale, course.locale) for row in catalog.resources(course.version_id))


def resource_page(
    *, person_id: UUID, course_key: str, resource_key: str, locale: str, now: datetime
) -> tuple[CourseRow, LessonPage]:
    """The course and the words of a page to keep, both in the nearest language."""
    course = own_card(person_id, course_key, now).course
    page = catalog.resource_page(course.version_id, resource_key, locale, course.locale)
    return course.in_language(locale), page


def standing_completion(enrolment_id: UUID) -> UUID | None:
    """The completion of an enrolment that stands and was learnt, if one does: what somebody attested earns nothing."""
    last = Completion.objects.filter(enrolment_id=enrolment_id).order_by("-n").first()
    return last.pk if last and not last.reverses and not last.attested else None


def enrolment(enrolment_id: UUID) -> EnrolmentFacts:
    """An enrolment of the open scope; NotFound otherwise."""
    found = Enrolment.objects.filter(pk=enrolment_id).select_related("course__current", "version").first()
    if found is None:
        raise NotFound
    version = found.version or found.course.current
    return EnrolmentFacts(
        id=found.pk,
        person_id=found.person_id,
        course_id=found.course_id,
        course_key=found.course.key,
        course_title=version.title if version else found.course.key,
        cycle=found.cycle,
        state=found.state,
        enrolled_at=found.enrolled_at,
        completed_at=found.completed_at,
    )


def _visible(partner_id: UUID, course_key: str) -> CourseRow:
    partner = partner_by_id(partner_id)
    return catalog.visible_course(course_key, partner_id=partner.id, partner_type=partner.type)
