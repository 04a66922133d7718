from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from gangway.catalog.rules import CourseDraft
from gangway.catalog.tests.samples import RIGHT
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.rules import ReasonKind, Step
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import WRONG, enrol, take

Publish = Callable[[CourseDraft], UUID]


def statements(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as seen:
        run()
    return len(seen)


def finish(ana: Learner, enrolment: UUID, *keys: str) -> None:
    for key in keys:
        actions.finish_lesson(enrolment_id=enrolment, lesson_key=key, actor=ana.actor, now=START)


def test_the_one_next_thing_leads_through_the_course(ana: Learner, course: UUID) -> None:
    assert queries.next_action(ana.id, START) is None
    enrolment = enrol(ana, course)

    def at() -> tuple[Step, str, str, dict[str, str]]:
        found = queries.next_action(ana.id, START)
        assert found is not None
        return found.step, found.title, found.url_name, dict(found.url_args)

    here = {"course": "first-steps"}
    assert at() == (Step.START, "Hello", "learning:lesson", here | {"lesson": "hello"})
    finish(ana, enrolment, "hello")
    assert at() == (Step.CONTINUE, "Goodbye", "learning:lesson", here | {"lesson": "goodbye"})
    finish(ana, enrolment, "goodbye")
    assert at() == (Step.CHECK, "Knowledge check", "learning:check", here)
    actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)
    assert at()[0] is Step.RESUME_CHECK
    take(ana, enrolment, WRONG)
    assert at()[0] is Step.WAIT
    take(ana, enrolment, RIGHT, START + timedelta(minutes=10))
    assert queries.next_action(ana.id, START) is None


def test_what_is_left_shrinks_with_each_lesson(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    left = []
    for key in ("hello", "goodbye"):
        found = queries.next_action(ana.id, START)
        assert found is not None
        left.append((found.minutes_left, found.progress))
        finish(ana, enrolment, key)
    assert left == [(5, 0), (3, 0.5)]


def test_the_pages_cost_the_same_for_one_course_and_for_many(
    ana: Learner, publish: Publish, draft: CourseDraft
) -> None:
    def cost() -> tuple[int, int, int]:
        return (
            statements(lambda: queries.my_courses(ana.id, START)),
            statements(lambda: queries.next_action(ana.id, START)),
            statements(lambda: course_page(ana)),
        )

    enrol(ana, publish(draft))
    one = cost()
    for n in range(4):
        many = tuple(replace(draft.lessons[0], key=f"l{i}") for i in range(12))
        other = enrol(ana, publish(replace(draft, key=f"c{n}", lessons=many, check=None)))
        finish(ana, other, "l1", "l2")
    assert cost() == one
    assert one == (5, 6, 6)


def course_page(ana: Learner) -> queries.CoursePage:
    return queries.course_page(
        person_id=ana.id, partner_id=ana.partner_id, course_key="first-steps", locale="en", now=START
    )


def test_the_course_page_is_there_for_who_may_see_it_enrolled_or_not(ana: Learner, course: UUID) -> None:
    page = course_page(ana)
    assert (page.card, page.course.title, len(page.lessons), page.needed) == (None, "First steps", 2, 3)
    assert page.course.check is not None
    assert page.course.check.questions == 4
    enrol(ana, course, ReasonKind.SELF)
    page = course_page(ana)
    assert page.card is not None
    assert [resource.title for resource in page.resources] == ["The card", "The site"]
    with pytest.raises(NotFound):
        queries.course_page(person_id=ana.id, partner_id=ana.partner_id, course_key="x", locale="en", now=START)


def test_a_lesson_knows_its_neighbours(ana: Learner, course: UUID) -> None:
    enrol(ana, course)
    view = queries.lesson_page(person_id=ana.id, course_key="first-steps", lesson_key="goodbye", locale="de", now=START)
    assert view.previous is not None
    assert (view.previous.key, view.next, view.lesson.position, view.lessons) == ("hello", None, 2, 2)
    assert view.locale == "en"


def test_before_handing_in_a_page_holds_nothing_that_is_right(ana: Learner, course: UUID) -> None:
    started = actions.start_attempt(enrolment_id=enrol(ana, course), actor=ana.actor, now=START)
    for position in range(1, started.questions + 1):
        said = repr(queries.question_page(person_id=ana.id, attempt_id=started.attempt_id, position=position))
        for secret in ("'correct'", "accepted", "right", "That is for later", "Anything friendly", "'bye'"):
            assert secret not in said
    with pytest.raises(NotFound):
        queries.result_page(person_id=ana.id, attempt_id=started.attempt_id, locale="en", now=START)


def result(ana: Learner, attempt_id: UUID) -> queries.attempts.ResultPage:
    return queries.result_page(person_id=ana.id, attempt_id=attempt_id, locale="en", now=START)


def test_not_passed_names_the_lessons_to_reread_and_keeps_the_solution(ana: Learner, course: UUID) -> None:
    done = take(ana, enrol(ana, course), WRONG)
    page = result(ana, done.attempt_id)
    assert [lesson.key for lesson in page.reread] == ["hello", "goodbye"]
    assert page.card.tries.retake == START + timedelta(minutes=10)
    assert [row.right for row in page.review] == [False, True, True, False]
    assert page.review[0].feedback == "That is for later."
    assert "Anything friendly" not in repr(page)
    assert page.completion_id is None


def test_passed_tells_the_whole_story(ana: Learner, course: UUID) -> None:
    done = take(ana, enrol(ana, course), RIGHT | {"greet": ["b"]})
    page = result(ana, done.attempt_id)
    assert (page.grade.points, page.needed, page.grade.passed) == (3, 3, True)
    assert page.review[3].feedback == "Anything friendly would do."
    assert page.completion_id is not None


def test_a_newer_version_keeps_what_was_finished(
    ana: Learner, course: UUID, publish: Publish, draft: CourseDraft, admit: Callable[[str, str], Learner]
) -> None:
    enrolment = enrol(ana, course)
    finish(ana, enrolment, "hello")
    publish(replace(draft, lessons=(*draft.lessons, replace(draft.lessons[0], key="third"))))
    (card,) = queries.my_courses(ana.id, START)
    assert (card.progress.finished, card.progress.lessons, card.course.n) == (1, 2, 1)
    with scopes.one(ana.partner_id):
        bea = admit("bea", "nordwind")
        enrol(bea, course)
        (card,) = queries.my_courses(bea.id, START)
    assert (card.progress.lessons, card.course.n) == (3, 2)
