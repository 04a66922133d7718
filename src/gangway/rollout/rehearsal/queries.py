"""Reads of the rehearsal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from gangway.kernel.refusal import NotFound
from gangway.kernel.said import unpack
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.rollout.rehearsal import rules
from gangway.rollout.rehearsal.models import AwardPageCheck, Canary, Run
from gangway.rollout.rehearsal.rules import NIGHTS, Cause, Night, first_failure, nights

__all__ = [
    "CheckRow",
    "Night",
    "RunRow",
    "canary_nights",
    "canary_on",
    "checks",
    "latest_checks",
    "night_due",
    "run",
    "runs",
]


@dataclass(frozen=True, slots=True)
class CheckRow:
    award_id: UUID
    title: str
    address: str
    status: int
    passed: bool
    words: str
    checked_at: datetime


def checks(limit: int = 50) -> tuple[CheckRow, ...]:
    """The latest looks at award pages in the open scope, youngest first."""
    found = AwardPageCheck.objects.select_related("award").order_by("-checked_at", "-id")[:limit]
    return tuple(_row(row) for row in found)


def latest_checks() -> tuple[CheckRow, ...]:
    """The latest look at each award that was not revoked."""
    found: dict[UUID, CheckRow] = {}
    looks = AwardPageCheck.objects.filter(award__revoked_at=None).select_related("award").order_by("-checked_at", "-id")
    for row in looks[:500]:
        found.setdefault(row.award_id, _row(row))
    return tuple(found.values())


def _row(row: AwardPageCheck) -> CheckRow:
    return CheckRow(
        row.award_id,
        row.award.title,
        row.address,
        row.status,
        row.passed,
        unpack(row.said or row.words),
        row.checked_at,
    )


@dataclass(frozen=True, slots=True)
class RunRow:
    """A rehearsal. `passed` None: it is under way."""

    id: UUID
    cause: Cause
    type_key: str
    steps: Sequence[Mapping[str, Any]]
    problem: str
    passed: bool | None
    started_at: datetime
    ended_at: datetime | None

    @property
    def failed(self) -> Mapping[str, Any] | None:
        """The step that failed first."""
        return first_failure(self.steps)

    @property
    def ms(self) -> int:
        """How long its steps took together."""
        return sum(int(step["ms"]) for step in self.steps)

    def as_dict(self) -> dict[str, Any]:
        """For machines: the verdict first, then each step."""
        failed = self.failed
        return {
            "run": str(self.id),
            "passed": self.passed is True,
            "failed": failed["name"] if failed else None,
            "problem": self.problem or None,
            "partner_type": self.type_key or None,
            "cause": self.cause.value,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "ms": self.ms,
            "steps": [dict(step) for step in self.steps],
        }


def runs(limit: int = 30) -> tuple[RunRow, ...]:
    """The latest rehearsals in the open scope, youngest first."""
    return tuple(_run(row) for row in Run.objects.order_by("-started_at", "-id")[:limit])


def run(run_id: UUID) -> RunRow:
    """One rehearsal; NotFound outside the scope."""
    row = Run.objects.filter(pk=run_id).first()
    if row is None:
        raise NotFound
    return _run(row)


def canary_on() -> bool:
    """Whether a rehearsal runs every night: as somebody said on its page, else as the setting says."""
    with scopes.host():
        said = Canary.objects.values_list("on", flat=True).first()
    return bool(settings.REHEARSE_NIGHTLY) if said is None else bool(said)


def night_due(now: datetime) -> bool:
    """Whether the nightly rehearsal is to begin: by the vendor's clock, once a day. False before there is a vendor."""
    host = partners.host_partner()
    if host is None:
        return False
    with scopes.host():
        last = (
            Run.objects.filter(cause=Cause.NIGHT).order_by("-started_at").values_list("started_at", flat=True).first()
        )
    return rules.night_due(now.astimezone(ZoneInfo(host.zone)), last)


def canary_nights(now: datetime, zone: tzinfo) -> tuple[Night, ...]:
    """What the nightly rehearsals of the last 30 days came to, by the days of a zone. One statement."""
    since = now - timedelta(days=NIGHTS + 1)
    with scopes.host():
        rows = Run.objects.filter(cause=Cause.NIGHT, passed__isnull=False, started_at__gt=since)
        ran = [(at.astimezone(zone).date(), passed) for at, passed in rows.values_list("started_at", "passed")]
    return nights(ran, now.astimezone(zone).date())


def _run(row: Run) -> RunRow:
    cause = Cause(row.cause)
    return RunRow(row.pk, cause, row.type_key, row.steps, row.problem, row.passed, row.started_at, row.ended_at)
