"""What the robot makes of a page."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.rehearsal import rules
from gangway.rollout.rehearsal.rules import (
    Page,
    first_failure,
    judge_page,
    made_up,
    passes,
    read_step,
    robot_mailbox,
    robots,
    run_name,
    why_broken_off,
)

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


STEPS = st.lists(st.fixed_dictionaries({"name": st.text(max_size=5), "passed": st.booleans(), "ms": st.integers(0, 9)}))


@given(STEPS, st.booleans())
def test_a_rehearsal_passes_only_whole(steps: list[dict[str, object]], ended: bool) -> None:
    assert passes(steps, ended=ended) == (ended and bool(steps) and not [one for one in steps if not one["passed"]])
    failed = first_failure(steps)
    assert (failed is None) == all(one["passed"] for one in steps)


@pytest.mark.parametrize(
    "code, steps, ended",
    [
        (0, [True], True),
        (1, [True, False], True),
        (1, [True, True], False),  # it died on the way, and nothing it had done so far had failed
        (0, [True, False], False),
        (0, [], False),
        (-9, [True], False),
        (2, [], False),
    ],
)
def test_a_process_that_died_on_the_way_did_not_come_to_its_end(code: int, steps: list[bool], ended: bool) -> None:
    told = [{"name": "a", "passed": passed, "ms": 1} for passed in steps]
    assert (why_broken_off(code, told) == "") is ended
    assert passes(told, ended=why_broken_off(code, told) == "") is (ended and all(steps))


def test_what_was_not_reached_did_not_fail_first() -> None:
    steps = [{"name": "a", "passed": False, "reached": False}, {"name": "b", "passed": False, "reached": True}]
    assert first_failure(steps) == steps[1]


@given(
    st.one_of(st.none(), st.integers(), st.text(), st.lists(st.integers()), st.dictionaries(st.text(), st.integers()))
)
def test_what_is_no_step_is_none(value: object) -> None:
    assert read_step(value) is None


def test_a_step_is_read_and_nothing_beside_it() -> None:
    good = {"name": "reach", "passed": True, "ms": 3}
    assert read_step({**good, "token": "secret", "failed": {"expected": "x"}}) == good
    bad = {**good, "passed": False, "reached": True}
    failed = {"expected": "x", "method": "GET", "path": "/y", "status": 500}
    assert read_step({**bad, "failed": {**failed, "token": "secret"}}) == {**bad, "failed": failed}
    assert read_step({**bad, "failed": {"status": "none"}}) == {
        **bad,
        "failed": {"expected": "", "method": "", "path": "", "status": 0},
    }
    assert read_step({**bad, "failed": None}) == {**good, "passed": False}
    for wrong in ({"ms": "3"}, {"passed": 1}, {"name": 1}):
        assert read_step({**good, **wrong}) is None


def test_each_run_has_its_own_robots() -> None:
    one, two = run_name("0195a1c0-0000-7000-8000-0000000000f1"), run_name("0195a1c0-0000-7000-8000-0000000000f2")
    assert len({*robots(one), *robots(two)}) == 4


DAYS = st.integers(0, 45).map(lambda back: date(2026, 3, 31) - timedelta(days=back))


@given(st.lists(st.tuples(DAYS, st.booleans()), max_size=60))
def test_every_night_of_thirty_is_there_once_and_one_failure_counts(ran: list[tuple[date, bool]]) -> None:
    found = rules.nights(ran, date(2026, 3, 31))
    assert [night.day for night in found] == [date(2026, 3, 2) + timedelta(days=n) for n in range(30)]
    for night in found:
        that = [passed for day, passed in ran if day == night.day]
        assert night.passed == (all(that) if that else None)


@given(st.lists(st.sampled_from([True, False, None]), max_size=30))
def test_green_nights_are_counted_back_from_the_last(came: list[bool | None]) -> None:
    found = [rules.Night(date(2026, 3, 1) + timedelta(days=n), passed) for n, passed in enumerate(came)]
    green = rules.green_running(found)
    ran = came[:-1] if came and came[-1] is None else came
    assert ran[len(ran) - green :] == [True] * green
    assert green == len(ran) or ran[len(ran) - green - 1] is not True


@pytest.mark.parametrize(
    ("local", "last", "due"),
    [
        ("2026-03-28T01:59", None, False),
        ("2026-03-28T02:00", None, True),
        ("2026-03-28T02:00", "2026-03-27T02:00", True),
        ("2026-03-28T23:59", "2026-03-28T02:00", False),
        ("2026-03-28T17:00", "2026-03-27T02:00", True),  # the machine was off at two
        ("2026-03-29T03:00", "2026-03-28T02:00", True),  # the night that has no two o'clock
        ("2026-10-25T02:30", "2026-10-25T02:10", False),  # the night that has it twice
    ],
)
def test_one_night_begins_a_day_by_the_vendors_clock(local: str, last: str | None, due: bool) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime.fromisoformat(last).replace(tzinfo=berlin).astimezone(UTC) if last else None
    assert rules.night_due(datetime.fromisoformat(local).replace(tzinfo=berlin), before) is due
