"""A learner on a phone, in Arabic, who loses the line in the middle of a knowledge check; and one who takes the check
before the lessons, to test out."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, Route, expect

from gangway.catalog.actions import import_course
from gangway.catalog.tests.samples import RIGHT, small_course
from gangway.identity.actions.sessions import begin_session
from gangway.identity.rules import Method
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.learning import actions as learning
from gangway.learning.models import Attempt, AttemptItem, Enrolment
from gangway.people.actions import activate_person, set_profile
from tests.journeys.learner import leave, phone, readable
from tests.world import OPERATOR, World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def enrolment(world: World, tmp_path: Any) -> UUID:
    """Ana reads Arabic, and is enrolled in the small course."""
    now = clock.now()
    with scopes.one(world.host):
        course_id = import_course(draft=small_course(tmp_path / "course"), actor=OPERATOR, now=now).course_id
    with scopes.one(world.nordwind):
        activate_person(person_id=world.ana.id, actor=OPERATOR, now=now)
        set_profile(person_id=world.ana.id, locale="ar", actor=OPERATOR, now=now)
        reason = learning.ReasonKind.MANUAL
        found = learning.enrol(person_id=world.ana.id, course_id=course_id, reason=reason, actor=OPERATOR, now=now)
    return found.enrolment_id


@pytest.fixture
def page(browser: Browser, world: World, live_server: Any) -> Iterator[Page]:
    context = phone(browser)
    with scopes.one(world.nordwind):
        session = begin_session(
            person_id=world.ana.id, method=Method.CODE, device="", actor=Actor.person(world.ana.id), now=clock.now()
        )
    context.add_cookies([{"name": settings.SESSION_COOKIE, "value": session.cookie, "url": live_server.url}])
    yield context.new_page()
    leave(context)


def answers(world: World) -> dict[str, list[str]]:
    """What is kept of the open or last attempt, by question."""
    with scopes.one(world.nordwind):
        rows = AttemptItem.objects.select_related("question_version__question").order_by("position")
        return {row.question_version.question.key: list(row.answer or []) for row in rows}


def finish_lessons(world: World, enrolment: UUID) -> None:
    with scopes.one(world.nordwind):
        for lesson in ("hello", "goodbye"):
            learning.finish_lesson(enrolment_id=enrolment, lesson_key=lesson, actor=OPERATOR, now=clock.now())


def asked(world: World, n: int) -> str:
    with scopes.one(world.nordwind):
        row = AttemptItem.objects.select_related("question_version__question").get(position=n)
        return str(row.question_version.question.key)


def give(page: Page, key: str) -> None:
    """Answer the question that is shown rightly, as a thumb would."""
    if key == "word":
        page.locator("#answer").fill(RIGHT[key][0])
        return
    for choice in RIGHT[key]:
        page.locator(f"input[name=answer][value={choice}]").check()


def through(page: Page, world: World) -> None:
    """All four questions, and handing in."""
    for n in range(1, 5):
        give(page, asked(world, n))
        page.locator("button[form=answer-form]").click()
        page.wait_for_url("**/hand-in" if n == 4 else f"**/{n + 1}")
    page.locator("form.lesson-bar button").click()
    page.wait_for_url("**/result")


def start(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/courses/first-steps/check")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    readable(page)
    page.locator("main form button").click()
    page.wait_for_url("**/checks/*/1")


def test_answers_wait_out_a_lost_line_and_a_reload(page: Page, live_server: Any, world: World, enrolment: UUID) -> None:
    finish_lessons(world, enrolment)
    start(page, live_server)
    readable(page)
    lost: list[str] = []

    def cut(route: Route) -> None:
        if route.request.method == "POST":
            lost.append(route.request.url)
            route.abort()
        else:
            route.continue_()

    page.route("**/checks/**", cut)
    key = asked(world, 1)
    give(page, key)
    expect(page.locator("[data-waits-here]")).not_to_be_empty()
    assert lost
    assert answers(world)[key] == []
    page.reload()
    if key != "word":
        for choice in RIGHT[key]:
            expect(page.locator(f"input[name=answer][value={choice}]")).to_be_checked()
    expect(page.locator("[data-waits-here]")).not_to_be_empty()

    page.unroute("**/checks/**")
    expect(page.locator("[data-waits-here]")).to_be_empty()
    assert answers(world)[key] == RIGHT[key]
    assert page.evaluate("sessionStorage.getItem('answers')") is None
    through(page, world)
    readable(page)
    with scopes.one(world.nordwind):
        assert Enrolment.objects.get(pk=enrolment).state == "completed"


def test_pressing_next_right_after_typing_goes_on_though_the_line_is_slow(
    page: Page, live_server: Any, world: World, enrolment: UUID
) -> None:
    """What was typed saves itself a moment later; by then the press is on its way, and nothing may call it back."""
    finish_lessons(world, enrolment)
    page.clock.install()
    start(page, live_server)
    n = next(n for n in range(1, 5) if asked(world, n) == "word")
    page.goto(page.url.removesuffix("1") + str(n))
    give(page, "word")
    held: list[Route] = []

    def hold(route: Route) -> None:
        """The press alone; what comes after it goes at once."""
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/checks/**", hold)
    with page.expect_request(lambda request: request.method == "POST"):
        page.locator("button[form=answer-form]").click()
    page.clock.run_for(2_000)
    held[0].continue_()
    page.wait_for_url("**/hand-in" if n == 4 else f"**/{n + 1}")
    assert answers(world)["word"] == RIGHT["word"]


def test_who_knows_it_already_takes_the_check_first(
    page: Page, live_server: Any, world: World, enrolment: UUID
) -> None:
    start(page, live_server)
    through(page, world)
    with scopes.one(world.nordwind):
        attempt = Attempt.objects.get()
        assert attempt.untaught
        assert attempt.passed
        assert Enrolment.objects.get(pk=enrolment).state == "completed"
