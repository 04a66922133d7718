"""Another try at a knowledge check, for somebody who has used all that it allows."""

from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.learning.actions.by_hand import CompletedAlready
from gangway.learning.actions.reasons import note
from gangway.learning.actions.subject import looked_after
from gangway.learning.models import Attempt
from gangway.learning.rules import EnrolmentState, tries_left


class StillHasTries(Refusal):
    code = "learning.still_has_tries"
    status = 409
    message = "They can take this knowledge check without another try being allowed."
    next_step = "Let them take it; allow another try once they have used all."


class OwnTry(Refusal):
    code = "learning.own_try"
    status = 409
    message = "Nobody allows themselves another try."
    next_step = "Ask somebody else who looks after your team."


@action("learning.enrolment.allow_try")
def allow_try(*, enrolment_id: UUID, actor: Actor, now: datetime) -> None:
    """Allow one more try at the check of a course. Pressing twice allows one.

    Refuses with NotFound, OldCycle, CompletedAlready, OwnTry, or StillHasTries.
    """
    enrolment = looked_after(enrolment_id)
    if actor.id == str(enrolment.person_id):
        raise OwnTry
    if enrolment.state == EnrolmentState.COMPLETED:
        raise CompletedAlready
    course = catalog.course_version(enrolment.version_id) if enrolment.version_id else None
    tried = Attempt.objects.filter(enrolment=enrolment)
    if course is None or course.check is None or tried.filter(submitted_at=None).exists():
        raise StillHasTries
    untaught = list(tried.values_list("untaught", flat=True))
    if tries_left(untaught, course.check.max_tries, enrolment.extra_tries) != 0:
        raise StillHasTries
    enrolment.extra_tries += 1
    enrolment.save(update_fields=["extra_tries"])
    note(actor, "learning.enrolment.allow_try", enrolment.pk, {"extra": enrolment.extra_tries}, now, "enrolment")
