"""Due dates: whom to remind, who is overdue, and the list of enrolments that shows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now, TruncDate
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.catalog import queries as catalog
from gangway.kernel.lists import BulkAction, Column, Filter, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning.models import Enrolment
from gangway.learning.rules import DueNotice, EnrolmentState
from gangway.people import queries as people

SETTLED = timedelta(days=1)  # who was enrolled since then is not reminded of it yet


@dataclass(frozen=True, slots=True)
class DueRow:
    """An enrolment that goes on and has a due date."""

    enrolment_id: UUID
    person_id: UUID
    due_on: date


def partners_with_due(now: datetime) -> list[UUID]:
    """Partners at which a reminder may be due today, in any zone. One statement, over all partners."""
    first, last = DueNotice.AFTER.due(now.date())[0], DueNotice.BEFORE.due(now.date())[1]
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = _going().filter(due_on__gte=first - timedelta(days=1), due_on__lte=last + timedelta(days=1))
        return list(rows.order_by("partner_id").values_list("partner_id", flat=True).distinct())


def due_enrolments(
    notice: DueNotice, today: date, now: datetime, *, after: UUID | None = None, limit: int = 500
) -> tuple[DueRow, ...]:
    """Enrolments of the open scope for which a reminder is due on its partner's day, in id order: neither completed nor
    marked complete, of people who may come in and were let in. One statement."""
    first, last = notice.due(today)
    let_in = Q(person__activated_at__isnull=False) | Q(partner__launched_at__isnull=False)
    rows = _going().filter(let_in, person__in=people.addressees().values("pk"))
    rows = rows.filter(due_on__gte=first, due_on__lte=last, enrolled_at__lte=now - SETTLED)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = rows.order_by("pk").values_list("pk", "person_id", "due_on")[:limit]
    return tuple(DueRow(pk, person_id, due_on) for pk, person_id, due_on in found if due_on is not None)


def still_due(enrolment_id: UUID, due_on: date) -> bool:
    """Whether an enrolment of the open scope goes on and is due that day, and its person may come in."""
    found = _going().filter(pk=enrolment_id, due_on=due_on).first()
    return found is not None and people.person(found.person_id).may_come_in


def title_of(enrolment_id: UUID) -> tuple[str, str]:
    """The key and title of what is learned in an enrolment of the open scope."""
    found = Enrolment.objects.select_related("course").get(pk=enrolment_id)
    version_id = found.version_id or found.course.current_id
    course = catalog.versions_by_id([version_id]).get(version_id)
    return found.course.key, course.title if course else found.course.key


def people_and_courses(enrolment_ids: Collection[UUID]) -> tuple[tuple[UUID, ...], frozenset[UUID]]:
    """The people and the courses of enrolments in scope; NotFound where one of them is not."""
    rows = list(_here().filter(pk__in=list(enrolment_ids)).values_list("pk", "person_id", "course_id"))
    if {pk for pk, *_others in rows} != set(enrolment_ids):
        raise NotFound
    return tuple(dict.fromkeys(row[1] for row in rows)), frozenset(row[2] for row in rows)


def overdue_count(today: date) -> int:
    """How many enrolments in scope are overdue, of people who are here."""
    return _here().filter(state=EnrolmentState.ACTIVE, due_on__lt=today).count()


def _going() -> QuerySet[Enrolment]:
    rows: QuerySet[Enrolment] = Enrolment.objects.filter(state=EnrolmentState.ACTIVE, partner__state="active")
    return rows


def _here() -> QuerySet[Any]:
    gone = Q(person__state__in=("left", "erased")) | Q(person__synthetic=True)
    rows: QuerySet[Any] = Enrolment.objects.exclude(gone | Q(state=EnrolmentState.WITHDRAWN))
    return rows


def _rows() -> QuerySet[Any]:
    """Overdue is counted by the reader's own day, and the database's clock: a list has no other."""
    rows: QuerySet[Any] = _here().annotate(
        sort_key=F("person__sort_key"),
        name=F("person__name"),
        partner_name=F("partner__name"),
        title=F("course__current__title"),
        today=TruncDate(Now()),
    )
    return rows


# Where somebody stands, in words; translated where they are shown.
_STANDINGS: dict[str, tuple[str, str]] = {
    "overdue": ("decayed", _("overdue")),
    "not_begun": ("unproven", _("not begun")),
    "begun": ("attested", _("begun")),
    "attested": ("attested", _("marked complete")),
    "completed": ("proven", _("completed")),
}


def _standing(found: Any) -> str:
    if found.state == EnrolmentState.COMPLETED:
        return "attested" if found.attested else "completed"
    if found.due_on is not None and found.due_on < found.today:
        return "overdue"
    return "begun" if found.opened_at else "not_begun"


def _stands(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    going = rows.filter(state=EnrolmentState.ACTIVE)
    late = Q(due_on__isnull=False, due_on__lt=TruncDate(Now()))
    found = {
        "overdue": going.filter(late),
        "not_begun": going.exclude(late).filter(opened_at=None),
        "begun": going.exclude(late).filter(opened_at__isnull=False),
        "attested": rows.filter(state=EnrolmentState.COMPLETED, attested=True),
        "completed": rows.filter(state=EnrolmentState.COMPLETED, attested=False),
    }
    return found[value]


def _courses() -> list[tuple[str, str]]:
    """The courses that somebody in scope is enrolled in, by title."""
    rows = _here().exclude(course__current=None).order_by("course__current__title", "course__key")
    return list(rows.values_list("course__key", "course__current__title").distinct()[:200])


def _cells(found: Any) -> Mapping[str, Any]:
    shape, words = _STANDINGS[_standing(found)]
    return {
        "href": reverse("learning:enrolment", args=[found.pk]),
        "person": found.name,
        "partner": found.partner_name,
        "course": found.title,
        "standing": (shape, gettext(words)),
        "due": found.due_on,
        "completed": found.completed_at,
    }


ENROLMENT_LIST = ListSpec(
    key="enrolments",
    noun=(_("enrolment"), _("enrolments")),
    rows=_rows,
    columns=(
        Column("person", _("Person"), "person"),
        Column("partner", _("Partner")),
        Column("course", _("Course")),
        Column("standing", _("Stands"), "state"),
        Column("due", _("Due"), "date"),
        Column("completed", _("Completed"), "instant"),
    ),
    cells=_cells,
    order=("sort_key", "id"),
    search=("person__sort_key",),
    filters=(
        Filter("course", _("Course"), _courses, lambda rows, value: rows.filter(course__key=value)),
        Filter("standing", _("Stands"), tuple((key, words) for key, (_s, words) in _STANDINGS.items()), _stands),
    ),
    bulk=(BulkAction("change", _("Change these"), "learning:change_chosen"),),
)


def _team_cells(found: Any) -> Mapping[str, Any]:
    return {**_cells(found), "href": reverse("learning:enrolment_team", args=[found.pk])}


TEAM_ENROLMENTS = replace(
    ENROLMENT_LIST,
    key="team-enrolments",
    rows=lambda: _rows().filter(partner=scopes.required().partner_id),
    cells=_team_cells,
    columns=(ENROLMENT_LIST.columns[0], *ENROLMENT_LIST.columns[2:]),
    bulk=(BulkAction("change", _("Change these"), "learning:change_chosen_team"),),
)
