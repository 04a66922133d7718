"""Marking a course complete by hand: somebody's word, which is shown as such, earns nothing and counts in no figure."""

from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.values import clean_line
from gangway.learning.actions.by_hand import CompletedAlready
from gangway.learning.actions.subject import looked_after
from gangway.learning.events import CourseAttested
from gangway.learning.models import Completion, Enrolment
from gangway.learning.rules import EnrolmentState

REASON_LIMIT = 500


class OwnCourse(Refusal):
    code = "learning.own_course"
    status = 409
    message = "Nobody marks their own course complete."
    next_step = "Ask somebody else who looks after your team, or take the course."


@action("learning.enrolment.mark_complete")
def mark_complete(*, enrolment_id: UUID, reason: str, actor: Actor, now: datetime) -> UUID:
    """Mark a course complete for a person, on somebody's word; the completion's id. Whoever passes it afterwards has
    completed it like everybody else.

    `reason` is kept in the audit log only, and goes when the person is erased. Refuses with NotFound, OldCycle,
    CompletedAlready, OwnCourse, or Invalid where no reason is given.
    """
    enrolment = looked_after(enrolment_id)
    if enrolment.state == EnrolmentState.COMPLETED:
        raise CompletedAlready
    if actor.id == str(enrolment.person_id):
        raise OwnCourse
    reason = clean_line(reason, "reason", limit=REASON_LIMIT)
    row = _attest(enrolment, now)
    audit.record(
        actor=actor,
        verb="learning.enrolment.mark_complete",
        object_type="enrolment",
        object_id=enrolment.pk,
        changes={"course": enrolment.course.key, "cycle": enrolment.cycle},
        changes_personal={"reason": reason, "person": str(enrolment.person_id)},  # erasing finds it by the person
        now=now,
    )
    event = CourseAttested(
        completion_id=row.pk,
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        course_key=enrolment.course.key,
        cycle=enrolment.cycle,
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
    completion_id: UUID = row.pk
    return completion_id


def _attest(enrolment: Enrolment, now: datetime) -> Completion:
    """The completion, of the version that the person learns or would learn now; nobody opened it by this."""
    version_id = enrolment.version_id or _published(enrolment.course_id)
    last = Completion.objects.filter(enrolment=enrolment).order_by("-n").first()
    row: Completion = Completion.objects.create(
        enrolment=enrolment, n=last.n + 1 if last else 1, at=now, course_version_id=version_id, attested=True
    )
    enrolment.state, enrolment.completed_at, enrolment.attested = EnrolmentState.COMPLETED, now, True
    enrolment.save(update_fields=["state", "completed_at", "attested"])
    return row


def _published(course_id: UUID) -> UUID:
    course = catalog.published_course(course_id)
    if course is None:
        raise NotFound
    return course.version_id
