"""What the robot makes of a page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.rehearsal.rules import Page, judge_page, made_up, robot_mailbox

GOOD = '<span class="chip" data-state="proven">Valid</span><h1>Partner Essentials</h1>GW-1234'
UNKNOWN = Page(404, "Nobody holds this number.")


def judge(page: Page, control: Page = UNKNOWN) -> tuple[bool, str]:
    seen = judge_page(page, number="GW-1234", title="Partner Essentials", holder="Robot learner", control=control)
    return seen.passed, seen.words


def test_a_genuine_page_passes() -> None:
    assert judge(Page(200, GOOD))[0]


@pytest.mark.parametrize(
    "page, fault",
    [
        (Page(0, ""), "did not answer"),
        (Page(302, ""), "answered 302"),
        (Page(500, GOOD), "answered 500"),
        (Page(200, GOOD.replace("proven", "failed")), "does not say valid"),
        (Page(200, GOOD.replace("1234", "9999")), "number"),
        (Page(200, GOOD.replace("Essentials", "Basics")), "title"),
        (Page(200, GOOD + "Robot learner"), "never agreed"),
    ],
)
def test_each_fault_is_named(page: Page, fault: str) -> None:
    passed, words = judge(page)
    assert not passed
    assert fault in words


def test_a_page_that_says_valid_to_every_number_fails() -> None:
    passed, words = judge(Page(200, GOOD), control=Page(200, GOOD))
    assert not passed
    assert "made-up number" in words


@given(st.text("0123456789ABCDEF-", min_size=1, max_size=22))
def test_a_made_up_number_is_another_one_of_the_same_length(number: str) -> None:
    assert made_up(number) != number
    assert len(made_up(number)) == len(number)


def test_each_version_of_a_course_has_its_robot() -> None:
    assert robot_mailbox("essentials", 1) != robot_mailbox("essentials", 2)
