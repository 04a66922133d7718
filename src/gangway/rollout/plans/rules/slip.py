"""Slip and forecast: what is late, by how much, and what that does to the end."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from gangway.kernel.said import content, said
from gangway.rollout.plans.rules.state import State


@dataclass(frozen=True, slots=True)
class Task:
    """What the forecast needs to know of a milestone."""

    key: str
    title: str
    track: str
    due_at: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Slip:
    """late: open and past due, oldest first; days by track and over all; planned and expected end."""

    late: tuple[Task, ...]
    days: int
    by_track: dict[str, int]
    planned_end: datetime | None
    expected_end: datetime | None

    @property
    def words(self) -> str:
        """The sentence above the plan."""
        if not self.late:
            return said("Nothing is late.")
        return said(
            "{n} milestone is late: “{title}”, by {days}.",
            "{n} milestones are late; the oldest, “{title}”, by {days}.",
            n=len(self.late),
            title=content(self.late[0].title),
            days=said("{n} day", "{n} days", n=self.days),
        )


def days_late(task: Task, now: datetime) -> int:
    """Days past due, begun days count; 0 when closed or not yet due."""
    if task.state.closed or now <= task.due_at:
        return 0
    return ceil((now - task.due_at) / timedelta(days=1))


def slip_of(tasks: Iterable[Task], now: datetime) -> Slip:
    """What is late now, and where the end lands if each track keeps the slip it has today."""
    every = list(tasks)
    late = sorted((task for task in every if days_late(task, now)), key=lambda task: task.due_at)
    by_track: dict[str, int] = {}
    for task in late:
        by_track[task.track] = max(by_track.get(task.track, 0), days_late(task, now))
    return Slip(
        late=tuple(late),
        days=max(by_track.values(), default=0),
        by_track=by_track,
        planned_end=max((task.due_at for task in every), default=None),
        expected_end=max((expected_at(task, by_track) for task in every), default=None),
    )


def expected_at(task: Task, by_track: dict[str, int]) -> datetime:
    """When an open milestone is expected to close: its due time moved by its track's slip."""
    return task.due_at if task.state.closed else task.due_at + timedelta(days=by_track.get(task.track, 0))


def next_one(tasks: Sequence[Task]) -> Task | None:
    """The open milestone to see to first: the one due first."""
    return min((task for task in tasks if not task.state.closed), key=lambda task: task.due_at, default=None)
