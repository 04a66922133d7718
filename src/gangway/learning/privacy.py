"""What learning holds of a person: enrolments, lessons, attempts and their answers. Attempts are the person's own."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop as _

from gangway.kernel.personal import Privacy, Section, Subject
from gangway.learning.models import Attempt, AttemptItem, Enrolment, LessonProgress


def _export(subject: Subject) -> list[Section]:
    return [
        Section(_("Courses"), _courses(subject)),
        Section(_("Lessons"), _lessons(subject), private=True),
        Section(_("Attempts"), _attempts(subject), private=True),
        Section(_("Answers"), _answers(subject), private=True),
    ]


def _courses(subject: Subject) -> list[dict[str, Any]]:
    enrolments = Enrolment.objects.filter(person=subject.id).select_related("course")
    return [
        {
            _("Course"): row.course.key,
            _("State"): row.state,
            _("Enrolled"): row.enrolled_at,
            _("Completed"): row.completed_at,
        }
        for row in enrolments.order_by("enrolled_at", "id")
    ]


def _lessons(subject: Subject) -> list[dict[str, Any]]:
    lessons = LessonProgress.objects.filter(enrolment__person=subject.id).select_related("lesson", "enrolment__course")
    return [
        {
            _("Course"): row.enrolment.course.key,
            _("Lesson"): row.lesson.key,
            _("Opened"): row.opened_at,
            _("Finished"): row.finished_at,
        }
        for row in lessons.order_by("opened_at", "id")
    ]


def _attempts(subject: Subject) -> list[dict[str, Any]]:
    attempts = Attempt.objects.filter(enrolment__person=subject.id).select_related("enrolment__course")
    return [
        {
            _("Course"): row.enrolment.course.key,
            _("Attempt"): row.n,
            _("Begun"): row.started_at,
            _("Handed in"): row.submitted_at,
            _("Points"): row.points,
            _("Of"): row.points_max,
            _("Passed"): row.passed,
        }
        for row in attempts.order_by("started_at", "id")
    ]


def _answers(subject: Subject) -> list[dict[str, Any]]:
    items = AttemptItem.objects.filter(attempt__enrolment__person=subject.id)
    return [
        {
            _("Attempt"): row.attempt.n,
            _("Question"): row.question_version.question.key,
            _("Answer"): row.answer,
            _("Right"): row.right,
        }
        for row in items.select_related("attempt", "question_version__question").order_by("attempt_id", "position")
    ]


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
