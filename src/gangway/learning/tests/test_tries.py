"""A bank of which each try asks some, tries that run out, and a check that comes after the lessons."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from gangway.catalog import queries as catalog
from gangway.catalog.rules import CheckDraft, CourseDraft
from gangway.catalog.tests.samples import RIGHT
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.learning import actions, queries
from gangway.learning.actions.attempts import LessonsFirst, NoTriesLeft, TooSoon
from gangway.learning.actions.by_hand import CompletedAlready
from gangway.learning.actions.tries import OwnTry, StillHasTries
from gangway.learning.models import Attempt, AttemptItem
from gangway.learning.rules import Step
from gangway.learning.tests.conftest import START, Learner
from gangway.learning.tests.test_actions import JOB, WRONG, enrol, take
from gangway.learning.tests.test_enrolment_pages import words
from gangway.people.actions import grant_role

Publish = Callable[[CourseDraft], UUID]
DAYS = [START + timedelta(days=n) for n in range(6)]


@pytest.fixture
def strict(course: UUID, draft: CourseDraft, publish: Publish) -> Callable[..., UUID]:
    """The course with other terms of its check."""

    def make(**terms: int | bool) -> UUID:
        assert draft.check is not None
        check: CheckDraft = replace(draft.check, **terms)  # type: ignore[arg-type]
        return publish(replace(draft, check=check))

    return make


def finish_all(ana: Learner, enrolment: UUID) -> None:
    for key in ("hello", "goodbye"):
        actions.finish_lesson(enrolment_id=enrolment, lesson_key=key, actor=ana.actor, now=START)


def step(ana: Learner) -> Step:
    (card,) = queries.my_courses(ana.id, DAYS[-1])
    return card.step


def test_each_try_asks_some_of_the_bank_and_is_judged_by_them(ana: Learner, strict: Callable[..., UUID]) -> None:
    enrolment = enrol(ana, strict(draw=2))
    days = [START + timedelta(days=n) for n in range(16)]  # so many draws alike: less than once in a billion
    sizes, seen = set(), set()
    for day in days:
        take(ana, enrolment, WRONG | {"polite": ["f"], "both": ["c"]}, day)
    for attempt in Attempt.objects.all():
        items = AttemptItem.objects.filter(attempt=attempt).order_by("position")
        sizes.add((attempt.points_max, tuple(items.values_list("position", flat=True))))
        seen |= set(items.values_list("question_version__question__key", flat=True))
    assert sizes == {(2, (1, 2))}
    assert len(seen) > 2, "the draw changes"
    assert take(ana, enrolment, RIGHT, days[-1] + timedelta(days=1)).grade.points == 2
    (card,) = queries.my_courses(ana.id, days[-1])
    assert card.course.check is not None
    assert (card.course.questions, card.course.check.questions, card.course.check.bank) == (2, 2, 4)


def test_tries_run_out_until_somebody_allows_another(
    ana: Learner, admit: Callable[[str, str], Learner], strict: Callable[..., UUID]
) -> None:
    ben = admit("ben", "nordwind")
    enrolment = enrol(ana, strict(max_tries=2))
    finish_all(ana, enrolment)

    def allow(who: Learner = ben) -> None:
        actions.allow_try(enrolment_id=enrolment, actor=who.actor, now=DAYS[3])

    take(ana, enrolment, WRONG, DAYS[0])
    with pytest.raises(StillHasTries):
        allow()
    with pytest.raises(TooSoon):
        take(ana, enrolment, WRONG, DAYS[0])
    take(ana, enrolment, WRONG, DAYS[1])
    assert step(ana) is Step.ASK
    with pytest.raises(NoTriesLeft):
        take(ana, enrolment, RIGHT, DAYS[2])
    with pytest.raises(OwnTry):
        allow(ana)

    allow()
    assert step(ana) is Step.CHECK
    with pytest.raises(StillHasTries):
        allow()
    entry = AuditEntry.objects.get(verb="learning.enrolment.allow_try")
    assert (entry.actor_id, entry.changes) == (str(ben.id), {"extra": 1})
    assert take(ana, enrolment, RIGHT, DAYS[4]).completed
    with pytest.raises(CompletedAlready):
        allow()


def test_a_try_that_is_open_or_not_begun_needs_no_other(
    ana: Learner, admit: Callable[[str, str], Learner], strict: Callable[..., UUID]
) -> None:
    ben, enrolment = admit("ben", "nordwind"), enrol(ana, strict(max_tries=1))
    for begin in (lambda: None, lambda: actions.start_attempt(enrolment_id=enrolment, actor=ana.actor, now=START)):
        begin()
        with pytest.raises(StillHasTries):
            actions.allow_try(enrolment_id=enrolment, actor=ben.actor, now=START)


def test_one_try_to_test_out_is_free(ana: Learner, strict: Callable[..., UUID]) -> None:
    enrolment = enrol(ana, strict(max_tries=1))
    take(ana, enrolment, WRONG, DAYS[0])
    finish_all(ana, enrolment)
    take(ana, enrolment, WRONG, DAYS[1])
    with pytest.raises(NoTriesLeft):
        take(ana, enrolment, RIGHT, DAYS[2])
    assert sorted(Attempt.objects.values_list("untaught", flat=True)) == [False, True]


def test_a_check_may_come_after_the_lessons_only(ana: Learner, strict: Callable[..., UUID]) -> None:
    enrolment = enrol(ana, strict(test_out=False))
    with pytest.raises(LessonsFirst):
        take(ana, enrolment, RIGHT)
    assert not Attempt.objects.exists()
    finish_all(ana, enrolment)
    assert take(ana, enrolment, RIGHT).completed


def test_new_terms_are_a_new_version_and_none_leave_the_course_as_it_is(
    strict: Callable[..., UUID], course: UUID
) -> None:
    def version() -> int:
        found = catalog.published_course(course)
        assert found is not None
        return found.n

    first = version()
    strict()
    assert version() == first
    strict(draw=2)
    assert version() == first + 1


def test_pages_say_how_often_and_to_whom_to_turn(
    ana: Learner,
    admit: Callable[[str, str], Learner],
    strict: Callable[..., UUID],
    sign_in: Callable[[Learner], Client],
) -> None:
    ben = admit("ben", "nordwind")
    grant_role(person_id=ben.id, role="partner_admin", actor=JOB, now=START)
    enrolment = enrol(ana, strict(max_tries=1, draw=2, test_out=False))
    hers = sign_in(ana)
    before = words(hers.get("/courses/first-steps/check"))
    assert "2, drawn anew from 4 for each try" in before
    assert "1 try in all" in before
    assert "2 lessons are left." in before
    assert hers.post("/courses/first-steps/check").url == "/courses/first-steps/check"
    assert "take the check first" not in words(hers.get("/courses/first-steps"))

    finish_all(ana, enrolment)
    take(ana, enrolment, {key: [] for key in RIGHT}, clock.now() - timedelta(days=1))
    for path in ("/courses/first-steps/check", "/courses/first-steps"):
        assert "You have used every try" in words(hers.get(path))
    assert "/checks/" not in hers.post("/courses/first-steps/check").url

    his = sign_in(ben)
    page = f"/desk/enrolments/{enrolment}"
    assert "Its knowledge check can be tried once." in words(his.get(page))
    assert his.post(page, {"do": "try"}).url == f"{page}?done=try"
    assert "1 try was allowed beyond." in words(his.get(f"{page}?done=try"))
    assert "without another try being allowed" in words(his.post(page, {"do": "try"}), 422)
    assert "You have 1 try left." in words(sign_in(ana).get("/courses/first-steps/check"))
