"""The library: what is on the shelves, what a search leaves, what one begins there, and what is not for oneself."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from gangway.catalog.models import CourseAudience
from gangway.catalog.rules import Assign, AudienceKind, CourseDraft
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.queries import Library
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB
from gangway.learning.tests.test_enrolment_pages import words

Publish = Callable[[CourseDraft], UUID]


@pytest.fixture
def other(publish: Publish, draft: CourseDraft) -> UUID:
    """A course that nobody is enrolled in by rule."""
    told = replace(draft, title="Séance pour experts", summary="Deals and margins")
    return publish(replace(told, key="for-experts", assign=Assign.NOBODY))


def search(ana: Learner, query: str = "", locale: str = "en") -> Library:
    return queries.library(person_id=ana.id, partner_id=ana.partner_id, query=query, locale=locale, now=START)


def test_the_shelves_hold_what_is_mine_and_what_i_may_begin(ana: Learner, course: UUID, other: UUID) -> None:
    assert (len(search(ana).courses), search(ana).kept) == (2, ())
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=START)
    shelves = search(ana)
    assert [row.course_id for row in shelves.courses] == [other]
    assert {row.course.course_id for row in shelves.kept} == {course}
    assert shelves.kept_all == len(shelves.kept) >= 1


@pytest.mark.parametrize(
    ("query", "found"), [("SEANCE", 1), ("margins experts", 1), ("margins nonsense", 0), ("  ", 1)]
)
def test_a_search_finds_words_whatever_their_case_and_accents(
    ana: Learner, course: UUID, other: UUID, query: str, found: int
) -> None:
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=START)
    shelves = search(ana, query)
    assert (len(shelves.courses), shelves.courses_all) == (found, 1)
    assert bool(shelves.kept) == (not query.strip())
    assert [row.resource.title for row in search(ana, "the CARD").kept] == ["The card"]


def test_the_statements_do_not_grow_with_courses(ana: Learner, publish: Publish, draft: CourseDraft) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            search(ana)
        return len(seen)

    def learn(n: int) -> None:
        course = publish(replace(draft, key=f"course-{n}"))
        actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=START)

    learn(1)
    few = cost()
    for n in range(2, 6):
        learn(n)
    assert cost() == few


def test_one_begins_a_course_from_its_shelf(
    admit: Callable[[str, str], Learner], course: UUID, other: UUID, sign_in: Callable[[Learner], Client]
) -> None:
    ana = admit("ana", "nordwind")
    browser = sign_in(ana)
    said = words(browser.get("/library"))
    assert "2 courses to begin." in said
    assert "things to keep" not in said
    assert "/library" in browser.get("/").content.decode()
    assert browser.post("/courses/for-experts/begin").status_code == 302
    with scopes.one(ana.partner_id):
        reason = EnrolmentReason.objects.get(enrolment=Enrolment.objects.get(course=other))
        assert reason.kind == ReasonKind.SELF
    said = words(browser.get("/library"))
    assert "1 course to begin." in said
    assert "Nothing here has these words." in words(browser.get("/library?q=zzzz"))
    assert "Show everything" in words(browser.get("/library?q=zzzz"))


def test_a_course_of_another_partner_stands_on_no_shelf(
    admit: Callable[[str, str], Learner], sign_in: Callable[[Learner], Client], publish: Publish, draft: CourseDraft
) -> None:
    ana, caz = admit("ana", "nordwind"), admit("caz", "suedstern")
    browser = sign_in(ana)
    said = words(browser.get("/library"))
    assert "There is nothing to keep or to begin yet." in said
    assert "Nothing on the shelves yet" in said
    theirs = publish(replace(draft, key="theirs", title="Only ours"))
    CourseAudience.objects.filter(course=theirs).update(kind=AudienceKind.PARTNER, partner=caz.partner_id)
    assert "Only ours" not in words(browser.get("/library"))
    assert browser.post("/courses/theirs/begin").status_code == 404
