"""How the log is doing: numbers for /metrics and the operator's page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Min

from gangway.kernel.models import Cursor, Failure, Lane, OutboxEvent
from gangway.kernel.wiring import groups


@dataclass(frozen=True, slots=True)
class GroupHealth:
    """One group of handlers: events it has not read, and its failures by state."""

    group: str
    behind: int
    retry: int
    held: int
    parked: int


@dataclass(frozen=True, slots=True)
class ParkedRow:
    id: str
    group: str
    event: str
    occurred_at: datetime
    attempts: int
    last_error: str


@dataclass(frozen=True, slots=True)
class OutboxHealth:
    unplaced: int
    oldest_unplaced_at: datetime | None
    groups: tuple[GroupHealth, ...]

    @property
    def parked(self) -> int:
        return sum(group.parked for group in self.groups)


def health() -> OutboxHealth:
    """Depth and failures of every group, in four statements."""
    heads = dict(Lane.objects.values_list("number", "last_position"))
    read: dict[str, int] = {}
    for row in Cursor.objects.values("group", "position"):
        read[row["group"]] = read.get(row["group"], 0) + row["position"]
    states = {
        (row["group"], row["state"]): row["n"]
        for row in Failure.objects.values("group", "state").annotate(n=Count("id"))
    }
    waiting = OutboxEvent.objects.filter(position__isnull=True).aggregate(n=Count("number"), oldest=Min("occurred_at"))
    return OutboxHealth(
        unplaced=waiting["n"],
        oldest_unplaced_at=waiting["oldest"],
        groups=tuple(
            GroupHealth(
                group=name,
                behind=max(0, sum(heads.values()) - read.get(name, 0)),
                retry=states.get((name, "retry"), 0),
                held=states.get((name, "held"), 0),
                parked=states.get((name, "parked"), 0),
            )
            for name in sorted(groups())
        ),
    )


def parked(limit: int = 50) -> tuple[ParkedRow, ...]:
    """The events that wait for staff, oldest first."""
    rows = Failure.objects.filter(state="parked").annotate(name=F("event__name"), at=F("event__occurred_at"))
    return tuple(
        ParkedRow(str(row.pk), row.group, row.name, row.at, row.attempts, row.last_error)
        for row in rows.order_by("event__number")[:limit]
    )
