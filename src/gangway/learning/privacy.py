"""What learning holds of a person: enrolments, lessons, attempts and their answers. Attempts are the person's own."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _

from gangway.catalog import queries as catalog
from gangway.catalog.queries import Asked
from gangway.kernel import audit
from gangway.kernel.personal import Privacy, Section, Subject, Word, named, word
from gangway.learning.models import Attempt, AttemptItem, Enrolment, LessonProgress, PathPlace
from gangway.learning.rules import EnrolmentState

STATE_WORDS: dict[str, str] = {
    EnrolmentState.ACTIVE: _("going on"),
    EnrolmentState.COMPLETED: _("completed"),
    EnrolmentState.WITHDRAWN: _("withdrawn"),
}


def _export(subject: Subject) -> list[Section]:
    return [
        Section(_("Courses"), _courses(subject)),
        Section(_("Paths"), _paths(subject)),
        Section(_("Lessons"), _lessons(subject), private=True),
        Section(_("Attempts"), _attempts(subject), private=True),
        Section(_("Answers"), _answers(subject), private=True),
    ]


def _courses(subject: Subject) -> list[dict[str, Any]]:
    enrolments = Enrolment.objects.filter(person=subject.id).select_related("course").order_by("enrolled_at", "id")
    titles = _titles(row.course_id for row in enrolments)
    return [
        {
            _("Course"): named(row.course.key, titles),
            _("State"): word(row.state, STATE_WORDS),
            _("Enrolled"): row.enrolled_at,
            _("Completed"): row.completed_at,
            _("Marked complete because"): _marked(row),
        }
        for row in enrolments
    ]


def _paths(subject: Subject) -> list[dict[str, Any]]:
    places = PathPlace.objects.filter(person=subject.id).select_related("path").order_by("since", "id")
    return [
        {
            _("Path"): named(row.path.key, {row.path.key: row.path.name}),
            _("Since"): row.since,
            _("Due"): row.due_on,
            _("Left on"): row.left_at,
        }
        for row in places
    ]


def _marked(row: Enrolment) -> str | None:
    """On whose word it is complete, if it is by a word only."""
    if not row.attested:
        return None
    entry = audit.latest("enrolment", row.pk, "learning.enrolment.mark_complete")
    return str(entry.changes_personal.get("reason", "")) if entry else ""


def _lessons(subject: Subject) -> list[dict[str, Any]]:
    read = LessonProgress.objects.filter(enrolment__person=subject.id).select_related("lesson", "enrolment__course")
    read = read.order_by("opened_at", "id")
    titles = _titles(row.enrolment.course_id for row in read)
    versions = {row.enrolment.version_id for row in read if row.enrolment.version_id}
    lessons = {
        version_id: {lesson.key: lesson.title for lesson in rows}
        for version_id, rows in catalog.lessons(versions, get_language() or "en").items()
    }
    return [
        {
            _("Course"): named(row.enrolment.course.key, titles),
            _("Lesson"): named(row.lesson.key, lessons.get(row.enrolment.version_id, {})),
            _("Opened"): row.opened_at,
            _("Finished"): row.finished_at,
        }
        for row in read
    ]


def _attempts(subject: Subject) -> list[dict[str, Any]]:
    attempts = Attempt.objects.filter(enrolment__person=subject.id).select_related("enrolment__course")
    attempts = attempts.order_by("started_at", "id")
    titles = _titles(row.enrolment.course_id for row in attempts)
    return [
        {
            _("Course"): named(row.enrolment.course.key, titles),
            _("Attempt"): row.n,
            _("Begun"): row.started_at,
            _("Handed in"): row.submitted_at,
            _("Points"): row.points,
            _("Of"): row.points_max,
            _("Passed"): row.passed,
        }
        for row in attempts
    ]


def _answers(subject: Subject) -> list[dict[str, Any]]:
    items = AttemptItem.objects.filter(attempt__enrolment__person=subject.id).order_by("attempt_id", "position")
    items = items.select_related("attempt", "question_version__question")
    shown = {row.locale: {one.question_version_id: row.locale for one in items} for row in items}
    asked = {locale: catalog.asked_by_id(ids) for locale, ids in shown.items()}
    return [
        {
            _("Attempt"): row.attempt.n,
            _("Question"): Word(row.question_version.question.key, asked[row.locale][row.question_version_id].prompt),
            _("Answer"): _answer(row.answer, asked[row.locale][row.question_version_id]),
            _("Right"): row.right,
        }
        for row in items
    ]


def _answer(given: list[str] | None, asked: Asked) -> list[Word] | list[str] | None:
    """The choices that were ticked, or the text that was typed."""
    return given if given is None or asked.is_text else [named(key, asked.choices) for key in given]


def _titles(course_ids: Iterable[UUID]) -> dict[str, str]:
    """Key of a course → what it is called now."""
    return {course.key: course.title for course in catalog.courses_by_id(course_ids).values()}


def _erase(subject: Subject, now: datetime) -> None:
    mine = AttemptItem.objects.filter(attempt__enrolment__person=subject.id, answer__isnull=False)
    AttemptItem.objects.filter(pk__in=list(mine.values_list("pk", flat=True))).update(answer=None)


PRIVACY = Privacy(
    context="learning",
    columns=frozenset({"learning.AttemptItem.answer"}),
    export=_export,
    erase=_erase,
    goes=(_("every answer they gave"),),
    stays=(_("which courses were begun and completed, and the points, without a name"),),
)
