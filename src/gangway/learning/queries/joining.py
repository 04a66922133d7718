"""What those are to learn who join by themselves, as their company's admin sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.identity import queries as identity
from gangway.learning.models import JoinAim
from gangway.learning.queries.courses import courses_to_begin
from gangway.partners.queries import partner_by_id

Offered = Sequence[tuple[UUID, str]]  # ids and names


@dataclass(frozen=True, slots=True)
class AimRow:
    """A way to join and what it leads to: a course, a path, or neither. `code_id` None: the company's mail domains.
    `offered`: what it leads to can still be learnt there, so that whoever joins is enrolled in it."""

    code_id: UUID | None
    label: str
    tail: str
    course_id: UUID | None
    path_id: UUID | None
    offered: bool

    @property
    def leads_somewhere(self) -> bool:
        return self.offered and (self.course_id is not None or self.path_id is not None)


def joiners_may_learn(partner_id: UUID) -> tuple[Offered, Offered]:
    """The courses and the paths that a way to join may lead to, each by name."""
    partner = partner_by_id(partner_id)
    courses = [(row.course_id, row.title) for row in courses_to_begin(partner_id)]
    paths = catalog.visible_paths(partner_id=partner.id, partner_type=partner.type)
    return sorted(courses, key=lambda one: one[1]), sorted(
        ((row.id, row.name) for row in paths), key=lambda one: one[1]
    )


def join_aims(courses: Offered, paths: Offered, now: datetime) -> Sequence[AimRow]:
    """The ways to join the scope's partner: its mail domains first, then each code that lets anybody
    in. Three statements."""
    aims = {row.code_id: row for row in JoinAim.objects.all()}
    may_be = {key for key, _ in (*courses, *paths)}
    codes = [row for row in identity.access_codes(now) if row.lets_in]
    ways = [(None, "", ""), *((row.id, row.label, row.tail) for row in codes)]
    return [_row(aims.get(way[0]), *way, may_be) for way in ways]


def _row(aim: JoinAim | None, code_id: UUID | None, label: str, tail: str, may_be: set[UUID]) -> AimRow:
    course_id, path_id = (aim.course_id, aim.path_id) if aim else (None, None)
    about = course_id or path_id
    return AimRow(code_id, label, tail, course_id, path_id, about is None or about in may_be)
