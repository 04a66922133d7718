"""Enrolments as those who look after people see them: what, until when, whether it is done. No tries, no answers, no
lessons: those are the learner's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.kernel import audit
from gangway.kernel.refusal import NotFound
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.queries.courses import courses_to_begin
from gangway.learning.rules import EnrolmentState, is_overdue


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentLine:
    """One enrolment. `begun`: its first lesson or check was opened. `attested`: complete by somebody's word only."""

    id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    title: str
    cycle: int
    state: str
    begun: bool
    attested: bool
    required: bool
    due_on: date | None
    enrolled_at: datetime
    completed_at: datetime | None

    @property
    def is_active(self) -> bool:
        return self.state == EnrolmentState.ACTIVE

    def overdue(self, today: date) -> bool:
        return is_overdue(self.state, self.due_on, today)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentPage:
    """The present cycle of an enrolment, why it is there (kinds of reasons), the cycles before it, and on whose word
    it is complete, if it is by a word ("" once erased). `max_tries` at its check, None: any number; `extra_tries` were
    allowed beyond."""

    line: EnrolmentLine
    reasons: tuple[str, ...]
    earlier: tuple[EnrolmentLine, ...]
    attested_because: str
    max_tries: int | None
    extra_tries: int


def people_amid(course_id: UUID) -> int:
    """How many people in scope have begun the course and not finished it: they stay with the version they began."""
    begun = Enrolment.objects.filter(course=course_id, state=EnrolmentState.ACTIVE, opened_at__isnull=False)
    people: int = begun.values("person").distinct().count()
    return people


def enrolments_of(person_id: UUID, today: date) -> tuple[EnrolmentLine, ...]:
    """A person's enrolments, each in its latest cycle: overdue first, then by due date, completed last."""
    rows = Enrolment.objects.filter(person_id=person_id).select_related("course").order_by("cycle")
    latest = {row.course_id: row for row in rows}
    alive = [row for row in latest.values() if row.state != EnrolmentState.WITHDRAWN]
    lines = lines_of(alive)
    return tuple(sorted(lines, key=lambda line: (not line.is_active, line.due_on or date.max, line.title)))


def enrolment_page(enrolment_id: UUID) -> EnrolmentPage:
    """An enrolment of the scope that is not withdrawn, by any of its cycles; NotFound otherwise."""
    asked = Enrolment.objects.filter(pk=enrolment_id).first()
    if asked is None:
        raise NotFound
    cycles = Enrolment.objects.filter(person_id=asked.person_id, course_id=asked.course_id).select_related("course")
    rows = list(cycles.order_by("-cycle"))
    present, *earlier = lines_of(rows)
    if present.state == EnrolmentState.WITHDRAWN:
        raise NotFound
    version_id = rows[0].version_id or rows[0].course.current_id
    course = catalog.versions_by_id([version_id]).get(version_id)
    given = EnrolmentReason.objects.filter(enrolment_id=present.id, withdrawn_at=None).order_by("given_at", "id")
    marked = audit.latest("enrolment", present.id, "learning.enrolment.mark_complete") if present.attested else None
    return EnrolmentPage(
        line=present,
        reasons=tuple(dict.fromkeys(given.values_list("kind", flat=True))),
        earlier=tuple(earlier),
        max_tries=course.check.max_tries if course and course.check else None,
        extra_tries=rows[0].extra_tries,
        attested_because=str(marked.changes_personal.get("reason", "")) if marked else "",
    )


def courses_to_give(partner_id: UUID, lines: Iterable[EnrolmentLine]) -> tuple[tuple[UUID, str], ...]:
    """(id, title) of the courses the partner sees that none of these enrolments is about, by title."""
    taken = {line.course_id for line in lines}
    found = [(row.course_id, row.title) for row in courses_to_begin(partner_id) if row.course_id not in taken]
    return tuple(sorted(found, key=lambda one: one[1]))


def lines_of(rows: Iterable[Enrolment]) -> list[EnrolmentLine]:
    """Rows read with their course; one statement more, for the titles."""
    rows = list(rows)
    versions: Mapping[UUID, UUID] = {row.pk: row.version_id or row.course.current_id for row in rows}
    titles = {key: course.title for key, course in catalog.versions_by_id(versions.values()).items()}
    return [
        EnrolmentLine(
            id=row.pk,
            person_id=row.person_id,
            course_id=row.course_id,
            course_key=row.course.key,
            title=titles.get(versions[row.pk], row.course.key),
            cycle=row.cycle,
            state=row.state,
            begun=row.opened_at is not None,
            attested=row.attested,
            required=row.required,
            due_on=row.due_on,
            enrolled_at=row.enrolled_at,
            completed_at=row.completed_at,
        )
        for row in rows
    ]
