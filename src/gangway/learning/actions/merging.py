"""What of learning becomes another account's when two of one human are merged: courses with all tries at them, paths.

Where both are enrolled in a course, the enrolment that came further is the one to go on with. See kernel.moving.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext_noop as _

from gangway.kernel.moving import Movable
from gangway.learning.models import Attempt, Enrolment, LessonProgress, PathPlace


def _came_further(row: Any) -> tuple[bool, ...]:
    return (row.completed_at is not None, row.completed_at is not None and not row.attested, row.opened_at is not None)


def _lessons_finished(enrolment_ids: Sequence[UUID]) -> dict[UUID, int]:
    finished = LessonProgress.objects.filter(enrolment__in=enrolment_ids, finished_at__isnull=False)
    return dict(finished.order_by().values_list("enrolment_id").annotate(n=Count("id")))


def _gone_on_with(enrolment_ids: Sequence[UUID], since: datetime) -> set[UUID]:
    """Those of these enrolments in which somebody read or answered something since."""
    tries = Attempt.objects.filter(Q(started_at__gt=since) | Q(submitted_at__gt=since), enrolment__in=enrolment_ids)
    read = LessonProgress.objects.filter(Q(opened_at__gt=since) | Q(finished_at__gt=since), enrolment__in=enrolment_ids)
    return {row for rows in (tries, read) for row in rows.values_list("enrolment_id", flat=True)}


MOVES = (
    Movable(
        table=Enrolment,
        words=_("courses"),
        key=("course_id", "cycle"),
        marked=("opened_at", "completed_at", "attested", "exempt", "extra_tries"),
        weigh=_came_further,
        beside=_lessons_finished,
        parks="cycle",
        touched=_gone_on_with,
    ),
    Movable(table=PathPlace, words=_("paths"), key=("path_id",), marked=("exempt",)),
)
