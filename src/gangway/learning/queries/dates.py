"""When people began and completed their courses, for projections that rebuild themselves from what is stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min

from gangway.learning.models import Attempt, Enrolment, LessonProgress


@dataclass(frozen=True, slots=True)
class CourseDates:
    """One enrolment: started is the first lesson finished or check handed in, completed only what was learnt;
    `attested`: complete by somebody's word."""

    course_id: UUID
    course_key: str
    cycle: int
    required: bool
    enrolled_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    attested: bool


def course_dates(person_ids: Iterable[UUID]) -> Mapping[UUID, list[CourseDates]]:
    """The enrolments of these people of the open scope, by person. Three statements."""
    enrolments = list(
        Enrolment.objects.filter(person_id__in=list(person_ids)).select_related("course").order_by("cycle", "id")
    )
    ids = [enrolment.pk for enrolment in enrolments]
    finished = _first(LessonProgress.objects.filter(enrolment_id__in=ids), "finished_at")
    handed_in = _first(Attempt.objects.filter(enrolment_id__in=ids), "submitted_at")
    found: dict[UUID, list[CourseDates]] = {}
    for enrolment in enrolments:
        begun = [at for at in (finished.get(enrolment.pk), handed_in.get(enrolment.pk)) if at is not None]
        found.setdefault(enrolment.person_id, []).append(
            CourseDates(
                course_id=enrolment.course_id,
                course_key=enrolment.course.key,
                cycle=enrolment.cycle,
                required=enrolment.required,
                enrolled_at=enrolment.enrolled_at,
                started_at=min(begun, default=None),
                completed_at=None if enrolment.attested else enrolment.completed_at,
                attested=enrolment.attested,
            )
        )
    return found


def _first(rows: Any, column: str) -> dict[UUID, datetime]:
    grouped = rows.filter(**{f"{column}__isnull": False}).values_list("enrolment_id").annotate(at=Min(column))
    return dict(grouped.order_by())
