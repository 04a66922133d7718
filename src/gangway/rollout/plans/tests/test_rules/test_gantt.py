"""The Gantt's days: every milestone has one bar, in its own week, and a forecast only where something slips."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules import clock, gantt
from gangway.rollout.plans.rules.slip import Task, slip_of
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.rules.template import Track

K = date(2026, 3, 4)  # a Wednesday: K is the Monday before
ZONE = "Europe/Berlin"
TASKS = st.lists(
    st.builds(
        lambda key, track, week, state: Task(key, "A title", track, clock.due_at(K, week, ZONE), state),
        st.text("ab", max_size=3),
        st.sampled_from(Track),
        st.integers(1, 12),
        st.sampled_from(State),
    ),
    max_size=20,
)


@given(TASKS, st.integers(-10, 120))
def test_each_milestone_has_one_bar_over_its_working_week(tasks: list[Task], day: int) -> None:
    now = clock.instant(K, clock.DUE_TIME, ZONE) + timedelta(days=day)
    found = gantt.bars(K, tasks, slip_of(tasks, now).by_track, ZONE)
    assert sorted(bar.key for bar in found) == sorted(task.key for task in tasks)
    for bar in found:
        assert (bar.starts_on.weekday(), bar.ends_on.weekday()) == (0, 4)
        assert gantt.first_day(K) <= bar.starts_on
        assert bar.ends_on <= gantt.last_day(K)
        assert bar.expected_on is None or (bar.expected_on > bar.ends_on and not bar.state.closed)


@given(TASKS)
def test_tracks_stand_together(tasks: list[Task]) -> None:
    tracks = [bar.track for bar in gantt.bars(K, tasks, {}, ZONE)]
    assert tracks == sorted(tracks, key=list(Track).index)


def test_a_late_track_moves_its_open_bars_only() -> None:
    late = Task("late", "Late", Track.CONTENT, clock.due_at(K, 1, ZONE), State.UNPROVEN)
    ahead = Task("ahead", "Ahead", Track.CONTENT, clock.due_at(K, 5, ZONE), State.DECAYED)
    other = Task("other", "Other", Track.TESTING, clock.due_at(K, 5, ZONE), State.UNPROVEN)
    now = late.due_at + timedelta(days=3)
    found = {
        bar.key: bar for bar in gantt.bars(K, [late, ahead, other], slip_of([late, ahead, other], now).by_track, ZONE)
    }
    assert found["ahead"].expected_on == found["ahead"].ends_on + timedelta(days=3)
    assert found["ahead"].sprint == 2
    assert found["other"].expected_on is None


@given(st.integers(-100, 200))
def test_today_is_drawn_only_inside_the_twelve_weeks(days: int) -> None:
    today = gantt.first_day(K) + timedelta(days=days)
    assert (gantt.today_line(K, today) is not None) == (0 <= days < 84)
