"""What somebody who looks after people does with their enrolments, one at a time."""

from datetime import date, datetime
from uuid import UUID

from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Refusal
from gangway.learning.actions.enrolments import Enrolled, enrol
from gangway.learning.actions.reasons import note
from gangway.learning.actions.subject import looked_after
from gangway.learning.events import EnrolmentDueChanged, EnrolmentWithdrawn
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind, is_past
from gangway.people import queries as people


class EnrolledAlready(Refusal):
    code = "learning.enrolled_already"
    status = 409
    message = "They are enrolled in this course already."
    next_step = "Change the due date of that enrolment instead."


class CompletedAlready(Refusal):
    code = "learning.completed_already"
    status = 409
    message = "They have completed this course already, and that stays."
    next_step = "Let them begin it again where they are to learn it once more."


class GoneAway(Refusal):
    code = "learning.person_gone"
    status = 409
    message = "They are not here any more, so there is nothing for them to learn."
    next_step = "Choose somebody who is here."


class DueInThePast(Refusal):
    code = "learning.due_in_the_past"
    status = 422
    message = "This day is over already."
    next_step = "Choose today or a later day, or leave it empty."


@action("learning.enrolment.by_hand")
def enrol_by_hand(
    *, person_id: UUID, course_id: UUID, due_on: date | None = None, actor: Actor, now: datetime
) -> Enrolled:
    """Enrol a person because somebody wants it, until a day if one is given. What was withdrawn comes back.

    Refuses with NotFound (the person, or a course that their partner does not see), GoneAway, EnrolledAlready,
    CompletedAlready or DueInThePast.
    """
    if people.person(person_id).state in ("left", "erased"):
        raise GoneAway
    refuse_past(due_on, now)
    theirs = Enrolment.objects.filter(person_id=person_id, course_id=course_id)
    latest = theirs.select_for_update().order_by("-cycle").first()
    if latest is not None and latest.state == EnrolmentState.ACTIVE:
        raise EnrolledAlready
    if latest is not None and latest.state == EnrolmentState.COMPLETED:
        raise CompletedAlready
    return enrol(
        person_id=person_id, course_id=course_id, reason=ReasonKind.MANUAL, due_on=due_on, actor=actor, now=now
    )


def refuse_past(due_on: date | None, now: datetime) -> None:
    """DueInThePast for a day that is over everywhere."""
    if due_on is not None and is_past(due_on, now):
        raise DueInThePast(field="due_on")


@action("learning.enrolment.set_due")
def set_due(*, enrolment_id: UUID, due_on: date | None, actor: Actor, now: datetime) -> bool:
    """Set the day by which a course is to be completed, move it, or take it away (None); whether that changed it.

    Refuses with NotFound, OldCycle, CompletedAlready or DueInThePast.
    """
    enrolment = looked_after(enrolment_id)
    if enrolment.state == EnrolmentState.COMPLETED:
        raise CompletedAlready
    if enrolment.due_on == due_on:
        return False
    refuse_past(due_on, now)
    before, enrolment.due_on = enrolment.due_on, due_on
    enrolment.save(update_fields=["due_on"])
    changes = {"from": before and before.isoformat(), "to": due_on and due_on.isoformat()}
    note(actor, "learning.enrolment.set_due", enrolment.pk, changes, now, "enrolment")
    event = EnrolmentDueChanged(
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        course_key=enrolment.course.key,
        cycle=enrolment.cycle,
        due_on=due_on,
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
    return True


@action("learning.enrolment.withdraw")
def withdraw(*, enrolment_id: UUID, actor: Actor, now: datetime) -> None:
    """Take a person out of a course. What they did is kept, and comes back if they are enrolled again; a rule does not
    enrol them again.

    Refuses with NotFound, OldCycle or CompletedAlready.
    """
    enrolment = looked_after(enrolment_id)
    if enrolment.state == EnrolmentState.COMPLETED:
        raise CompletedAlready
    enrolment.exempt = True
    end(enrolment, actor, now)
    changes = {"course": enrolment.course.key, "cycle": enrolment.cycle}
    note(actor, "learning.enrolment.withdraw", enrolment.pk, changes, now, "enrolment")


def end(enrolment: Enrolment, actor: Actor, now: datetime, next_cycle: int | None = None) -> None:
    """End a locked enrolment that is going on, with every reason it had, and tell of it."""
    enrolment.state = EnrolmentState.WITHDRAWN
    enrolment.save(update_fields=["state", "exempt"])
    EnrolmentReason.objects.filter(enrolment=enrolment, withdrawn_at=None).update(withdrawn_at=now)
    event = EnrolmentWithdrawn(
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=enrolment.course_id,
        course_key=enrolment.course.key,
        cycle=enrolment.cycle,
        next_cycle=next_cycle,
    )
    publish(event, subject_id=enrolment.pk, actor=actor, now=now)
