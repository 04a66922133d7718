"""Bringing enrolments in line with what asks for them: rules, and the paths that people are on."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from gangway.catalog.queries import CourseRow
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.learning.actions.reasons import told
from gangway.learning.events import EnrolmentWithdrawn
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind

Place = tuple[UUID, UUID]  # person, course


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that asks for somebody in a course. `due_on`: for an enrolment that is new or comes back."""

    due_on: date | None = None
    required: bool = True


@dataclass
class InLine:
    """What one transaction brings in line: the reasons of one kind and of these refs, of these people.

    `courses`: those that the partner sees. `lets_in`: also who was taken out of a course by hand. The statements do not
    grow with people, refs or courses.
    """

    kind: ReasonKind
    refs: Collection[str]
    person_ids: Sequence[UUID]
    courses: Mapping[UUID, CourseRow]
    now: datetime
    lets_in: bool = False
    wanted: dict[Place, dict[str, Wish]] = field(default_factory=dict)

    def want(self, person_id: UUID, course_id: UUID, ref: str, wish: Wish) -> None:
        """Only courses that this partner sees are asked for."""
        if course_id in self.courses:
            self.wanted.setdefault((person_id, course_id), {})[ref] = wish

    def enrol(self, actor: Actor) -> int:
        """Make what is missing, bring back what had ended, and give each its reasons; how many came or came back."""
        known = {(row.person_id, row.course_id) for row in self._rows()}
        fresh = [self._new(place) for place in sorted(set(self.wanted) - known)]
        Enrolment.objects.bulk_create(fresh, ignore_conflicts=True)  # who enrols themselves in this moment is first
        asked = self._asked()
        self._give(asked)
        made = {row.pk for row in fresh}
        back = [row for row in asked if row.state == EnrolmentState.WITHDRAWN]
        for row in back:
            place = (row.person_id, row.course_id)
            row.state, row.exempt, row.due_on = EnrolmentState.ACTIVE, False, self._due(place)
        plain = [row for row in asked if not row.required and self._required((row.person_id, row.course_id))]
        for row in plain:
            row.required = True
        changed = {row.pk: row for row in (*back, *plain)}
        Enrolment.objects.bulk_update(changed.values(), ["state", "exempt", "due_on", "required"])
        come = [row for row in asked if row.pk in made or row in back]
        facts = [(told(row, self.courses[row.course_id], self.kind), row.pk) for row in come]
        publish_all(facts, now=self.now, actor=actor)
        return len(come)

    def take_back(self, actor: Actor) -> int:
        """Take back reasons of what asks no longer; how many enrolments end by that."""
        given = self._reasons().filter(withdrawn_at=None).select_related("enrolment__course")
        void = [row for row in given if row.ref not in self._asking(row.enrolment)]
        EnrolmentReason.objects.filter(pk__in=[row.pk for row in void]).update(withdrawn_at=self.now)
        touched = {row.enrolment_id: row.enrolment for row in void}
        others = EnrolmentReason.objects.filter(enrolment__in=list(touched), withdrawn_at=None)
        kept = set(others.values_list("enrolment_id", flat=True)) if touched else set()
        idle = [
            row
            for key, row in touched.items()
            if key not in kept and row.opened_at is None and row.state == EnrolmentState.ACTIVE
        ]
        Enrolment.objects.filter(pk__in=[row.pk for row in idle]).update(state=EnrolmentState.WITHDRAWN)
        publish_all([(_ended(row), row.pk) for row in idle], now=self.now, actor=actor)
        return len(idle)

    def _asked(self) -> list[Enrolment]:
        """The latest cycle of each wanted place, locked. Left out: whom somebody took out by hand, and for a path what
        was completed in a cycle before."""
        rows = sorted(self._rows().select_for_update().order_by("pk"), key=lambda row: row.cycle)
        latest = {(row.person_id, row.course_id): row for row in rows}
        done = {(row.person_id, row.course_id) for row in rows if row.state == EnrolmentState.COMPLETED}
        return [
            row
            for place, row in latest.items()
            if place in self.wanted
            and (self.lets_in or not row.exempt)
            and not (self.kind is ReasonKind.PATH and row.state == EnrolmentState.WITHDRAWN and place in done)
        ]

    def _rows(self) -> QuerySet[Enrolment]:
        courses = {course_id for _person, course_id in self.wanted}
        rows: QuerySet[Enrolment] = Enrolment.objects.filter(person__in=list(self.person_ids), course__in=courses)
        return rows

    def _reasons(self) -> QuerySet[EnrolmentReason]:
        rows: QuerySet[EnrolmentReason] = EnrolmentReason.objects.filter(
            enrolment__person__in=list(self.person_ids), kind=self.kind, ref__in=list(self.refs)
        )
        return rows

    def _asking(self, enrolment: Enrolment) -> Iterable[str]:
        return self.wanted.get((enrolment.person_id, enrolment.course_id), ())

    def _new(self, place: Place) -> Enrolment:
        person_id, course_id = place
        return Enrolment(
            person_id=person_id,
            course_id=course_id,
            required=self._required(place),
            due_on=self._due(place),
            enrolled_at=self.now,
        )

    def _required(self, place: Place) -> bool:
        return any(wish.required for wish in self.wanted[place].values())

    def _due(self, place: Place) -> date | None:
        """The earliest day that is asked for."""
        return min((wish.due_on for wish in self.wanted[place].values() if wish.due_on is not None), default=None)

    def _give(self, asked: Sequence[Enrolment]) -> None:
        given = {(row.enrolment_id, row.ref): row for row in self._reasons()}
        pairs = [(row.pk, ref) for row in asked for ref in sorted(self._asking(row))]
        EnrolmentReason.objects.bulk_create(
            EnrolmentReason(enrolment_id=pk, kind=self.kind, ref=ref, given_at=self.now)
            for pk, ref in pairs
            if (pk, ref) not in given
        )
        again = [given[pair].pk for pair in pairs if pair in given and given[pair].withdrawn_at is not None]
        values: dict[str, Any] = {"withdrawn_at": None, "given_at": self.now}
        EnrolmentReason.objects.filter(pk__in=again).update(**values)


def _ended(row: Enrolment) -> EnrolmentWithdrawn:
    return EnrolmentWithdrawn(
        enrolment_id=row.pk,
        person_id=row.person_id,
        course_id=row.course_id,
        course_key=row.course.key,
        cycle=row.cycle,
    )
