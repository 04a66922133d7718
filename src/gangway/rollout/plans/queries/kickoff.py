"""Who attended the kickoff."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.rollout.plans.models import KickoffAttendance


@dataclass(frozen=True, slots=True)
class AttendanceRow:
    person_id: UUID
    person: str
    confirmed_at: datetime


def attendance(plan_id: UUID) -> tuple[AttendanceRow, ...]:
    """Everyone who confirmed, in order."""
    found = KickoffAttendance.objects.filter(plan_id=plan_id).select_related("person").order_by("confirmed_at")
    return tuple(AttendanceRow(row.person_id, row.person.name, row.confirmed_at) for row in found)
