"""Paths: their courses in order with what each waits for, and who sees which."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext_noop as _

from gangway.catalog.models import Path, PathCourse
from gangway.catalog.queries.courses import courses_by_id, courses_of_owner, visible_courses
from gangway.catalog.rules import PathStep
from gangway.kernel.lists import Column, ListSpec
from gangway.kernel.refusal import NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class PathRow:
    """A path. `steps`: its courses in order, each behind what it waits for."""

    id: UUID
    key: str
    name: str
    summary: str
    owner_id: UUID
    steps: tuple[PathStep, ...]

    @property
    def course_ids(self) -> frozenset[UUID]:
        return frozenset(step.course_id for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPart:
    """A course of a path as the console shows it. `waits_for`: the titles of the courses it waits for, in order."""

    course_id: UUID
    key: str
    title: str
    minutes: int
    waits_for: tuple[str, ...]


def path(path_id: UUID) -> PathRow:
    """The path of this id; NotFound otherwise. One statement."""
    found = paths_by_id([path_id]).get(path_id)
    if found is None:
        raise NotFound
    return found


def paths_by_id(path_ids: Iterable[UUID]) -> Mapping[UUID, PathRow]:
    """One statement, whatever their number."""
    return {row.id: row for row in _rows_of(path__in=set(path_ids))}


def paths_of_vendor(keys: Iterable[str]) -> tuple[PathRow, ...]:
    """The vendor's paths of these keys, by name: nobody else has any. One statement."""
    return _rows_of(path__key__in=set(keys))


def paths_of_owner(owner_id: UUID) -> tuple[PathRow, ...]:
    """Every path of an owner, by name. One statement."""
    return _rows_of(path__owner=owner_id)


def visible_paths(*, partner_id: UUID, partner_type: str | None) -> tuple[PathRow, ...]:
    """The paths of which this partner sees every course, by name. Two statements."""
    seen = {row.course_id for row in visible_courses(partner_id=partner_id, partner_type=partner_type)}
    return tuple(row for row in _rows_of() if row.course_ids <= seen)


def paths_with(course_id: UUID) -> frozenset[UUID]:
    """The ids of the paths that hold a course."""
    return frozenset(PathCourse.objects.filter(course=course_id).values_list("path_id", flat=True))


def path_parts(row: PathRow) -> tuple[PathPart, ...]:
    """The courses of a path with their titles. One statement."""
    courses = courses_by_id(row.course_ids)
    return tuple(
        PathPart(
            course_id=step.course_id,
            key=courses[step.course_id].key,
            title=courses[step.course_id].title,
            minutes=courses[step.course_id].minutes,
            waits_for=tuple(courses[other.course_id].title for other in row.steps if other.course_id in step.waits_for),
        )
        for step in row.steps
        if step.course_id in courses
    )


def courses_for_paths(owner_id: UUID) -> Mapping[UUID, str]:
    """The courses that a path of this owner may hold, by title."""
    return {row.course_id: row.title for row in courses_of_owner(owner_id)}


def path_count() -> int:
    return Path.objects.count()


def _rows_of(**conditions: Any) -> tuple[PathRow, ...]:
    """The paths of these conditions, by name, from their courses: each has one at least."""
    held: dict[Path, list[PathStep]] = {}
    rows = PathCourse.objects.filter(**conditions).select_related("path")
    for row in rows.order_by("path__name", "path_id", "position"):
        step = PathStep(row.course_id, frozenset(UUID(one) for one in row.waits_for))
        held.setdefault(row.path, []).append(step)
    return tuple(
        PathRow(
            id=path.pk,
            key=path.key,
            name=path.name,
            summary=path.summary,
            owner_id=path.owner_id,
            steps=tuple(steps),
        )
        for path, steps in held.items()
    )


def _listed() -> QuerySet[Any]:
    held = PathCourse.objects.filter(path=OuterRef("pk")).order_by().values("path").annotate(n=Count("id")).values("n")
    rows: QuerySet[Any] = Path.objects.annotate(courses=Coalesce(Subquery(held), 0))
    return rows


def _cells(found: Any) -> Mapping[str, Any]:
    return {
        "href": reverse("catalog:path", args=[found.pk]),
        "name": found.name,
        "key": found.key,
        "courses": found.courses,
        "made_at": found.made_at,
    }


PATH_LIST = ListSpec(
    key="paths",
    noun=(_("path"), _("paths")),
    rows=_listed,
    columns=(
        Column("name", _("Name")),
        Column("key", _("Key")),
        Column("courses", _("Courses"), "number"),
        Column("made_at", _("Made on"), "instant"),
    ),
    cells=_cells,
    order=("name", "id"),
    search=("name", "key"),
)
