"""Opening and finishing lessons."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.learning.actions.completions import complete, is_open
from gangway.learning.actions.subject import finished_keys, locked, pinned
from gangway.learning.events import LessonFinished
from gangway.learning.models import Enrolment, LessonProgress
from gangway.learning.rules import EnrolmentState, Progress, completes, next_lesson, progress


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonFinishedRow:
    """`next_key`: the first unfinished lesson from here on; None when all are finished. `completed`: the course is."""

    progress: Progress
    next_key: str | None
    completed: bool


@action("learning.lesson.open")
def open_lesson(*, enrolment_id: UUID, lesson_key: str, actor: Actor, now: datetime) -> None:
    """Note that a person looks at a lesson; the first of a course pins its version. Idempotent.

    Refuses with NotFound another's enrolment, or a lesson that the version does not have; and with WaitsForOthers.
    """
    enrolment = locked(enrolment_id, actor)
    lesson_id = catalog.lesson_id(pinned(enrolment, now).version_id, lesson_key)
    LessonProgress.objects.get_or_create(enrolment=enrolment, lesson_id=lesson_id, defaults={"opened_at": now})


@action("learning.lesson.finish")
def finish_lesson(*, enrolment_id: UUID, lesson_key: str, actor: Actor, now: datetime) -> LessonFinishedRow:
    """Note that a person is done with a lesson; a course without a check is completed by its last one. Idempotent.

    Refuses with NotFound another's enrolment, or a lesson that the version does not have; and with WaitsForOthers.
    """
    enrolment = locked(enrolment_id, actor)
    course = pinned(enrolment, now)
    lesson_id = catalog.lesson_id(course.version_id, lesson_key)
    row, _ = LessonProgress.objects.get_or_create(enrolment=enrolment, lesson_id=lesson_id, defaults={"opened_at": now})
    keys = catalog.lesson_keys([course.version_id])[course.version_id]
    if row.finished_at is None:
        row.finished_at = now
        row.save(update_fields=["finished_at"])
        _tell(enrolment, lesson_key, progress(keys, finished_keys(enrolment)), actor, now)
    finished = finished_keys(enrolment)
    reached = progress(keys, finished)
    if is_open(enrolment) and completes(reached, course.check is not None, passed=False):
        complete(enrolment, course, None, actor, now)
    return LessonFinishedRow(
        progress=reached,
        next_key=next_lesson(keys, finished, after=lesson_key),
        completed=enrolment.state == EnrolmentState.COMPLETED,
    )


def _tell(enrolment: Enrolment, lesson_key: str, reached: Progress, actor: Actor, now: datetime) -> None:
    event = LessonFinished(
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        lesson_key=lesson_key,
        finished=reached.finished,
        lessons=reached.lessons,
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
