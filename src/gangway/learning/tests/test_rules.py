from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from gangway.learning.rules import (
    GRACE,
    EnrolmentState,
    Progress,
    Standing,
    Step,
    Urgency,
    clean_answer,
    completes,
    deadline,
    drawn,
    grade,
    is_overdue,
    is_past,
    may_start,
    may_test_out,
    most_urgent,
    needed,
    next_lesson,
    next_step,
    progress,
    retake_at,
    shown_orders,
    stands,
    takes_answers,
    tries_left,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PERCENT = st.integers(min_value=1, max_value=100)
KEYS = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(right=st.lists(st.booleans(), min_size=1, max_size=40), percent=PERCENT)
def test_passing_is_reaching_the_percentage_and_one_more_point_never_hurts(right: list[bool], percent: int) -> None:
    reached = grade(right, percent)
    assert reached.points == sum(right)
    assert reached.points_max == len(right)
    assert reached.passed == (100 * sum(right) >= percent * len(right))
    assert grade([True] * len(right), percent).passed
    if reached.passed and False in right:
        better = right[:]
        better[right.index(False)] = True
        assert grade(better, percent).passed


@given(percent=PERCENT, questions=st.integers(min_value=1, max_value=60))
def test_the_points_needed_are_the_fewest_that_pass(percent: int, questions: int) -> None:
    fewest = needed(percent, questions)
    assert 1 <= fewest <= questions
    assert grade([True] * fewest + [False] * (questions - fewest), percent).passed
    assert not grade([True] * (fewest - 1) + [False] * (questions - fewest + 1), percent).passed


def test_nothing_asked_is_nothing_passed() -> None:
    assert not grade([], 1).passed


@given(seed=st.integers(min_value=0, max_value=2**62), questions=st.lists(KEYS, max_size=6))
def test_choices_are_shown_in_an_order_that_the_seed_gives_again(seed: int, questions: list[list[str]]) -> None:
    orders = shown_orders(seed, questions)
    assert [sorted(order) for order in orders] == [sorted(keys) for keys in questions]
    assert shown_orders(seed, questions) == orders


@given(st.integers(min_value=0, max_value=2**62))
def test_true_stays_before_false(seed: int) -> None:
    assert shown_orders(seed, [["t", "f"]]) == [["t", "f"]]


BANKS = st.lists(st.sampled_from("abcd"), max_size=30)
SEEDS = st.integers(min_value=0, max_value=2**62)


@given(seed=SEEDS, topics=BANKS, draw=st.none() | st.integers(min_value=1, max_value=35))
def test_a_draw_takes_from_each_topic_in_turn(seed: int, topics: list[str], draw: int | None) -> None:
    asked = drawn(seed, topics, draw)
    assert asked == sorted(set(asked))
    assert len(asked) == min(draw or len(topics), len(topics))
    assert drawn(seed, topics, draw) == asked
    taken = Counter(topics[index] for index in asked)
    for topic, size in Counter(topics).items():
        assert taken[topic] == size or taken[topic] >= max(taken.values()) - 1


def test_a_draw_does_change_between_tries_and_leaves_out_no_question_for_ever() -> None:
    seen = [tuple(drawn(seed, "aaaabbbb", 4)) for seed in range(60)]
    assert len(set(seen)) > 10
    assert set(chain.from_iterable(seen)) == set(range(8))


@given(untaught=st.lists(st.booleans(), max_size=8), most=st.integers(1, 6), extra=st.integers(0, 3))
def test_tries_run_out_and_one_to_test_out_is_not_counted(untaught: list[bool], most: int, extra: int) -> None:
    left = tries_left(untaught, most, extra)
    assert left == max(0, most + extra - (len(untaught) - (True in untaught)))
    assert tries_left(untaught, None, extra) is None


@given(test_out=st.booleans(), finished=st.integers(0, 3), handed_in=st.integers(0, 2))
def test_a_check_that_comes_after_the_lessons_waits_for_them(test_out: bool, finished: int, handed_in: int) -> None:
    may = may_test_out(test_out=test_out, progress=Progress(finished=finished, lessons=3), handed_in=handed_in)
    assert may == (test_out or finished == 3 or handed_in > 0)


def test_without_a_try_left_the_one_next_thing_is_to_ask() -> None:
    whole = Progress(finished=2, lessons=2)
    for left, step in ((0, Step.ASK), (1, Step.CHECK), (None, Step.CHECK)):
        standing = Standing(state=EnrolmentState.ACTIVE, opened=True, progress=whole, has_check=True, tries_left=left)
        assert next_step(standing, NOW) is step


def test_the_order_does_change_between_attempts() -> None:
    assert len({tuple(shown_orders(seed, [list("abcd")])[0]) for seed in range(20)}) > 5


@given(answer=st.lists(st.text(max_size=3)), shown=KEYS)
def test_only_choices_that_were_shown_are_kept_each_once(answer: list[str], shown: list[str]) -> None:
    kept = clean_answer(answer, shown)
    if shown:
        assert set(kept) == set(answer) & set(shown)
        assert len(kept) == len(set(kept))
    else:
        assert len(kept) <= 1
    assert clean_answer(kept, shown) == kept


@given(st.text(max_size=2000))
def test_a_typed_answer_is_kept_short_and_storable(text: str) -> None:
    kept = clean_answer([text], [])
    assert all("\x00" not in word and 0 < len(word) <= 500 for word in kept)


@given(keys=KEYS, finished=st.sets(st.sampled_from("abcdefghxyz")))
def test_progress_counts_only_lessons_of_this_version(keys: list[str], finished: set[str]) -> None:
    reached = progress(keys, finished)
    assert 0 <= reached.finished <= reached.lessons == len(keys)
    assert 0 <= reached.percent <= 100
    assert (reached.percent == 100) == reached.is_whole == (bool(keys) and set(keys) <= finished)


@given(keys=KEYS, finished=st.sets(st.sampled_from("abcdefgh")), after=st.sampled_from("abcdefgh"))
def test_the_next_lesson_is_unfinished_and_there_is_one_until_all_are(
    keys: list[str], finished: set[str], after: str
) -> None:
    for start in (None, after):
        found = next_lesson(keys, finished, start)
        assert (found is None) == (set(keys) <= finished)
        assert found is None or (found in keys and found not in finished)
    later = keys[keys.index(after) + 1 :] if after in keys else []
    if set(later) - finished:
        assert next_lesson(keys, finished, after) in later


def test_after_not_passing_one_waits_from_the_last_try_on() -> None:
    tries = [NOW - timedelta(hours=3), NOW - timedelta(minutes=4)]
    again = retake_at(tries, passed=False, retake_minutes=10)
    assert again == NOW + timedelta(minutes=6)
    assert not may_start(again, NOW + timedelta(minutes=6) - timedelta(microseconds=1))
    assert may_start(again, NOW + timedelta(minutes=6))
    assert retake_at([], passed=False, retake_minutes=10) is None
    assert retake_at(tries, passed=True, retake_minutes=10) is None


def test_answers_are_taken_until_the_grace_after_the_deadline() -> None:
    end = deadline(NOW, 20)
    assert end == NOW + timedelta(minutes=20)
    assert takes_answers(end, NOW + timedelta(minutes=20) + GRACE)
    assert not takes_answers(end, NOW + timedelta(minutes=20) + GRACE + timedelta(seconds=1))
    assert deadline(NOW, None) is None
    assert takes_answers(None, NOW + timedelta(days=400))


def standing(**change: object) -> Standing:
    values: dict[str, object] = {
        "state": EnrolmentState.ACTIVE,
        "opened": False,
        "progress": Progress(finished=0, lessons=3),
        "has_check": True,
    }
    return Standing(**(values | change))  # type: ignore[arg-type]


def test_the_one_next_step() -> None:
    whole = Progress(finished=3, lessons=3)
    assert next_step(standing(), NOW) is Step.START
    assert next_step(standing(opened=True), NOW) is Step.CONTINUE
    assert next_step(standing(opened=True, progress=whole), NOW) is Step.CHECK
    assert next_step(standing(opened=True, open_attempt=True), NOW) is Step.RESUME_CHECK
    assert next_step(standing(opened=True, retake=NOW + timedelta(minutes=1)), NOW) is Step.WAIT
    assert next_step(standing(opened=True, retake=NOW), NOW) is Step.CHECK
    assert next_step(standing(has_check=False, progress=whole), NOW) is Step.DONE
    assert next_step(standing(waits=True), NOW) is Step.BLOCKED
    assert next_step(standing(waits=True, opened=True), NOW) is Step.CONTINUE, "what was begun goes on"
    assert next_step(standing(state=EnrolmentState.COMPLETED, open_attempt=True), NOW) is Step.DONE


def test_a_check_completes_by_passing_and_a_course_without_by_its_lessons() -> None:
    whole, part = Progress(finished=3, lessons=3), Progress(finished=2, lessons=3)
    assert completes(part, has_check=True, passed=True)
    assert not completes(whole, has_check=True, passed=False)
    assert completes(whole, has_check=False, passed=False)
    assert not completes(part, has_check=False, passed=False)


@given(st.integers(min_value=1, max_value=1000))
def test_completions_alternate_between_standing_and_reversed(n: int) -> None:
    assert stands(n) != stands(n + 1)
    assert stands(1)


URGENCIES = st.builds(
    Urgency,
    step=st.sampled_from(Step),
    required=st.booleans(),
    due_on=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    enrolled_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),
)


@given(st.dictionaries(st.text(min_size=1, max_size=3), URGENCIES, max_size=6))
def test_the_most_urgent_is_never_done_and_waits_only_when_all_wait(candidates: dict[str, Urgency]) -> None:
    chosen = most_urgent(candidates)
    steps = {urgency.step for urgency in candidates.values()} - {Step.DONE}
    assert (chosen is None) == (not steps)
    if chosen is not None:
        assert candidates[chosen].step is not Step.DONE
        waiting = {Step.WAIT, Step.ASK, Step.BLOCKED}
        assert candidates[chosen].step not in waiting or steps <= waiting
        assert most_urgent(dict(reversed(candidates.items()))) == chosen


@given(st.permutations(range(4)))
def test_of_courses_that_a_path_gave_at_once_the_first_in_order_is_next(order: list[int]) -> None:
    given = {str(n): Urgency(step=Step.START, required=True, due_on=None, enrolled_at=NOW, position=n) for n in order}
    assert most_urgent(given) == "0"
    assert most_urgent(given | {"0": replace(given["0"], step=Step.BLOCKED)}) == "1"


@given(hours=st.integers(min_value=-72, max_value=72), zone=st.integers(min_value=-12, max_value=14))
def test_no_day_is_past_while_it_lasts_anywhere(hours: int, zone: int) -> None:
    now = NOW + timedelta(hours=hours)
    today_there = (now + timedelta(hours=zone)).date()
    assert not is_past(today_there, now)
    assert is_past(today_there - timedelta(days=3), now)


@given(days=st.integers(min_value=-10, max_value=10), state=st.sampled_from(EnrolmentState))
def test_only_what_goes_on_is_overdue_and_not_on_its_day(days: int, state: EnrolmentState) -> None:
    due = NOW.date() + timedelta(days=days)
    assert is_overdue(state, due, NOW.date()) == (state is EnrolmentState.ACTIVE and days < 0)
    assert not is_overdue(state, None, NOW.date())
