"""Slip: late is late, closed is closed, and the sentence says which and by how much."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.slip import Task, days_late, next_one, slip_of
from gangway.rollout.plans.rules.state import State

NOW = datetime(2026, 3, 16, 9, tzinfo=UTC)
TASKS = st.lists(
    st.builds(
        Task,
        key=st.text("abc", min_size=1, max_size=3),
        title=st.just("A title"),
        track=st.sampled_from(["content", "technical"]),
        due_at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1)).map(lambda at: at.replace(tzinfo=UTC)),
        state=st.sampled_from(State),
    ),
    max_size=8,
)


def task(key: str, days: float, state: State = State.UNPROVEN, track: str = "content") -> Task:
    return Task(key, f"Title of {key}", track, NOW - timedelta(days=days), state)


@given(TASKS)
def test_only_open_milestones_past_their_time_are_late(tasks: list[Task]) -> None:
    slip = slip_of(tasks, NOW)
    assert set(slip.late) == {task for task in tasks if not task.state.closed and task.due_at < NOW}
    assert (slip.days > 0) == bool(slip.late)
    assert slip.days == max((days_late(task, NOW) for task in tasks), default=0)


@given(TASKS)
def test_a_forecast_never_beats_the_plan(tasks: list[Task]) -> None:
    slip = slip_of(tasks, NOW)
    if slip.planned_end is not None and slip.expected_end is not None:
        assert slip.planned_end <= slip.expected_end <= slip.planned_end + timedelta(days=slip.days)


def test_a_late_track_moves_its_own_future_only() -> None:
    ahead = [task("x", -60, track="content"), task("y", -50, track="technical")]
    slip = slip_of([task("a", 4, track="technical"), *ahead], NOW)
    assert slip.by_track == {"technical": 4}
    assert slip.expected_end == NOW + timedelta(days=60)


def test_the_sentence() -> None:
    assert slip_of([task("a", -1), task("b", 3, State.ATTESTED)], NOW).words == "Nothing is late."
    assert slip_of([task("a", 0.5)], NOW).words == "1 milestone is late: “Title of a”, by 1 day."
    two = slip_of([task("a", 1.2), task("b", 3.1)], NOW).words
    assert two == "2 milestones are late; the oldest, “Title of b”, by 4 days."


def test_the_next_one_is_the_open_one_due_first() -> None:
    found = next_one([task("a", 9, State.PROVEN), task("b", -2), task("c", 5, State.DECAYED)])
    assert found is not None
    assert found.key == "c"
    assert next_one([task("a", 1, State.PROVEN)]) is None
