"""What a path means for one enrolment: its place in the order, and the courses that it still waits for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, PathRow
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind, path_ref
from gangway.partners.queries import partner_by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """An enrolment on a path (the one that the person came onto first, where there are several). `since`: when they
    came onto it; `position`: from 1. `waits_for`: courses of any of its paths that are to be completed before it."""

    path: PathRow
    since: datetime
    position: int
    waits_for: tuple[CourseRow, ...] = ()

    def in_language(self, wanted: str) -> "Way":
        return replace(self, waits_for=tuple(row.in_language(wanted) for row in self.waits_for))


def ways_of(enrolments: Iterable[Enrolment]) -> Mapping[UUID, Way]:
    """By enrolment, for those of one person that a path asks for. A course waits for what the person has completed in
    no cycle and their partner sees. Five statements at most, one where no path asks."""
    rows = {row.pk: row for row in enrolments}
    asked = EnrolmentReason.objects.filter(enrolment__in=list(rows), kind=ReasonKind.PATH, withdrawn_at=None)
    given = list(asked.values_list("enrolment_id", "ref", "given_at"))
    if not given:
        return {}
    paths = {
        path_ref(row.key): row for row in catalog.paths_of_vendor(ref.partition(":")[2] for _id, ref, _at in given)
    }
    since: dict[str, datetime] = {}
    for _id, ref, at in given:
        since[ref] = min(at, since.get(ref, at))
    waits: dict[UUID, set[UUID]] = {}
    found: dict[UUID, list[Way]] = {}
    for pk, ref, _at in given:
        steps = paths[ref].steps if ref in paths else ()
        for position, step in enumerate(steps, start=1):
            if step.course_id == rows[pk].course_id:
                found.setdefault(pk, []).append(Way(path=paths[ref], since=since[ref], position=position))
                waits.setdefault(pk, set()).update(step.waits_for)
    waited = _open(next(iter(rows.values())), set().union(*waits.values()))
    return {
        pk: replace(
            min(ways, key=lambda way: (way.since, way.path.key)),
            waits_for=tuple(row for key, row in waited.items() if key in waits[pk]),
        )
        for pk, ways in found.items()
    }


def fulfilled(person_id: UUID) -> frozenset[UUID]:
    """The courses that a person has completed, in any cycle and by whatever proof or word. One statement."""
    done = Enrolment.objects.filter(person=person_id, state=EnrolmentState.COMPLETED)
    return frozenset(done.values_list("course_id", flat=True))


def _open(one: Enrolment, waited: set[UUID]) -> Mapping[UUID, CourseRow]:
    """Those of these courses that the person of an enrolment has still to complete, by title."""
    missing = waited - fulfilled(one.person_id) if waited else set()
    if not missing:
        return {}
    partner = partner_by_id(one.partner_id)
    seen = catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)
    return {row.course_id: row for row in seen if row.course_id in missing}
