"""How the machine is, and who did what on it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from gangway.kernel.jobs import queries as jobs
from gangway.kernel.jobs.queries import JobRow
from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.models import AuditEntry
from gangway.kernel.outbox import queries as outbox
from gangway.kernel.outbox.queries import OutboxHealth, ParkedRow
from gangway.kernel.said import content
from gangway.messaging import queries as messaging


@dataclass(frozen=True, slots=True)
class MachineRow:
    """The state of the machine as the operator's page tells it. `lag`: how long the oldest unplaced event waits."""

    outbox: OutboxHealth
    lag: timedelta
    parked: tuple[ParkedRow, ...]
    job_counts: Mapping[str, int]
    failed_jobs: tuple[JobRow, ...]
    running_jobs: tuple[JobRow, ...]
    letters: Mapping[str, int]
    mail_leaves: bool
    disk_free: int
    disk_total: int

    @property
    def letters_said(self) -> list[tuple[str, int]]:
        """How many letters stand where, in words."""
        return [(content(messaging.STATE_WORDS.get(state, state)), n) for state, n in sorted(self.letters.items())]

    @property
    def waiting(self) -> int:
        return self.job_counts.get("ready", 0)

    @property
    def troubled(self) -> int:
        """How many things wait for a human."""
        return self.outbox.parked + self.job_counts.get("failed", 0)


def machine(now: datetime) -> MachineRow:
    """Everything C17 shows, in a number of statements that does not depend on how much there is."""
    health = outbox.health()
    disk = shutil.disk_usage(settings.HOME)
    oldest = health.oldest_unplaced_at
    return MachineRow(
        outbox=health,
        lag=now - oldest if oldest else timedelta(),
        parked=outbox.parked(),
        job_counts=jobs.counts(),
        failed_jobs=jobs.newest("failed"),
        running_jobs=jobs.newest("running"),
        letters=messaging.counts_by_state(),
        mail_leaves=bool(settings.EMAIL_URL),
        disk_free=disk.free,
        disk_total=disk.total,
    )


def _of_verb(rows: QuerySet[Any], context: str) -> QuerySet[Any]:
    return rows.filter(verb__startswith=f"{context}.")


_CONTEXTS = (
    "catalog",
    "credentials",
    "identity",
    "insights",
    "kernel",
    "launches",
    "learning",
    "messaging",
    "partners",
    "people",
)


def _audit_cells(entry: AuditEntry) -> dict[str, Any]:
    return {
        "at": entry.at,
        "verb": entry.verb,
        "actor": f"{entry.actor_kind} {entry.actor_id[:13]}",
        "object": f"{entry.object_type} {entry.object_id[:13]}",
        "via": entry.via,
        "changes": ", ".join(f"{key}: {value}" for key, value in entry.changes.items()),
    }


def _ordered() -> QuerySet[Any]:
    return AuditEntry.objects.all()


AUDIT_LIST = ListSpec(
    key="audit",
    noun=(_("entry"), _("entries")),
    rows=_ordered,
    columns=(
        Column("at", _("When"), "instant"),
        Column("verb", _("What")),
        Column("actor", _("Who")),
        Column("object", _("On what")),
        Column("via", _("By")),
        Column("changes", _("Changes")),
    ),
    cells=_audit_cells,
    order=("-at", "-id"),
    search=("verb", "actor_id", "object_id"),
    filters=(
        Filter(
            "context",
            _("Part of the house"),
            (*((name, name) for name in _CONTEXTS), ("plans", "plans")),
            _of_verb,
        ),
    ),
)
