"""Beginning a course again because somebody wants it, whatever became of the first try."""

from datetime import date, datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Refusal
from gangway.learning.actions.by_hand import end, refuse_past
from gangway.learning.actions.enrolments import Enrolled
from gangway.learning.actions.reasons import give_reason, note, seen, told
from gangway.learning.actions.subject import looked_after
from gangway.learning.models import Enrolment
from gangway.learning.rules import EnrolmentState, ReasonKind

RESET = "reset"


class NothingBegun(Refusal):
    code = "learning.nothing_begun"
    status = 409
    message = "They have not begun this course, so there is nothing to begin again."
    next_step = "Change the due date, or leave it as it is."


@action("learning.enrolment.reset")
def reset(*, enrolment_id: UUID, due_on: date | None = None, actor: Actor, now: datetime) -> Enrolled:
    """Open the next cycle of a course that was begun or completed: no progress yet, the version that is current at its
    first open. The present cycle keeps what was done; where it was still going on, it ends.

    Refuses with NotFound (also where the partner no longer sees the course), OldCycle, NothingBegun or DueInThePast.
    """
    enrolment = looked_after(enrolment_id)
    course = seen(enrolment.course_id)
    if enrolment.state == EnrolmentState.ACTIVE and enrolment.opened_at is None:
        raise NothingBegun
    refuse_past(due_on, now)
    following = enrolment.cycle + 1
    if enrolment.state == EnrolmentState.ACTIVE:
        end(enrolment, actor, now, next_cycle=following)
    opened = Enrolment.objects.create(
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        cycle=following,
        required=enrolment.required,
        due_on=due_on,
        enrolled_at=now,
    )
    give_reason(opened, ReasonKind.MANUAL, RESET, now)
    publish(told(opened, course, ReasonKind.MANUAL), subject_id=opened.pk, actor=actor, now=now)
    note(actor, "learning.enrolment.reset", opened.pk, {"course": course.key, "cycle": following}, now, "enrolment")
    return Enrolled(enrolment_id=opened.pk, created=True)
