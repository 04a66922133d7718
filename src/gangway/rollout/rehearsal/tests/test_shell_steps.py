"""Steps, what is shown of a request, and what the shell is told."""

import json

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.rehearsal.shell.brief import Brief, NoBrief
from gangway.rollout.rehearsal.shell.browser import Browser, Page
from gangway.rollout.rehearsal.shell.mailbox import Letter, Mailbox
from gangway.rollout.rehearsal.shell.provider import Provider
from gangway.rollout.rehearsal.shell.steps import Asked, Step, Task, Unexpected, shown_path, walk
from gangway.rollout.rehearsal.shell.walk import Walk

BRIEF = {
    "address": "http://127.0.0.1:1",
    "scim_token": "secret",
    "oidc": "http://127.0.0.1:1/sso/a",
    "saml": "http://127.0.0.1:1/sso/b",
    "robots": ["one@x.invalid", "two@x.invalid"],
    "course": "rehearsal",
    "title": "Rehearsal",
    "lessons": ["one"],
    "answers": ["Yes"],
    "foreign": "0195a1c0-0000-7000-8000-000000000001",
}


@given(
    st.text("abcdefghijkABCDEFGHIJK0123456789_-", min_size=32, max_size=64).filter(
        lambda text: any(map(str.isdigit, text))
    )
)
def test_no_token_is_shown(token: str) -> None:
    assert token not in shown_path(f"http://somewhere/invitation/{token}?next={token}")


@pytest.mark.parametrize(
    "url, shown",
    [
        ("http://a/scim/v2/Users/0195a1c0-0000-7000-8000-000000000001?x=1", None),
        ("http://a/courses/partner-essentials/lessons/one", None),
        ("http://a/sign-in/link/" + "q1" * 20, "/sign-in/link/…"),
        ("http://a", "/"),
    ],
)
def test_a_path_is_shown_as_far_as_it_is_no_secret(url: str, shown: str | None) -> None:
    assert shown_path(url) == (shown or url.removeprefix("http://a").partition("?")[0])


def fails() -> None:
    raise Unexpected("status 200", Asked("GET", "/x", 500))


def test_what_rests_on_a_failed_step_is_not_tried_and_the_rest_is() -> None:
    heard: list[Step] = []
    done: list[str] = []
    tasks = [
        Task("a", lambda: done.append("a")),
        Task("b", fails),
        Task("c", lambda: done.append("c"), ("a", "b")),
        Task("d", lambda: done.append("d"), ("a",)),
    ]
    steps = walk(tasks, heard.append, lambda: None)
    assert done == ["a", "d"]
    assert heard == steps
    assert [(step.passed, step.reached) for step in steps] == [
        (True, True),
        (False, True),
        (False, False),
        (True, True),
    ]
    assert steps[0].as_dict().keys() == {"name", "passed", "ms"}
    assert steps[1].as_dict()["failed"] == {"expected": "status 200", "method": "GET", "path": "/x", "status": 500}


def test_an_answer_that_nobody_can_read_fails_its_step_and_the_walk_goes_on() -> None:
    """The whole walk must not end there: it would look as if everything before had been all of it."""
    tasks = [Task("a", lambda: json.loads("<html>")), Task("b", lambda: None)]
    first, second = walk(tasks, lambda _: None, lambda: Asked("POST", "/scim/v2/Users", 201))
    assert (first.passed, first.path, first.status) == (False, "/scim/v2/Users", 201)
    assert first.expected == "an answer that can be read; JSONDecodeError came of it"
    assert second.passed


def test_a_failure_says_what_the_page_said() -> None:
    """The heading and what follows, of a directory its detail; nothing of a form or a script."""
    html = (
        "<main><form><input value=secret></form><h1>No sign-in\n here</h1><p>Ask.</p><b class=ask-number>A-1</b></main>"
    )
    for answer, said in (
        (httpx.Response(403, html=html, request=httpx.Request("GET", "http://a/x")), "No sign-in here. Ask. (A-1)"),
        (httpx.Response(409, json={"detail": "Taken."}, request=httpx.Request("GET", "http://a/x")), "Taken."),
        (httpx.Response(500, html="", request=httpx.Request("GET", "http://a/x")), ""),
    ):
        page = Page(answer, Asked("GET", "/x", answer.status_code))
        with pytest.raises(Unexpected) as error:
            page.must(False, "signed in")
        assert error.value.asked == Asked("GET", "/x", answer.status_code, said)


def test_a_failure_names_the_last_request_where_it_has_none_of_its_own() -> None:
    def act() -> None:
        raise Unexpected("a letter")

    (step,) = walk([Task("a", act)], lambda _: None, lambda: Asked("POST", "/sign-in", 302))
    assert (step.method, step.path, step.status) == ("POST", "/sign-in", 302)
    (step,) = walk([Task("a", act)], lambda _: None, lambda: None)
    assert (step.method, step.path, step.status) == ("", "", 0)


def test_a_brief_is_read_whole_or_not_at_all() -> None:
    brief = Brief.read(BRIEF)
    assert (brief.robots, brief.patience) == (("one@x.invalid", "two@x.invalid"), 30.0)
    assert "secret" not in repr(brief)
    for wrong in ([], {}, {**BRIEF, "more": 1}, {**BRIEF, "lessons": "one"}, {**BRIEF, "robots": ["one"]}):
        with pytest.raises(NoBrief):
            Brief.read(wrong)


class Typing(Walk):
    """A walk whose browser takes only `right`; what it asked for and typed is kept."""

    def __init__(self, came: list[str], right: str) -> None:
        super().__init__(Brief.read(BRIEF), Mailbox(), Provider())
        self.typed: list[str] = []
        self.right = right
        self.mailbox._letters = [self.letter("000000")]
        self.later = [self.letter(code) for code in came]

    def letter(self, code: str) -> Letter:
        return Letter("one@x.invalid", f"{code} is your code", "http://127.0.0.1:1/sign-in/link/abc")

    def _ask(self, robot: Browser) -> None:
        self.mailbox._letters += self.later
        self.later = [self.letter("999999")]

    def _typed(self, letter: tuple[str, str]) -> Page:
        self.typed.append(letter[1])
        status = 200 if letter[1] == self.right else 400
        answer = httpx.Response(status, request=httpx.Request("POST", "http://a/welcome"))
        return Page(answer, Asked("POST", "/welcome", status))


@pytest.mark.parametrize("came", [["111111"], ["222222", "111111"]])
def test_a_code_that_a_slow_worker_sends_late_is_not_taken_for_the_one_asked_for(came: list[str]) -> None:
    robots = Typing(came, "111111")
    robots.fallback_opens()
    assert robots.typed == came
    assert robots.unspent[1] == "999999"


def test_a_code_that_came_while_the_provider_was_well_fails_the_walk() -> None:
    robots = Typing([], "111111")
    robots.mailbox._letters.append(robots.letter("333333"))
    with pytest.raises(Unexpected, match="while the company's own sign-in is well"):
        robots.primary_fails()
