from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from gangway.catalog import queries as catalog
from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import RIGHT
from gangway.kernel.actor import Actor
from gangway.kernel.models import AuditEntry, OutboxEvent
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.actions.attempts import AlreadyPassed, AttemptClosed, NoCheck, TimeOver, TooSoon
from gangway.learning.models import Attempt, AttemptItem, Completion, Enrolment, EnrolmentReason
from gangway.learning.rules import ReasonKind, Step
from gangway.learning.tests.conftest import START, Learner

JOB = Actor.job("test")


def events(name: str) -> list[OutboxEvent]:
    return list(OutboxEvent.objects.filter(name=name).order_by("number"))


def enrol(ana: Learner, course: UUID, reason: ReasonKind = ReasonKind.RULE) -> UUID:
    return actions.enrol(person_id=ana.id, course_id=course, reason=reason, actor=JOB, now=START).enrolment_id


def answer_all(ana: Learner, attempt_id: UUID, answers: dict[str, list[str]]) -> None:
    asked = {
        item.position: item.question_version.question.key for item in AttemptItem.objects.filter(attempt=attempt_id)
    }
    for position, key in asked.items():
        actions.save_answer(attempt_id=attempt_id, position=position, answer=answers[key], actor=ana.actor, now=START)


def take(
    ana: Learner, enrolment: UUID, answers: dict[str, list[str]], now: object = START
) -> actions.attempts.Submitted:
    started = actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=now)  # type: ignore[arg-type]
    answer_all(ana, started.attempt_id, answers)
    return actions.submit_attempt(attempt_id=started.attempt_id, actor=ana.actor, now=now)  # type: ignore[arg-type]


WRONG = RIGHT | {"greet": ["b"], "word": ["no idea"]}


def test_enrolling_again_adds_a_reason_and_no_second_enrolment(ana: Learner, course: UUID) -> None:
    first = enrol(ana, course, ReasonKind.SELF)
    assert not Enrolment.objects.get(pk=first).required
    again = enrol(ana, course, ReasonKind.RULE)

    assert again == first
    assert Enrolment.objects.get(pk=first).required
    assert sorted(EnrolmentReason.objects.values_list("kind", flat=True)) == ["rule", "self"]
    (told,) = events("learning.enrolment.created.v1")
    assert (told.subject_id, told.payload["reason"], told.payload["required"]) == (first, "self", False)


def test_a_course_that_is_not_there_cannot_be_enrolled_in(ana: Learner) -> None:
    with pytest.raises(NotFound):
        enrol(ana, ana.id)


def test_the_first_open_pins_the_version_and_later_ones_change_nothing(
    ana: Learner, course: UUID, draft: CourseDraft, publish: Callable[[CourseDraft], UUID]
) -> None:
    enrolment = enrol(ana, course)
    assert Enrolment.objects.get(pk=enrolment).version_id is None
    actions.open_lesson(enrolment_id=enrolment, lesson_key="hello", actor=ana.actor, now=START)
    pinned = Enrolment.objects.get(pk=enrolment).version_id
    publish(replace(draft, lessons=draft.lessons[:1], check=None))

    actions.open_lesson(enrolment_id=enrolment, lesson_key="goodbye", actor=ana.actor, now=START + timedelta(days=1))

    row = Enrolment.objects.get(pk=enrolment)
    assert (row.version_id, row.opened_at) == (pinned, START)
    published = catalog.published_course(course)
    assert published is not None
    assert published.version_id != pinned


def test_a_lesson_of_another_course_or_version_is_unknown(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    with pytest.raises(NotFound):
        actions.open_lesson(enrolment_id=enrolment, lesson_key="nowhere", actor=ana.actor, now=START)
    assert Enrolment.objects.get(pk=enrolment).version_id is None


def test_finishing_counts_once_and_leads_on(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)

    def finish(key: str) -> actions.lessons.LessonFinishedRow:
        return actions.finish_lesson(enrolment_id=enrolment, lesson_key=key, actor=ana.actor, now=START)

    assert finish("goodbye").next_key == "hello"
    finish("goodbye")
    done = finish("hello")

    assert (done.progress.is_whole, done.next_key, done.completed) == (True, None, False)
    told = [(event.payload["lesson_key"], event.payload["finished"]) for event in events("learning.lesson.finished.v1")]
    assert told == [("goodbye", 1), ("hello", 2)]


def test_a_course_without_a_check_is_completed_by_its_last_lesson_once(
    ana: Learner, publish: Callable[[CourseDraft], UUID], draft: CourseDraft
) -> None:
    enrolment = enrol(ana, publish(replace(draft, key="no-check", check=None)))
    for key in ("hello", "goodbye", "goodbye"):
        done = actions.finish_lesson(enrolment_id=enrolment, lesson_key=key, actor=ana.actor, now=START)
    assert done.completed
    assert Completion.objects.count() == 1
    (told,) = events("learning.course.completed.v1")
    assert told.payload["points"] is None
    with pytest.raises(NoCheck):
        actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)


def test_passing_completes_the_course_untaught_too(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    done = take(ana, enrolment, RIGHT)

    assert (done.grade.points, done.grade.points_max, done.grade.passed, done.completed) == (4, 4, True, True)
    (told,) = events("learning.course.completed.v1")
    row = Completion.objects.get()
    assert told.payload["completion_id"] == str(row.pk)
    assert (told.payload["course_key"], told.payload["cycle"], told.payload["required"]) == ("first-steps", 1, True)
    assert told.occurred_at == START
    assert AuditEntry.objects.filter(verb="learning.course.complete").count() == 1
    with pytest.raises(AlreadyPassed):
        actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)


def test_handing_in_twice_completes_once(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    first = take(ana, enrolment, RIGHT)
    later = START + timedelta(minutes=1)
    again = actions.submit_attempt(attempt_id=first.attempt_id, actor=ana.actor, now=later)

    assert again == first
    assert Attempt.objects.get().submitted_at == START
    assert Completion.objects.count() == len(events("learning.course.completed.v1")) == 1
    assert len(events("learning.attempt.submitted.v1")) == 1


def test_two_completions_can_never_stand_at_once(ana: Learner, course: UUID) -> None:
    take(ana, enrol(ana, course), RIGHT)
    row = Completion.objects.get()
    same = {"enrolment": row.enrolment, "at": START, "course_version": row.course_version}
    for bad in ({"n": 1}, {"n": 2}, {"n": 3, "reverses": True}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Completion.objects.create(**same, **bad)
    Completion.objects.create(**same, n=2, reverses=True)
    assert queries.standing_completion(row.enrolment_id) is None


def test_not_passing_names_no_completion_and_one_waits_before_the_next_try(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    done = take(ana, enrolment, WRONG)
    assert (done.grade.points, done.grade.passed, done.completed) == (2, False, False)
    assert not Completion.objects.exists()

    with pytest.raises(TooSoon) as refused:
        actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START + timedelta(minutes=9))
    assert refused.value.at == START + timedelta(minutes=10)
    assert take(ana, enrolment, RIGHT, START + timedelta(minutes=10)).completed
    assert sorted(Attempt.objects.values_list("n", flat=True)) == [1, 2]


def test_an_open_attempt_is_gone_on_with(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    first = actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)
    actions.save_answer(attempt_id=first.attempt_id, position=1, answer=["a"], actor=ana.actor, now=START)
    again = actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START + timedelta(days=3))
    assert (again.attempt_id, again.resumed, again.position) == (first.attempt_id, True, 2)
    assert Attempt.objects.count() == 1


def test_grading_follows_what_was_shown_whatever_was_published_since(
    ana: Learner, course: UUID, draft: CourseDraft, publish: Callable[[CourseDraft], UUID]
) -> None:
    enrolment = enrol(ana, course)
    started = actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)
    assert draft.check is not None
    turned = [
        replace(question, choices=tuple(replace(choice, correct=not choice.correct) for choice in question.choices))
        for question in draft.check.questions
    ]
    publish(replace(draft, check=replace(draft.check, pass_percent=100, questions=tuple(turned[:2]))))

    answer_all(ana, started.attempt_id, RIGHT)
    done = actions.submit_attempt(attempt_id=started.attempt_id, actor=ana.actor, now=START)
    assert (done.grade.points, done.grade.points_max) == (4, 4)


def test_answers_are_kept_as_last_saved_and_nothing_unshown_is(ana: Learner, course: UUID) -> None:
    started = actions.start_attempt(enrolment_id=enrol(ana, course), actor=ana.actor, now=START)

    def save(position: int, *answer: str) -> actions.attempts.Saved:
        return actions.save_answer(
            attempt_id=started.attempt_id, position=position, answer=answer, actor=ana.actor, now=START
        )

    assert save(1, "a").answered == 1
    assert save(1, "b", "z", "../etc").answered == 1
    assert AttemptItem.objects.get(position=1).answer == ["b"]
    assert save(1).answered == 0
    with pytest.raises(NotFound):
        save(99, "a")


def test_what_is_handed_in_stays_as_it_is(ana: Learner, course: UUID) -> None:
    done = take(ana, enrol(ana, course), WRONG)
    with pytest.raises(AttemptClosed):
        actions.save_answer(attempt_id=done.attempt_id, position=1, answer=["a"], actor=ana.actor, now=START)


def test_after_deadline_and_grace_answers_are_refused_and_the_rest_is_graded(
    ana: Learner, draft: CourseDraft, publish: Callable[[CourseDraft], UUID]
) -> None:
    assert draft.check is not None
    course = publish(replace(draft, key="timed", check=replace(draft.check, time_limit_minutes=20)))
    started = actions.start_attempt(enrolment_id=enrol(ana, course), actor=ana.actor, now=START)

    def save(minutes: int) -> object:
        now = START + timedelta(minutes=minutes)
        return actions.save_answer(attempt_id=started.attempt_id, position=2, answer=["t"], actor=ana.actor, now=now)

    save(25)
    with pytest.raises(TimeOver):
        save(26)
    late = START + timedelta(hours=2)
    assert actions.submit_attempt(attempt_id=started.attempt_id, actor=ana.actor, now=late).grade.points == 1


def test_a_colleague_and_a_stranger_can_do_nothing_with_anas_rows(
    ana: Learner, course: UUID, admit: Callable[[str, str], Learner]
) -> None:
    enrolment = enrol(ana, course)
    attempt = actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START).attempt_id
    for other in (admit("bea", "nordwind"), admit("caz", "suedstern")):
        with scopes.one(other.partner_id):
            who = {"actor": other.actor, "now": START}
            for attack in (
                lambda who=who: actions.open_lesson(enrolment_id=enrolment, lesson_key="hello", **who),
                lambda who=who: actions.finish_lesson(enrolment_id=enrolment, lesson_key="hello", **who),
                lambda who=who: actions.start_attempt(enrolment_id=enrolment, **who),
                lambda who=who: actions.save_answer(attempt_id=attempt, position=1, answer=["a"], **who),
                lambda who=who: actions.submit_attempt(attempt_id=attempt, **who),
                lambda other=other: queries.question_page(person_id=other.id, attempt_id=attempt, position=1),
            ):
                with pytest.raises(NotFound):
                    attack()
    assert not AttemptItem.objects.filter(saved_at__isnull=False).exists()


def test_whoever_comes_in_is_enrolled_in_what_is_for_everyone_and_staff_are_not(
    ana: Learner,
    course: UUID,
    publish: Callable[[CourseDraft], UUID],
    draft: CourseDraft,
    admit: Callable[..., Learner],
) -> None:
    from gangway.catalog.rules import Assign

    publish(replace(draft, key="for-nobody", assign=Assign.NOBODY))
    assert actions.enrol_in_assigned(person_id=ana.id, actor=JOB, now=START) == 1
    assert actions.enrol_in_assigned(person_id=ana.id, actor=JOB, now=START) == 0
    assert [card.course.key for card in queries.my_courses(ana.id, START)] == ["first-steps"]
    dee = admit("dee", "host")
    with scopes.one(dee.partner_id):
        assert actions.enrol_in_assigned(person_id=dee.id, actor=JOB, now=START) == 0


def test_a_batch_enrols_the_new_and_leaves_the_known(ana: Learner, course: UUID, admit: Callable[..., Learner]) -> None:
    known = enrol(ana, course, ReasonKind.SELF)
    people = [ana.id, *(admit(f"p{n}", "nordwind").id for n in range(3))]
    assert actions.enrol_people(course_id=course, person_ids=people, actor=JOB, now=START) == 3
    assert actions.enrol_people(course_id=course, person_ids=people, actor=JOB, now=START) == 0
    assert Enrolment.objects.count() == len(events("learning.enrolment.created.v1")) == 4
    assert Enrolment.objects.get(pk=known).required
    with pytest.raises(ValueError, match="At most 500"):
        actions.enrol_people(course_id=course, person_ids=[ana.id] * 501, actor=JOB, now=START)


def test_taking_a_rule_back_ends_what_was_not_begun_and_keeps_the_rest(
    ana: Learner, course: UUID, admit: Callable[..., Learner]
) -> None:
    idle, begun, wanted = (admit(name, "nordwind") for name in ("idle", "begun", "wanted"))
    for person in (idle, begun, wanted):
        actions.enrol_in_assigned(person_id=person.id, actor=JOB, now=START)
    of = {row.person_id: row.pk for row in Enrolment.objects.all()}
    actions.open_lesson(enrolment_id=of[begun.id], lesson_key="hello", actor=begun.actor, now=START)
    actions.enrol(person_id=wanted.id, course_id=course, reason=ReasonKind.SELF, actor=wanted.actor, now=START)

    assert actions.withdraw_rule(course_id=course, actor=JOB, now=START) == 3
    assert actions.withdraw_rule(course_id=course, actor=JOB, now=START) == 0

    states = dict(Enrolment.objects.values_list("person_id", "state"))
    assert states == {idle.id: "withdrawn", begun.id: "active", wanted.id: "active"}
    assert queries.my_courses(idle.id, START) == ()
    actions.enrol_in_assigned(person_id=idle.id, actor=JOB, now=START)
    assert [card.step for card in queries.my_courses(idle.id, START)] == [Step.START]
