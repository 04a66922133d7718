"""What a person has completed, as it stands: for a transcript."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef

from gangway.learning.models import Completion


@dataclass(frozen=True, slots=True)
class LearnedRow:
    """One course completed in one cycle, by the version that was learnt. `attested`: on somebody's word only. Points
    are those of the check that was passed; None where the course has none, or nobody took it."""

    title: str
    course_key: str
    version: int
    cycle: int
    at: datetime
    attested: bool
    points: int | None
    points_max: int | None


def learned(person_id: UUID) -> tuple[LearnedRow, ...]:
    """The completions of a person of the open scope that stand, youngest first. One statement."""
    later = Completion.objects.filter(enrolment_id=OuterRef("enrolment_id"), n__gt=OuterRef("n"))
    rows = Completion.objects.filter(~Exists(later), enrolment__person_id=person_id, reverses=False)
    return tuple(
        LearnedRow(
            title=row.course_version.title,
            course_key=row.enrolment.course.key,
            version=row.course_version.n,
            cycle=row.enrolment.cycle,
            at=row.at,
            attested=row.attested,
            points=row.attempt.points if row.attempt else None,
            points_max=row.attempt.points_max if row.attempt else None,
        )
        for row in rows.select_related("enrolment__course", "course_version", "attempt").order_by("-at", "-id")
    )
