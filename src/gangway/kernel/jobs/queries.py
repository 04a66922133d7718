"""How the jobs are doing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from gangway.kernel.models import Job


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as people see it; `share` is 0–1, or None where the total is not known."""

    id: str
    task: str
    state: str
    words: str
    done: int
    total: int | None
    attempts: int
    last_error: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def name(self) -> str:
        return self.task.rsplit(".", 1)[-1].replace("_", " ")

    @property
    def share(self) -> float | None:
        return min(1.0, self.done / self.total) if self.total else None


def counts() -> Mapping[str, int]:
    """Jobs by state."""
    return {row["state"]: row["n"] for row in Job.objects.values("state").annotate(n=Count("id"))}


def is_under_way(*tasks: str, **arguments: str) -> bool:
    """Whether a job of one of these tasks (by module path) with these arguments runs, or waits for its turn."""
    mine = {f"arguments__{name}": value for name, value in arguments.items()}
    return Job.objects.filter(task__in=tasks, state__in=("ready", "running"), **mine).exists()


def newest(state: str, limit: int = 20) -> tuple[JobRow, ...]:
    """Jobs in one state, newest first."""
    rows = Job.objects.filter(state=state).order_by("-created_at")[:limit]
    return tuple(
        JobRow(
            str(row.pk),
            row.task,
            row.state,
            row.words,
            row.done,
            row.total,
            row.attempts,
            row.last_error,
            row.created_at,
            row.finished_at,
        )
        for row in rows
    )
