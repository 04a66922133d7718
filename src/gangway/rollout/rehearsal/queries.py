"""Reads of the rehearsal."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.kernel.said import unpack
from gangway.rollout.rehearsal.models import AwardPageCheck


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
