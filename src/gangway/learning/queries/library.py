"""P10: what a learner may begin on their own, and what their courses left them to keep; both found by their words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow, PathRow, ResourceRow
from gangway.kernel.values import sort_key
from gangway.learning.queries.cards import my_courses
from gangway.learning.queries.courses import courses_to_begin
from gangway.learning.queries.paths import paths_for


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """One thing to keep, and the course that it came with."""

    course: CourseRow
    resource: ResourceRow

    def in_language(self, wanted: str) -> "KeptRow":
        """The same with both titles in the nearest language."""
        return KeptRow(
            course=self.course.in_language(wanted), resource=self.resource.in_language(wanted, self.course.locale)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """What a search leaves of each shelf; `courses_all`, `paths_all` and `kept_all` count what stands there without
    one."""

    courses: tuple[CourseRow, ...]
    paths: tuple[PathRow, ...]
    kept: tuple[KeptRow, ...]
    courses_all: int
    paths_all: int
    kept_all: int


def library(*, person_id: UUID, partner_id: UUID, query: str, locale: str, now: datetime) -> Library:
    """The courses and paths that the partner sees and the person has not taken, and the resources of the courses they
    have, by title.

    Courses and resources are told in `locale`, where they are there in it. `query`: words that must all stand in a
    title, a summary or the course's title, as told or as written, whatever their case and accents. The statements do
    not grow with courses, paths or resources.
    """
    mine = [card.course for card in my_courses(person_id, now)]
    taken = {course.course_id for course in mine}
    offered = [row for row in courses_to_begin(partner_id) if row.course_id not in taken]
    of_version = catalog.resources_of(course.version_id for course in mine)
    kept = [KeptRow(course=course, resource=row) for course in mine for row in of_version.get(course.version_id, ())]
    roads = [line.path for line in paths_for(person_id, partner_id) if not line.on_it]
    words = sort_key(query).split()
    return Library(
        courses=tuple(
            told
            for row in offered
            if _has(words, row.title, row.summary, (told := row.in_language(locale)).title, told.summary)
        ),
        paths=tuple(row for row in roads if _has(words, row.name, row.summary)),
        kept=tuple(called for row in kept if _has(words, *_titles(row), *_titles(called := row.in_language(locale)))),
        courses_all=len(offered),
        paths_all=len(roads),
        kept_all=len(kept),
    )


def _titles(row: KeptRow) -> tuple[str, str]:
    return row.resource.title, row.course.title


def _has(words: list[str], *texts: str) -> bool:
    text = sort_key(" ".join(texts))
    return all(word in text for word in words)
