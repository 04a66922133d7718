"""Enrolments in the hands of somebody who looks after people: what changes, what is kept, and what is refused."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest

from gangway.catalog.tests.samples import RIGHT
from gangway.kernel.evidence import Asking
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.actions.again import NothingBegun
from gangway.learning.actions.attempts import AlreadyPassed
from gangway.learning.actions.attesting import OwnCourse
from gangway.learning.actions.by_hand import CompletedAlready, DueInThePast, EnrolledAlready, GoneAway
from gangway.learning.actions.subject import OldCycle
from gangway.learning.evidence import robot_completed
from gangway.learning.models import Completion, Enrolment, EnrolmentReason, LessonProgress
from gangway.learning.privacy import PRIVACY
from gangway.learning.queries.dates import course_dates
from gangway.learning.rules import EnrolmentState, ReasonKind, Step
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, enrol, events, take
from gangway.people.actions import person_leaves
from gangway.people.models import Person
from gangway.people.queries.profiles import subject

DUE = date(2026, 4, 1)
LATER = START + timedelta(days=1)
WHY = "She taught it for two years."


@pytest.fixture
def ben(admit: Callable[[str, str], Learner], ana: Learner) -> Learner:
    """Looks after Nordwind's people."""
    return admit("ben", "nordwind")


def hand(ana: Learner, course: UUID, ben: Learner, due_on: date | None = None) -> UUID:
    return actions.enrol_by_hand(
        person_id=ana.id, course_id=course, due_on=due_on, actor=ben.actor, now=START
    ).enrolment_id


def open_first(ana: Learner, enrolment: UUID) -> None:
    actions.finish_lesson(enrolment_id=enrolment, lesson_key="hello", actor=ana.actor, now=START)


def mark(enrolment: UUID, ben: Learner, reason: str = WHY) -> UUID:
    return actions.mark_complete(enrolment_id=enrolment, reason=reason, actor=ben.actor, now=LATER)


def state(enrolment: UUID) -> str:
    return str(Enrolment.objects.get(pk=enrolment).state)


def audited(verb: str) -> AuditEntry:
    return AuditEntry.objects.get(verb=verb)


def test_somebody_is_enrolled_until_a_day_and_it_says_who_wanted_it(ana: Learner, ben: Learner, course: UUID) -> None:
    row = Enrolment.objects.get(pk=hand(ana, course, ben, DUE))
    assert (row.state, row.required, row.due_on, row.cycle) == (EnrolmentState.ACTIVE, True, DUE, 1)
    assert EnrolmentReason.objects.get(enrolment=row).kind == ReasonKind.MANUAL
    (told,) = events("learning.enrolment.created.v1")
    assert (told.payload["reason"], told.payload["due_on"]) == ("manual", "2026-04-01")
    assert audited("learning.enrolment.create").actor_id == str(ben.id)


def test_nobody_is_enrolled_twice_in_the_past_or_after_they_left(ana: Learner, ben: Learner, course: UUID) -> None:
    with pytest.raises(DueInThePast):
        hand(ana, course, ben, START.date() - timedelta(days=2))
    enrolment = hand(ana, course, ben)
    with pytest.raises(EnrolledAlready):
        hand(ana, course, ben)
    take(ana, enrolment, RIGHT)
    with pytest.raises(CompletedAlready):
        hand(ana, course, ben)
    person_leaves(person_id=ben.id, actor=JOB, now=START)
    with pytest.raises(GoneAway):
        hand(ben, course, ana)
    assert Enrolment.objects.count() == 1


def test_strangers_and_hidden_courses_are_as_unknown_as_none(
    ana: Learner, ben: Learner, course: UUID, admit: Callable[[str, str], Learner]
) -> None:
    caz = admit("caz", "suedstern")
    for person, chosen in ((caz.id, course), (ana.id, ana.id), (course, course)):
        with pytest.raises(NotFound):
            actions.enrol_by_hand(person_id=person, course_id=chosen, actor=ben.actor, now=START)


def test_a_due_date_is_set_moved_and_taken_away(ana: Learner, ben: Learner, course: UUID) -> None:
    enrolment = hand(ana, course, ben)

    def set_due(due_on: date | None) -> bool:
        return actions.set_due(enrolment_id=enrolment, due_on=due_on, actor=ben.actor, now=START)

    assert [set_due(DUE), set_due(DUE), set_due(date(2026, 5, 1)), set_due(None)] == [True, False, True, True]
    told = [event.payload["due_on"] for event in events("learning.enrolment.due_changed.v1")]
    assert told == ["2026-04-01", "2026-05-01", None]
    assert AuditEntry.objects.filter(verb="learning.enrolment.set_due").count() == 3
    with pytest.raises(DueInThePast):
        set_due(date(2026, 2, 1))
    take(ana, enrolment, RIGHT)
    with pytest.raises(CompletedAlready):
        set_due(DUE)


def test_beginning_again_opens_a_cycle_and_keeps_the_one_before(ana: Learner, ben: Learner, course: UUID) -> None:
    first = hand(ana, course, ben)
    with pytest.raises(NothingBegun):
        actions.reset(enrolment_id=first, actor=ben.actor, now=LATER)
    open_first(ana, first)

    second = actions.reset(enrolment_id=first, due_on=DUE, actor=ben.actor, now=LATER).enrolment_id

    (card,) = queries.my_courses(ana.id, LATER)
    assert (card.enrolment_id, card.step, card.progress.finished, card.due_on) == (second, Step.START, 0, DUE)
    assert (state(first), LessonProgress.objects.filter(enrolment=first).count()) == (EnrolmentState.WITHDRAWN, 1)
    assert events("learning.enrolment.withdrawn.v1")[0].payload["next_cycle"] == 2
    assert events("learning.enrolment.created.v1")[1].payload["cycle"] == 2
    with pytest.raises(NotFound):
        actions.finish_lesson(enrolment_id=first, lesson_key="goodbye", actor=ana.actor, now=LATER)


def test_what_was_completed_can_begin_again_and_stays_completed(ana: Learner, ben: Learner, course: UUID) -> None:
    first = hand(ana, course, ben)
    take(ana, first, RIGHT)
    second = actions.reset(enrolment_id=first, actor=ben.actor, now=LATER).enrolment_id
    assert (state(first), state(second)) == (EnrolmentState.COMPLETED, EnrolmentState.ACTIVE)
    assert events("learning.enrolment.withdrawn.v1") == []
    for act in (actions.reset, actions.withdraw):
        with pytest.raises(OldCycle):
            act(enrolment_id=first, actor=ben.actor, now=LATER)
    page = queries.enrolment_page(first)
    assert (page.line.id, [line.id for line in page.earlier]) == (second, [first])


def test_a_word_completes_a_course_but_proves_nothing(ana: Learner, ben: Learner, course: UUID) -> None:
    enrolment = hand(ana, course, ben)
    completion = Completion.objects.get(pk=mark(enrolment, ben))

    assert (completion.n, completion.attested, completion.attempt_id) == (1, True, None)
    row = Enrolment.objects.get(pk=enrolment)
    assert (row.state, row.attested, row.completed_at, row.opened_at) == (EnrolmentState.COMPLETED, True, LATER, None)
    assert [event.payload["cycle"] for event in events("learning.course.attested.v1")] == [1]
    assert events("learning.course.completed.v1") == []
    assert course_dates([ana.id])[ana.id][0].completed_at is None
    assert queries.standing_completion(enrolment) is None
    (card,) = queries.my_courses(ana.id, LATER)
    assert (card.step, card.attested) == (Step.DONE, True)
    entry = audited("learning.enrolment.mark_complete")
    assert (entry.changes_personal["reason"], "reason" in entry.changes) == (WHY, False)
    assert queries.enrolment_page(enrolment).attested_because == WHY
    with pytest.raises(CompletedAlready):
        mark(enrolment, ben)


def test_passing_later_replaces_the_word(ana: Learner, ben: Learner, course: UUID) -> None:
    enrolment = hand(ana, course, ben)
    mark(enrolment, ben)
    assert take(ana, enrolment, RIGHT, LATER).completed

    rows = Completion.objects.order_by("n").values_list("n", "reverses", "attested")
    assert list(rows) == [(1, False, True), (2, True, False), (3, False, False)]
    row = Enrolment.objects.get(pk=enrolment)
    assert (row.state, row.attested) == (EnrolmentState.COMPLETED, False)
    assert len(events("learning.course.completed.v1")) == 1
    assert queries.standing_completion(enrolment) is not None
    with pytest.raises(AlreadyPassed):
        actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=LATER)


def test_a_word_needs_a_reason_and_another_person(ana: Learner, ben: Learner, course: UUID) -> None:
    enrolment = hand(ana, course, ben)
    with pytest.raises(Invalid) as refused:
        mark(enrolment, ben, "  ")
    assert refused.value.field == "reason"
    with pytest.raises(OwnCourse):
        mark(enrolment, ana)
    assert state(enrolment) == EnrolmentState.ACTIVE


def test_a_robot_that_was_marked_complete_proves_nothing(ana: Learner, ben: Learner, course: UUID) -> None:
    Person.objects.filter(pk=ana.id).update(synthetic=True)
    enrolment = hand(ana, course, ben)
    open_first(ana, enrolment)
    mark(enrolment, ben)
    asking = Asking(host_id=course, plan_id=course, now=LATER)
    with scopes.host():
        assert not robot_completed(asking).holds
    take(ana, enrolment, RIGHT, LATER)
    with scopes.host():
        assert robot_completed(asking).holds


def test_a_reason_is_handed_out_to_its_person(ana: Learner, ben: Learner, course: UUID) -> None:
    mark(hand(ana, course, ben), ben)
    (row,) = PRIVACY.export(subject(ana.id))[0].rows
    assert row["Marked complete because"] == WHY


def test_who_was_taken_out_is_left_out_by_rules_until_somebody_enrols_them(
    ana: Learner, ben: Learner, course: UUID
) -> None:
    enrolment = enrol(ana, course)
    open_first(ana, enrolment)
    actions.withdraw(enrolment_id=enrolment, actor=ben.actor, now=LATER)
    assert (queries.my_courses(ana.id, LATER), queries.enrolments_of(ana.id, DUE)) == ((), ())
    assert not EnrolmentReason.objects.filter(withdrawn_at=None).exists()
    assert len(events("learning.enrolment.withdrawn.v1")) == 1

    actions.enrol_in_assigned(person_id=ana.id, actor=JOB, now=LATER)
    actions.enrol_people(course_id=course, person_ids=[ana.id], actor=JOB, now=LATER)
    assert state(enrolment) == EnrolmentState.WITHDRAWN
    for act in (actions.withdraw, actions.reset):
        with pytest.raises(NotFound):
            act(enrolment_id=enrolment, actor=ben.actor, now=LATER)

    assert hand(ana, course, ben, DUE) == enrolment
    (card,) = queries.my_courses(ana.id, LATER)
    assert (card.progress.finished, card.due_on) == (1, DUE)
    assert [event.payload["reason"] for event in events("learning.enrolment.created.v1")] == ["rule", "manual"]
    assert not Enrolment.objects.get(pk=enrolment).exempt


def test_a_renewal_that_somebody_ended_by_hand_is_not_opened_by_the_rule(
    ana: Learner, ben: Learner, course: UUID
) -> None:
    take(ana, hand(ana, course, ben), RIGHT)
    second = actions.renew(person_id=ana.id, course_id=course, cycle=2, actor=JOB, now=LATER).enrolment_id
    actions.withdraw(enrolment_id=second, actor=ben.actor, now=LATER)
    again = actions.renew(person_id=ana.id, course_id=course, cycle=2, actor=JOB, now=LATER)
    assert (again.enrolment_id, again.created, state(second)) == (second, False, EnrolmentState.WITHDRAWN)


def test_what_is_completed_is_not_withdrawn(ana: Learner, ben: Learner, course: UUID) -> None:
    enrolment = hand(ana, course, ben)
    take(ana, enrolment, RIGHT)
    before = OutboxEvent.objects.count()
    with pytest.raises(CompletedAlready):
        actions.withdraw(enrolment_id=enrolment, actor=ben.actor, now=LATER)
    assert (state(enrolment), OutboxEvent.objects.count()) == (EnrolmentState.COMPLETED, before)
