"""A renewal is a new cycle with nothing in it, and the cycle before it keeps what was done."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import RIGHT
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound
from gangway.learning import actions, queries
from gangway.learning.actions.cycles import NotCompletedYet
from gangway.learning.models import Completion, Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind, Step
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, enrol, take

LATER = START + timedelta(days=330)


def renew(person: UUID, course: UUID, cycle: int | None = None, due_on: date | None = None) -> actions.Enrolled:
    return actions.renew(person_id=person, course_id=course, cycle=cycle, due_on=due_on, actor=JOB, now=LATER)


@pytest.fixture
def completed(ana: Learner, course: UUID) -> UUID:
    """Ana passed the check in her first cycle; her enrolment."""
    enrolment = enrol(ana, course)
    assert take(ana, enrolment, RIGHT).completed
    return enrolment


def test_a_renewal_begins_afresh_with_the_version_of_then(
    ana: Learner,
    course: UUID,
    completed: UUID,
    draft: CourseDraft,
    publish: Callable[[CourseDraft], UUID],
) -> None:
    publish(replace(draft, lessons=draft.lessons[:1], check=None))
    opened = renew(ana.id, course, due_on=date(2027, 2, 28))

    before, after = Enrolment.objects.order_by("cycle")
    assert (opened.created, opened.enrolment_id, after.cycle, after.due_on) == (True, after.pk, 2, date(2027, 2, 28))
    assert (before.pk, before.state) == (completed, EnrolmentState.COMPLETED)
    (card,) = queries.my_courses(ana.id, LATER)
    assert (card.enrolment_id, card.step, card.progress.finished, card.course.lessons) == (after.pk, Step.START, 0, 1)
    told = OutboxEvent.objects.filter(name="learning.enrolment.created.v1").order_by("number").last()
    assert told is not None
    assert (told.payload["cycle"], told.payload["due_on"]) == (2, "2027-02-28")
    assert AuditEntry.objects.filter(verb="learning.enrolment.renew", object_id=after.pk).count() == 1


def test_the_second_cycle_is_completed_on_its_own(ana: Learner, course: UUID, completed: UUID) -> None:
    opened = renew(ana.id, course)
    assert take(ana, opened.enrolment_id, RIGHT, LATER).completed
    assert sorted(Completion.objects.values_list("enrolment__cycle", "n")) == [(1, 1), (2, 1)]
    assert renew(ana.id, course).created
    assert sorted(Enrolment.objects.values_list("cycle", flat=True)) == [1, 2, 3]


def test_what_is_not_completed_cannot_be_renewed(ana: Learner, course: UUID) -> None:
    with pytest.raises(NotFound):
        renew(ana.id, course)
    enrol(ana, course)
    with pytest.raises(NotCompletedYet):
        renew(ana.id, course)
    assert Enrolment.objects.count() == 1


def test_asking_twice_for_the_same_cycle_opens_it_once(ana: Learner, course: UUID, completed: UUID) -> None:
    first, again = renew(ana.id, course, cycle=2), renew(ana.id, course, cycle=2)
    assert (first.created, again.created, first.enrolment_id) == (True, False, again.enrolment_id)
    with pytest.raises(NotCompletedYet):
        renew(ana.id, course, cycle=3)
    with pytest.raises(NotCompletedYet):
        renew(ana.id, course)
    assert AuditEntry.objects.filter(verb="learning.enrolment.renew").count() == 1


def test_a_renewal_that_was_withdrawn_comes_back(ana: Learner, course: UUID, completed: UUID) -> None:
    opened = renew(ana.id, course, cycle=2)
    Enrolment.objects.filter(pk=opened.enrolment_id).update(state=EnrolmentState.WITHDRAWN)
    EnrolmentReason.objects.filter(enrolment=opened.enrolment_id).update(withdrawn_at=LATER)

    again = renew(ana.id, course, cycle=2)

    assert (again.created, again.enrolment_id) == (False, opened.enrolment_id)
    assert Enrolment.objects.get(pk=opened.enrolment_id).state == EnrolmentState.ACTIVE
    reason = EnrolmentReason.objects.get(enrolment=opened.enrolment_id)
    assert (reason.kind, reason.ref, reason.withdrawn_at) == (ReasonKind.RULE, "renewal", None)
