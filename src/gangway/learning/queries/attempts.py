"""What the pages of a knowledge check show (P7, P8)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_noop as _

from gangway.catalog import queries as catalog
from gangway.catalog.queries import Asked, CourseRow, LessonRow
from gangway.kernel.language import say_in
from gangway.kernel.refusal import NotFound
from gangway.learning.models import Attempt, AttemptItem
from gangway.learning.queries.cards import CourseCard, cards_of
from gangway.learning.queries.courses import standing_completion
from gangway.learning.queries.ways import Way, ways_of
from gangway.learning.rules import Grade, needed


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """`locale`: the language that was wanted when it was begun; "" where nobody asked."""

    id: UUID
    enrolment_id: UUID
    assessment_version_id: UUID
    n: int
    started_at: datetime
    deadline_at: datetime | None
    submitted_at: datetime | None
    grade: Grade | None
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """A question as this attempt shows it, whole in the language `locale`; `choices` as (key, text) in their order."""

    position: int
    asked: Asked
    prompt_html: str
    locale: str
    choices: tuple[tuple[str, str], ...]
    answer: tuple[str, ...]
    saved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionPage:
    """P7. `answered` holds the positions that have an answer; `wanted`: the reader's language."""

    attempt: AttemptRow
    course: CourseRow
    item: ItemRow
    questions: int
    answered: frozenset[int]
    wanted: str

    @property
    def is_foreign(self) -> bool:
        """Whether the reader has to be told that this question is in another language than theirs."""
        return catalog.is_another_language(self.item.locale, self.wanted)

    @property
    def was_wanted(self) -> bool:
        """Whether it is in the language in which the try was begun, so that it stays in it."""
        return bool(self.attempt.locale) and not catalog.is_another_language(self.item.locale, self.attempt.locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """What a graded attempt says about one question. While the check can be taken again, only what the author says to
    the answer that was given; what would have been right comes with passing."""

    item: ItemRow
    right: bool
    feedback: str
    lesson: LessonRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultPage:
    """P8. `reread`: the lessons behind the wrong answers, in course order, each once. `way`: where a path asks
    for the course."""

    attempt: AttemptRow
    grade: Grade
    needed: int
    card: CourseCard
    review: tuple[ReviewRow, ...]
    reread: tuple[LessonRow, ...]
    completion_id: UUID | None
    way: Way | None


def question_page(*, person_id: UUID, attempt_id: UUID, position: int, locale: str = "en") -> QuestionPage:
    """P7: one question of an attempt as it was shown, with what was answered so far."""
    attempt = _attempt(person_id, attempt_id)
    items = list(AttemptItem.objects.filter(attempt_id=attempt_id).order_by("position"))
    item = next((item for item in items if item.position == position), None)
    if item is None:
        raise NotFound
    asked = catalog.asked_by_id({item.question_version_id: item.locale})[item.question_version_id]
    course = _course_of(attempt)
    return QuestionPage(
        attempt=_attempt_row(attempt),
        course=course,
        item=_item_row(item, asked, course),
        questions=len(items),
        answered=frozenset(item.position for item in items if item.answer),
        wanted=locale,
    )


def attempt_overview(*, person_id: UUID, attempt_id: UUID) -> tuple[AttemptRow, CourseRow, int, frozenset[int]]:
    """An attempt before it is handed in: itself, its course, how many questions, which are answered."""
    attempt = _attempt(person_id, attempt_id)
    answers = dict(AttemptItem.objects.filter(attempt_id=attempt_id).values_list("position", "answer"))
    answered = frozenset(position for position, answer in answers.items() if answer)
    return _attempt_row(attempt), _course_of(attempt), len(answers), answered


def result_page(*, person_id: UUID, attempt_id: UUID, locale: str, now: datetime) -> ResultPage:
    """P8: a graded attempt; NotFound while it is open."""
    attempt = _attempt(person_id, attempt_id)
    row = _attempt_row(attempt)
    if row.grade is None:
        raise NotFound
    (card,) = cards_of([attempt.enrolment], now)
    lessons = catalog.lessons([card.course.version_id], locale).get(card.course.version_id, ())
    review = _review(attempt, card.course, {lesson.key: lesson for lesson in lessons})
    wrong = {entry.lesson.key for entry in review if entry.lesson and not entry.right}
    return ResultPage(
        attempt=row,
        grade=row.grade,
        needed=needed(catalog.pass_percent(row.assessment_version_id), row.grade.points_max),
        card=card.in_language(locale),
        review=review,
        reread=tuple(lesson for lesson in lessons if lesson.key in wrong),
        completion_id=standing_completion(row.enrolment_id),
        way=ways_of([attempt.enrolment]).get(row.enrolment_id),
    )


def tries_of(person_id: UUID) -> int:
    """How often somebody of the open scope tried a check."""
    return int(Attempt.objects.filter(enrolment__person=person_id).count())


def _attempt(person_id: UUID, attempt_id: UUID) -> Attempt:
    mine = Attempt.objects.filter(pk=attempt_id, enrolment__person_id=person_id)
    found: Attempt | None = mine.select_related("enrolment__course").first()
    if found is None:
        raise NotFound
    return found


def _course_of(attempt: Attempt) -> CourseRow:
    """The pinned version of an attempt's enrolment: starting an attempt pins it."""
    return catalog.course_version(attempt.enrolment.version_id)


def _attempt_row(attempt: Attempt) -> AttemptRow:
    handed_in = attempt.submitted_at is not None
    grade = Grade(points=attempt.points or 0, points_max=attempt.points_max, passed=bool(attempt.passed))
    return AttemptRow(
        id=attempt.pk,
        enrolment_id=attempt.enrolment_id,
        assessment_version_id=attempt.assessment_version_id,
        n=attempt.n,
        started_at=attempt.started_at,
        deadline_at=attempt.deadline_at,
        submitted_at=attempt.submitted_at,
        grade=grade if handed_in else None,
        locale=attempt.locale,
    )


_TRUE_FALSE = {"t": _("True"), "f": _("False")}


def _item_row(item: AttemptItem, asked: Asked, course: CourseRow) -> ItemRow:
    locale = item.locale or course.locale
    choices = asked.choices
    if asked.is_true_false:  # our own words, and yet of one language with the prompt
        choices = {key: say_in(locale, text) for key, text in _TRUE_FALSE.items()}
    return ItemRow(
        position=item.position,
        asked=asked,
        prompt_html=_rooted(asked.prompt_html, reverse("learning:course", args=[course.key])),
        locale=locale,
        choices=tuple((key, choices[key]) for key in item.shown),
        answer=tuple(item.answer or ()),
        saved_at=item.saved_at,
    )


_TAG = re.compile(r'<[a-z]+(?: [a-z-]+(?:="[^"]*")?)*[ /]*>')
_NEAR = re.compile(r' (src|href)="\.\./')


def _rooted(html: str, course: str) -> str:
    """A prompt whose addresses, which are seen from a lesson's page, lead from any page. It was sanitised: within a tag
    every quotation mark is an attribute's.
    """
    return _TAG.sub(lambda tag: _NEAR.sub(rf' \1="{course}/', tag[0]), html)


def _review(attempt: Attempt, course: CourseRow, lessons: Mapping[str, LessonRow]) -> tuple[ReviewRow, ...]:
    items = list(AttemptItem.objects.filter(attempt_id=attempt.pk).order_by("position"))
    shown = {item.question_version_id: item.locale for item in items}
    asked, solutions = catalog.asked_by_id(shown), catalog.solutions(shown)
    found = []
    for item in items:
        solution = solutions[item.question_version_id]
        said = [solution.choice_feedback.get(key, "") for key in item.answer or ()]
        words = " ".join(part for part in [*said, solution.feedback if attempt.passed else ""] if part)
        found.append(
            ReviewRow(
                item=_item_row(item, asked[item.question_version_id], course),
                right=bool(item.right),
                feedback=words,
                lesson=lessons.get(solution.lesson_key),
            )
        )
    return tuple(found)
