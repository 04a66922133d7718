"""Events and jobs of learning, through the real log and the real jobs; replaying changes nothing."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from gangway.catalog.events import CourseAssigned, CoursePublished
from gangway.catalog.rules import Assign, CourseDraft
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.jobs import runner
from gangway.kernel.models import Job, OutboxEvent
from gangway.kernel.outbox.codec import load
from gangway.kernel.tenancy import scopes
from gangway.kernel.wiring import Fact
from gangway.learning import actions, handlers, jobs, queries
from gangway.learning.models import Enrolment
from gangway.learning.tests.conftest import START, Learner
from gangway.people.events import PersonAdmitted

Publish = Callable[[CourseDraft], UUID]
Admit = Callable[[str, str], Learner]


def replayed(handler: Callable[..., None], kind: type) -> None:
    """Hand every such event of the log to the handler, twice, in the scope it happened in."""
    for row in list(OutboxEvent.objects.filter(name=kind.name)) * 2:  # type: ignore[attr-defined]
        fact = Fact(row.id, row.partner_id, row.subject_id, row.occurred_at, row.number, Actor.job("relay"))
        with scopes.one(row.partner_id):
            handler(load(kind, row.payload), fact)


def run_jobs() -> None:
    while runner._run_one("test", clock.now()):
        pass
    assert not Job.objects.exclude(state="done").exists(), Job.objects.values_list("last_error", flat=True)


def learners() -> set[UUID]:
    with scopes.host():
        return set(Enrolment.objects.filter(state="active").values_list("person_id", flat=True))


def test_whoever_is_admitted_is_enrolled_in_what_is_for_everyone(partners: object, admit: Admit, course: UUID) -> None:
    ana, caz, dee = admit("ana", "nordwind"), admit("caz", "suedstern"), admit("dee", "host")
    replayed(handlers.enrol_admitted, PersonAdmitted)
    assert learners() == {ana.id, caz.id}
    assert dee.id not in learners()
    assert OutboxEvent.objects.filter(name="learning.enrolment.created.v1").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_published_course_enrols_those_who_are_here_already(
    partners: object, admit: Admit, publish: Publish, draft: CourseDraft
) -> None:
    here = {admit(f"p{n}", slug).id for n in range(3) for slug in ("nordwind", "suedstern")}
    admit("dee", "host")
    publish(draft)
    publish(replace(draft, key="for-nobody", assign=Assign.NOBODY))
    replayed(handlers.enrol_for_published, CoursePublished)
    assert Job.objects.filter(task__endswith=".enrol_everyone").count() == 2
    run_jobs()
    assert learners() == here
    assert OutboxEvent.objects.filter(name="learning.enrolment.created.v1").count() == len(here)


@pytest.mark.django_db(transaction=True)
def test_a_course_that_is_no_longer_for_everyone_is_taken_back_from_who_has_not_begun(
    partners: object, admit: Admit, publish: Publish, draft: CourseDraft
) -> None:
    idle, begun = admit("idle", "nordwind"), admit("begun", "suedstern")
    course = publish(draft)
    jobs.enrol_everyone.func(course_id=str(course))
    with scopes.one(begun.partner_id):
        (card,) = queries.my_courses(begun.id, START)
        actions.open_lesson(enrolment_id=card.enrolment_id, lesson_key="hello", actor=begun.actor, now=START)
    publish(replace(draft, assign=Assign.NOBODY))
    replayed(handlers.follow_assignment, CourseAssigned)
    run_jobs()
    assert learners() == {begun.id}

    OutboxEvent.objects.filter(name=CourseAssigned.name).delete()
    publish(draft)
    replayed(handlers.follow_assignment, CourseAssigned)
    run_jobs()
    assert learners() == {begun.id, idle.id}


@pytest.mark.django_db(transaction=True)
def test_people_are_enrolled_in_batches_none_left_out(
    partners: object, admit: Admit, course: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {admit(f"p{n}", "nordwind").id for n in range(7)}
    monkeypatch.setattr(jobs, "BATCH", 3)
    assert jobs.enrol_everyone.func(course_id=str(course)) == 7
    assert jobs.enrol_everyone.func(course_id=str(course)) == 0
    assert learners() == people


def test_a_course_that_is_gone_enrols_nobody(partners: object, admit: Admit) -> None:
    admit("ana", "nordwind")
    assert jobs.enrol_everyone.func(course_id=str(uuid4())) == 0
