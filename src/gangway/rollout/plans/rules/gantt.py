"""The Gantt in days: where each bar begins and ends, and where it will end if nothing changes. ui draws it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.slip import Task, expected_at
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.rules.template import Track


@dataclass(frozen=True, slots=True)
class Bar:
    """A milestone over its working week; `expected_on` is None while it keeps to its plan."""

    key: str
    title: str
    track: str
    sprint: int
    state: State
    starts_on: date
    ends_on: date
    expected_on: date | None


def first_day(kickoff_on: date) -> date:
    return clock.monday(kickoff_on)


def last_day(kickoff_on: date) -> date:
    """The Sunday of week 12."""
    return clock.k_day(kickoff_on, 7 * clock.WEEKS - 1)


def bars(kickoff_on: date, tasks: Iterable[Task], by_track: dict[str, int], zone: str) -> tuple[Bar, ...]:
    """Bars by track, then due time. An open one that is late, or whose track is late, has a forecast."""
    order = {track: index for index, track in enumerate(Track)}
    rows = sorted(tasks, key=lambda task: (order[Track(task.track)], task.due_at))
    return tuple(_bar(kickoff_on, task, by_track, zone) for task in rows)


def today_line(kickoff_on: date, today: date) -> date | None:
    """Today, or None outside the twelve weeks."""
    return today if first_day(kickoff_on) <= today <= last_day(kickoff_on) else None


def week_starts(kickoff_on: date) -> Sequence[date]:
    """The Monday of each week."""
    return tuple(clock.week_starts_on(kickoff_on, week) for week in range(1, clock.WEEKS + 1))


def _bar(kickoff_on: date, task: Task, by_track: dict[str, int], zone: str) -> Bar:
    ends_on = clock.local_day(task.due_at, zone)
    expected = clock.local_day(expected_at(task, by_track), zone)
    week = (ends_on - first_day(kickoff_on)).days // 7 + 1
    return Bar(
        key=task.key,
        title=task.title,
        track=task.track,
        sprint=clock.sprint_of(week),
        state=task.state,
        starts_on=ends_on - timedelta(days=clock.DUE_WEEKDAY),
        ends_on=ends_on,
        expected_on=expected if expected > ends_on else None,
    )
