"""The learner's pages: the whole way by pressing, the colleague and the stranger, the refusals."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from gangway.catalog.rules import Assign, CourseDraft
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.learning import actions, queries
from gangway.learning.models import AttemptItem, Completion, Enrolment, LessonProgress
from gangway.learning.rules import ReasonKind
from gangway.learning.tests.conftest import Learner
from gangway.learning.tests.test_actions import JOB, RIGHT, WRONG

SignIn = Callable[[Learner], Client]
COURSE = "/courses/first-steps"


@pytest.fixture
def browser(ana: Learner, course: UUID, sign_in: SignIn) -> Client:
    """Ana's, enrolled in the small course."""
    actions.enrol(person_id=ana.id, course_id=course, reason=ReasonKind.RULE, actor=JOB, now=clock.now())
    return sign_in(ana)


def without_token(page: Any) -> str:
    return re.sub(r'(name="csrfmiddlewaretoken" value=)"[^"]+"', r"\1", page.content.decode())


def words(page: Any) -> str:
    assert page.status_code == 200, page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


def answers(browser: Client, right: dict[str, list[str]]) -> str:
    """Go through the check as a learner does; the address of the result."""
    page = browser.post(f"{COURSE}/check")
    while "/hand-in" not in page.url:
        attempt, position = re.findall(r"/checks/([^/]+)/(\d+)", page.url)[0]
        item = AttemptItem.objects.get(attempt=attempt, position=position)
        page = browser.post(page.url, {"answer": right[item.question_version.question.key]})
    return str(browser.post(page.url).url)


def test_from_the_course_to_the_result_by_pressing_next(browser: Client) -> None:
    page = browser.get(COURSE)
    assert "The first certificate" in words(page)
    assert "I know it: take the check first" in words(page)

    assert "Say hello" in words(browser.get(f"{COURSE}/lessons/hello"))
    page = browser.post(f"{COURSE}/lessons/hello")
    assert page.url == f"{COURSE}/lessons/goodbye"
    assert "To the check" in words(browser.get(page.url))
    page = browser.post(page.url)
    assert page.url == f"{COURSE}/check"
    assert "3 of 4 right" in words(browser.get(page.url))

    result = answers(browser, RIGHT)
    said = words(browser.get(result))
    assert "You passed First steps" in said
    assert "4 of 4 right; 3 were needed." in said
    assert "Anything friendly would do." in said
    assert Completion.objects.count() == 1
    assert "You completed this on" in words(browser.get(COURSE))


def test_looking_notes_the_lesson_once_and_pins_the_version(browser: Client) -> None:
    for _ in range(2):
        browser.get(f"{COURSE}/lessons/goodbye")
    assert LessonProgress.objects.count() == 1
    assert Enrolment.objects.get().version_id is not None
    browser.head(f"{COURSE}/lessons/hello")
    assert LessonProgress.objects.count() == 1


def test_no_page_before_the_result_holds_what_is_right(browser: Client) -> None:
    page = browser.post(f"{COURSE}/check")
    for position in range(1, 5):
        html = browser.get(re.sub(r"\d+$", str(position), page.url)).content.decode()
        for secret in ("correct", "That is for later", "Anything friendly", ">bye", "checked"):
            assert secret not in html


def test_what_is_chosen_is_saved_in_place_and_still_chosen_later(browser: Client) -> None:
    where = browser.post(f"{COURSE}/check").url
    saved = browser.post(where, {"answer": "b", "stay": "1"})
    assert words(saved).strip() == "Saved · 1 of 4 answered"
    assert browser.get(where).content.decode().count(" checked") == 1
    assert browser.post(f"{COURSE}/check").url == where[:-1] + "2"


def test_not_yet_names_what_to_reread_and_when_to_come_back(browser: Client) -> None:
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as travel:
        said = words(browser.get(answers(browser, WRONG)))
        assert "Not yet" in said
        assert "2 of 4 right; 3 are needed." in said
        assert re.search("Worth rereading Hello .* Goodbye", said)
        assert "2 Mar 2026, 09:10 UTC" in said
        assert "Anything friendly" not in said

        assert browser.post(f"{COURSE}/check").url == f"{COURSE}/check"
        assert "You can take it again from 2 Mar 2026, 09:10 UTC" in words(browser.get(f"{COURSE}/check"))
        travel.shift(timedelta(minutes=10))
        assert "Start the check" in words(browser.get(f"{COURSE}/check"))
        assert "You passed" in words(browser.get(answers(browser, RIGHT)))


def test_handing_in_twice_by_two_presses_completes_once(browser: Client) -> None:
    result = answers(browser, RIGHT)
    again = browser.post(result.replace("result", "hand-in"))
    assert again.url == result
    assert browser.get(result.replace("result", "1")).url == result
    assert browser.post(result.replace("result", "1"), {"answer": "b"}).url == result
    assert Completion.objects.count() == 1


def test_over_time_one_is_sent_to_hand_in_what_is_there(
    ana: Learner, publish: Callable[[CourseDraft], UUID], draft: CourseDraft, sign_in: SignIn
) -> None:
    assert draft.check is not None
    with time_machine.travel("2026-03-02 09:00Z", tick=False) as travel:
        publish(replace(draft, check=replace(draft.check, time_limit_minutes=20)))
        browser = sign_in(ana)
        browser.post(f"{COURSE}/begin")
        where = browser.post(f"{COURSE}/check").url
        assert "Time until 2 Mar 2026, 09:20 UTC" in words(browser.get(where))
        travel.shift(timedelta(minutes=26))
        assert "The time is over" in words(browser.get(where))
        assert browser.post(where, {"answer": "a"}).url.endswith("/hand-in")
        assert "Not saved" in words(browser.post(where, {"answer": "a", "stay": "1"}))
        assert not AttemptItem.objects.filter(saved_at__isnull=False).exists()


def test_a_course_of_ones_own_choice_is_begun_by_a_press(
    ana: Learner, publish: Callable[[CourseDraft], UUID], draft: CourseDraft, sign_in: SignIn
) -> None:
    publish(replace(draft, assign=Assign.NOBODY))
    browser = sign_in(ana)
    assert "To choose First steps" in words(browser.get("/courses"))
    assert "after you start" in words(browser.get(COURSE))
    assert browser.get(f"{COURSE}/begin").status_code == 405
    assert not Enrolment.objects.exists()

    assert browser.post(f"{COURSE}/begin").url == f"{COURSE}/lessons/hello"
    assert browser.post(f"{COURSE}/begin", {"then": "check"}).url == f"{COURSE}/check"
    assert Enrolment.objects.count() == 1
    assert "To do First steps" in words(browser.get("/courses"))
    assert "Hello, goodbye." in words(browser.get(f"{COURSE}/keep/the-card"))


def test_a_course_without_a_check_ends_with_its_last_lesson(
    ana: Learner, publish: Callable[[CourseDraft], UUID], draft: CourseDraft, sign_in: SignIn
) -> None:
    publish(replace(draft, check=None))
    browser = sign_in(ana)
    browser.post(f"{COURSE}/begin")
    assert browser.post(f"{COURSE}/lessons/hello").url == f"{COURSE}/lessons/goodbye"
    assert browser.post(f"{COURSE}/lessons/goodbye").url == COURSE
    assert "You completed this on" in words(browser.get(COURSE))
    assert browser.get(f"{COURSE}/check").status_code == 404
    assert "Done First steps" in words(browser.get("/courses"))


def test_somebody_without_a_course_is_told_what_will_come(ana: Learner, sign_in: SignIn) -> None:
    assert "No course yet" in words(sign_in(ana).get("/courses"))


@pytest.mark.parametrize("partner", ["nordwind", "suedstern"])
def test_anas_pages_are_unknown_to_a_colleague_and_to_a_stranger(
    browser: Client, ana: Learner, admit: Callable[[str, str], Learner], sign_in: SignIn, partner: str
) -> None:
    attempt = browser.post(f"{COURSE}/check").url.split("/")[2]
    other = sign_in(admit("other", partner))
    never = "01900000-0000-7000-8000-000000000000"
    for path in ("1", "hand-in", "result"):
        for method in (other.get, other.post):
            theirs, nobodys = method(f"/checks/{attempt}/{path}"), method(f"/checks/{never}/{path}")
            assert theirs.status_code == nobodys.status_code == 404
            assert without_token(theirs) == without_token(nobodys)
    for path in ("/lessons/hello", "/check", "/keep/the-card"):
        assert other.get(COURSE + path).status_code == 404
        assert other.post(COURSE + path).status_code in (404, 405)
    with scopes.one(ana.partner_id):
        assert not AttemptItem.objects.filter(saved_at__isnull=False).exists()
        assert queries.my_courses(ana.id, clock.now())[0].tries.handed_in == 0


def test_signed_out_one_is_asked_to_sign_in(client: Client, course: UUID) -> None:
    for name in ("courses", "course", "check"):
        args = {} if name == "courses" else {"course": "first-steps"}
        assert client.get(reverse(f"learning:{name}", kwargs=args)).url.startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["nothing", "first-steps/lessons/nothing", "first-steps/keep/nothing", "a%00b", "x" * 90]
)
def test_what_does_not_exist_is_not_found(browser: Client, path: str) -> None:
    assert browser.get(f"/courses/{path}").status_code == 404
