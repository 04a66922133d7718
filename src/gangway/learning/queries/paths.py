"""Paths as a learner sees them, and who is on one, for those who look after people."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, PathRow
from gangway.kernel.lists import COUNT_STOPS_AT, Column, ListSpec
from gangway.kernel.refusal import NotFound
from gangway.learning.models import Enrolment, PathPlace, PathReason
from gangway.learning.queries.cards import CourseCard, my_courses
from gangway.learning.queries.ways import fulfilled
from gangway.learning.rules import EnrolmentState, ReasonKind, Step
from gangway.partners.queries import partner_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStop:
    """A course of a path. `card`: where the person stands in it, if they are enrolled. `waits_for`: courses of the path
    that are still to be completed before it."""

    position: int
    course: CourseRow
    card: CourseCard | None
    done: bool
    waits_for: tuple[CourseRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPage:
    """A path for one person. `on_it`: whether they are on it, `own`: because nobody but they wants it; `due_on`: by
    when it is to be done."""

    path: PathRow
    on_it: bool
    own: bool
    due_on: date | None
    stops: tuple[PathStop, ...]

    @property
    def done(self) -> int:
        return sum(stop.done for stop in self.stops)

    @property
    def minutes(self) -> int:
        """What is left of it, by courses."""
        return sum(stop.course.minutes for stop in self.stops if not stop.done)

    @property
    def next(self) -> PathStop | None:
        """The first course in order that may be gone on with now; None where none is left, or all wait."""
        open_ = [stop for stop in self.stops if not stop.done and not stop.waits_for]
        return next((stop for stop in open_ if stop.card and stop.card.step is not Step.DONE), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathLine:
    """A path in a list: how many of its courses are done, for whom."""

    path: PathRow
    on_it: bool
    done: int

    @property
    def courses(self) -> int:
        return len(self.path.steps)


def path_page(*, person_id: UUID, partner_id: UUID, path_key: str, locale: str, now: datetime) -> PathPage:
    """A path in its order; NotFound where the person is not on it and their partner does not see all of it. Courses
    that the partner does not see any more are left out unless the person is enrolled in them. A constant number of
    statements."""
    path = next(iter(catalog.paths_of_vendor([path_key])), None)
    partner = partner_by_id(partner_id)
    seen = {row.course_id: row for row in catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)}
    place = path and PathPlace.objects.filter(person=person_id, path=path.id, left_at=None).first()
    if path is None or (place is None and not path.course_ids <= seen.keys()):
        raise NotFound
    cards = {card.course.course_id: card for card in my_courses(person_id, now)}
    done = fulfilled(person_id)
    rows = seen | {key: card.course for key, card in cards.items()}
    told = {key: rows[key].in_language(locale) for key in path.course_ids if key in rows}
    stops = tuple(
        PathStop(
            position=position,
            course=told[step.course_id],
            card=cards.get(step.course_id),
            done=step.course_id in done,
            waits_for=tuple(
                told[other.course_id]
                for other in path.steps
                if other.course_id in step.waits_for and other.course_id in seen and other.course_id not in done
            ),
        )
        for position, step in enumerate((one for one in path.steps if one.course_id in told), start=1)
    )
    return PathPage(
        path=path,
        on_it=place is not None,
        own=place is not None and not by_others(person_id, path.id),
        due_on=place.due_on if place else None,
        stops=stops,
    )


def by_others(person_id: UUID, path_id: UUID) -> bool:
    """Whether a rule or somebody else wants a person on a path. One statement."""
    reasons = PathReason.objects.filter(place__person=person_id, place__path=path_id, withdrawn_at=None)
    return bool(reasons.exclude(kind=ReasonKind.SELF).exists())


def path_to_join(partner_id: UUID, path_key: str) -> UUID:
    """The path of this key of which the partner sees every course, for somebody who wants to be on it; or NotFound."""
    found = [row for row in _visible(partner_id) if row.key == path_key]
    if not found:
        raise NotFound
    return found[0].id


def path_to_leave(person_id: UUID, path_key: str) -> UUID:
    """The path of this key that the person is on, or was; or NotFound."""
    path = next(iter(catalog.paths_of_vendor([path_key])), None)
    if path is None or not PathPlace.objects.filter(person=person_id, path=path.id).exists():
        raise NotFound
    return path.id


def paths_for(person_id: UUID, partner_id: UUID) -> tuple[PathLine, ...]:
    """The paths a person is on, and those their partner sees, by name. A constant number of statements."""
    on_it = set(PathPlace.objects.filter(person=person_id, left_at=None).values_list("path_id", flat=True))
    visible = {row.id: row for row in _visible(partner_id)}
    rows = visible | dict(catalog.paths_by_id(on_it - visible.keys()) if on_it - visible.keys() else {})
    done = fulfilled(person_id) if rows else frozenset()
    lines = [PathLine(path=row, on_it=row.id in on_it, done=len(row.course_ids & done)) for row in rows.values()]
    return tuple(sorted(lines, key=lambda line: (not line.on_it, line.path.name)))


def people_on(path_id: UUID, *, after: UUID | None, limit: int) -> list[UUID]:
    """The ids of people of the scope's partner who are on a path, in order, for work in pages."""
    rows = PathPlace.objects.filter(path=path_id, left_at=None)
    if after is not None:
        rows = rows.filter(person__gt=after)
    return list(rows.order_by("person_id").values_list("person_id", flat=True)[:limit])


@dataclass(frozen=True, slots=True, kw_only=True)
class Travellers:
    """Who is on a path: how many, and how many of them have completed all of it. Each stops at `stops_at`."""

    people: int
    done: int
    stops_at: int = COUNT_STOPS_AT


def travellers(path: PathRow) -> Travellers:
    rows, capped = _on(path).order_by(), COUNT_STOPS_AT + 1
    return Travellers(people=rows[:capped].count(), done=rows.filter(done__gte=len(path.steps))[:capped].count())


def on_path_list(path: PathRow) -> ListSpec:
    """The list of those in scope who are on a path, and how far each is."""
    return ListSpec(
        key="on-path",
        noun=(_("person"), _("people")),
        rows=partial(_on, path),
        columns=(
            Column("person", _("Person"), "person"),
            Column("partner", _("Partner")),
            Column("done", _("Courses done"), "number"),
            Column("stands", _("Stands"), "state"),
            Column("since", _("Since"), "instant"),
            Column("due", _("Due"), "date"),
        ),
        cells=partial(_cells, len(path.steps)),
        order=("sort_key", "id"),
        search=("person__sort_key",),
    )


def _on(path: PathRow) -> QuerySet[Any]:
    done = (
        Enrolment.objects.filter(person=OuterRef("person"), state=EnrolmentState.COMPLETED)
        .filter(course__in=list(path.course_ids))
        .order_by()
        .values("person")
        .annotate(n=Count("course", distinct=True))
        .values("n")
    )
    gone = Q(person__state__in=("left", "erased")) | Q(person__synthetic=True)
    rows: QuerySet[Any] = PathPlace.objects.filter(path=path.id, left_at=None).exclude(gone)
    found: QuerySet[Any] = rows.annotate(
        done=Coalesce(Subquery(done), 0),
        name=F("person__name"),
        sort_key=F("person__sort_key"),
        partner_name=F("partner__name"),
    )
    return found


def _cells(courses: int, found: Any) -> Mapping[str, Any]:
    whole = found.done >= courses
    return {
        "href": reverse("learning:person", args=[found.person_id]),
        "person": found.name,
        "partner": found.partner_name,
        "done": found.done,
        "stands": ("proven", gettext("all of it done")) if whole else ("unproven", gettext("on the way")),
        "since": found.since,
        "due": found.due_on,
    }


def _visible(partner_id: UUID) -> tuple[PathRow, ...]:
    partner = partner_by_id(partner_id)
    return catalog.visible_paths(partner_id=partner.id, partner_type=partner.type)


def paths_to_give(partner_id: UUID, lines: Iterable[PathLine]) -> tuple[tuple[UUID, str], ...]:
    """(id, name) of the paths of which the partner sees every course and that none of these lines is about, by name."""
    taken = {line.path.id for line in lines if line.on_it}
    return tuple((row.id, row.name) for row in _visible(partner_id) if row.id not in taken)
