"""A course page costs less at the second look, and says what it would have said at the first.

These tests commit: what a transaction sees is not kept.
"""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.test import Client

from gangway.catalog.models import CourseAudience
from gangway.catalog.rules import Assign, AudienceKind, CourseDraft
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import enrol
from gangway.learning.tests.test_queries import statements

Publish = Callable[[CourseDraft], UUID]
pytestmark = pytest.mark.django_db(transaction=True)


def course_page(who: Learner, locale: str = "en") -> queries.CoursePage:
    return queries.course_page(
        person_id=who.id, partner_id=who.partner_id, course_key="first-steps", locale=locale, now=START
    )


def lesson_page(who: Learner) -> queries.LessonView:
    return queries.lesson_page(person_id=who.id, course_key="first-steps", lesson_key="hello", locale="en", now=START)


def test_the_first_look_reads_what_the_version_says_and_the_second_only_the_learner(ana: Learner, course: UUID) -> None:
    enrol(ana, course)
    seen = list[queries.CoursePage]()
    assert [statements(lambda: seen.append(course_page(ana))) for _ in range(3)] == [6, 3, 3]
    assert seen[0] == seen[1] == seen[2]
    assert [statements(lambda: course_page(ana, "de")) for _ in range(2)] == [4, 3]
    assert [statements(lambda: lesson_page(ana)) for _ in range(2)] == [4, 4]
    assert [statements(lambda: queries.my_courses(ana.id, START)) for _ in range(2)] == [4, 3]


def test_what_the_learner_does_shows_at_the_next_look(ana: Learner, course: UUID) -> None:
    enrolment = enrol(ana, course)
    course_page(ana)
    actions.finish_lesson(enrolment_id=enrolment, lesson_key="hello", actor=ana.actor, now=START)
    card = course_page(ana).card
    assert card is not None
    assert (card.finished_keys, card.lesson_key) == (frozenset({"hello"}), "goodbye")


def test_a_new_version_shows_at_once_to_who_has_not_begun_and_never_to_who_has(
    ana: Learner, admit: Callable[[str, str], Learner], publish: Publish, draft: CourseDraft
) -> None:
    course = publish(draft)
    begun = enrol(ana, course)
    actions.open_lesson(enrolment_id=begun, lesson_key="hello", actor=ana.actor, now=START)
    ben = admit("ben", "nordwind")
    enrol(ben, course)
    assert [course_page(who).course.title for who in (ana, ben)] == ["First steps", "First steps"]
    lessons = (replace(draft.lessons[0], title="Good day"), *draft.lessons[1:])
    publish(replace(draft, title="Next steps", lessons=lessons))
    old, new = course_page(ana), course_page(ben)
    assert [page.course.title for page in (old, new)] == ["First steps", "Next steps"]
    assert [page.lessons[0].title for page in (old, new)] == ["Hello", "Good day"]


def test_what_one_partner_has_looked_at_is_no_door_for_another(
    ana: Learner, admit: Callable[[str, str], Learner], publish: Publish, draft: CourseDraft, partners: dict[str, UUID]
) -> None:
    course = publish(replace(draft, assign=Assign.NOBODY))
    with scopes.one(partners["host"]):
        CourseAudience.objects.filter(course=course).delete()
        CourseAudience.objects.create(
            owner_id=partners["host"], course_id=course, kind=AudienceKind.PARTNER, partner_id=ana.partner_id
        )
    enrol(ana, course)
    caz = admit("caz", "suedstern")
    for _ in range(2):
        assert course_page(ana).course.title == "First steps"
    with scopes.one(caz.partner_id), pytest.raises(NotFound):
        course_page(caz)


def test_the_page_costs_at_most_six_statements_beside_the_scope(
    ana: Learner, course: UUID, sign_in: Callable[[Learner], Client]
) -> None:
    enrol(ana, course)
    browser = sign_in(ana)
    costs = [statements(lambda: browser.get("/courses/first-steps")) for _ in range(2)]
    assert costs == [8, 5]
