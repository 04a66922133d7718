"""A course is completed once per enrolment, whoever presses how often."""

from datetime import datetime
from uuid import UUID

from gangway.catalog.queries import CourseRow
from gangway.kernel import audit
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.learning.events import CourseCompleted
from gangway.learning.models import Attempt, Completion, Enrolment
from gangway.learning.rules import EnrolmentState, stands


def complete(enrolment: Enrolment, course: CourseRow, attempt: Attempt | None, actor: Actor, now: datetime) -> UUID:
    """Complete a locked enrolment, unless that stands already; the completion's id.

    Called by the actions of lessons and attempts, in their transaction. The unique key (partner, enrolment, n) lets one
    of two racing writers through. What somebody had only attested is taken back: proof replaces a word.
    """
    last: Completion | None = Completion.objects.filter(enrolment=enrolment).order_by("-n").first()
    if last is not None and stands(last.n):
        if not last.attested:
            return last.pk
        last = _take_back(last, now)
    row: Completion = Completion.objects.create(
        enrolment=enrolment,
        n=last.n + 1 if last else 1,
        at=now,
        course_version_id=course.version_id,
        attempt=attempt,
    )
    enrolment.state = EnrolmentState.COMPLETED
    enrolment.completed_at = now
    enrolment.attested = False
    enrolment.save(update_fields=["state", "completed_at", "attested"])
    audit.record(
        actor=actor,
        verb="learning.course.complete",
        object_type="enrolment",
        object_id=enrolment.pk,
        changes={"course": course.key, "version": course.n, "cycle": enrolment.cycle},
        now=now,
    )
    _tell(row, enrolment, course, attempt, actor, now)
    return row.pk


def is_open(enrolment: Enrolment) -> bool:
    """Whether learning can still complete it: it goes on, or is complete by somebody's word only."""
    return enrolment.state == EnrolmentState.ACTIVE or enrolment.attested


def _take_back(attested: Completion, now: datetime) -> Completion:
    row: Completion = Completion.objects.create(
        enrolment_id=attested.enrolment_id,
        n=attested.n + 1,
        reverses=True,
        at=now,
        course_version_id=attested.course_version_id,
    )
    return row


def _tell(
    row: Completion, enrolment: Enrolment, course: CourseRow, attempt: Attempt | None, actor: Actor, now: datetime
) -> None:
    event = CourseCompleted(
        completion_id=row.pk,
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=course.course_id,
        course_version_id=course.version_id,
        course_key=course.key,
        cycle=enrolment.cycle,
        required=enrolment.required,
        points=attempt.points if attempt else None,
        points_max=attempt.points_max if attempt else None,
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
