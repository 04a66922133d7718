"""Learning a course again: a renewal is a new cycle, and the cycles before it keep what was done in them."""

from datetime import date, datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound, Refusal
from gangway.learning.actions.enrolments import Enrolled
from gangway.learning.actions.reasons import give_reason, note, seen, told
from gangway.learning.models import Enrolment
from gangway.learning.rules import EnrolmentState, ReasonKind

RENEWAL = "renewal"


class NotCompletedYet(Refusal):
    code = "learning.not_completed_yet"
    status = 409
    message = "This course is not completed yet, so there is nothing to renew."
    next_step = "Complete it first; it can be renewed after that."


@action("learning.enrolment.renew")
def renew(
    *,
    person_id: UUID,
    course_id: UUID,
    cycle: int | None = None,
    reason: ReasonKind = ReasonKind.RULE,
    ref: str = RENEWAL,
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Enrolled:
    """Open the next cycle of a course that a person has completed: no progress yet, the version that is current at its
    first open, everything of the cycles before it kept.

    `cycle`: the one to open, for callers that may ask twice: where it is open or completed already, `created` is False
    and nothing changes. Refuses with NotFound (not enrolled, or the partner no longer sees the course), and with
    NotCompletedYet where the present cycle is not completed.
    """
    course = seen(course_id)
    theirs = Enrolment.objects.filter(person_id=person_id, course_id=course_id)
    latest = theirs.select_for_update().order_by("-cycle").first()
    if latest is None:
        raise NotFound
    ended = latest.state == EnrolmentState.WITHDRAWN
    if cycle is not None and latest.cycle >= cycle and not ended:
        return Enrolled(enrolment_id=latest.pk, created=False)
    if ended and latest.exempt and reason is ReasonKind.RULE:  # somebody took them out by hand
        return Enrolled(enrolment_id=latest.pk, created=False)
    _refuse_unfinished(latest, cycle)
    enrolment, created = Enrolment.objects.get_or_create(
        person_id=person_id,
        course_id=course_id,
        cycle=latest.cycle if ended else latest.cycle + 1,
        defaults={"required": reason is not ReasonKind.SELF, "due_on": due_on, "enrolled_at": now},
    )
    give_reason(enrolment, reason, ref, now)
    if created:
        publish(told(enrolment, course, reason), subject_id=enrolment.pk, actor=actor, now=now)
    if created or ended:
        changes = {"course": course.key, "cycle": enrolment.cycle}
        note(actor, "learning.enrolment.renew", enrolment.pk, changes, now, "enrolment")
    return Enrolled(enrolment_id=enrolment.pk, created=created)


def _refuse_unfinished(latest: Enrolment, cycle: int | None) -> None:
    """A renewal that had been withdrawn comes back; a first cycle that was withdrawn was never completed."""
    renewed = latest.state == EnrolmentState.WITHDRAWN and latest.cycle > 1
    following = latest.cycle if renewed else latest.cycle + 1
    if not renewed and latest.state != EnrolmentState.COMPLETED:
        raise NotCompletedYet
    if cycle is not None and cycle != following:
        raise NotCompletedYet
