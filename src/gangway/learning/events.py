"""Facts of learning. Names and examples are a contract: add optional fields, never change what stands."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

_ENROLMENT = "019a0000-0000-7000-8000-0000000000e1"
_PERSON = "019a0000-0000-7000-8000-0000000000a1"
_COURSE = "019a0000-0000-7000-8000-0000000000c1"


@dataclass(frozen=True, kw_only=True)
class EnrolmentCreated:
    """A person is to learn a course. `reason` is the first reason: rule | manual | self | code | path | import."""

    name: ClassVar[str] = "learning.enrolment.created.v1"
    example: ClassVar[dict[str, Any]] = {
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "course_key": "partner-essentials",
        "cycle": 1,
        "reason": "rule",
        "required": True,
        "due_on": "2026-04-01",
    }

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    cycle: int
    reason: str
    required: bool
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class LessonFinished:
    """A person finished a lesson for the first time; `finished` of `lessons` are done now."""

    name: ClassVar[str] = "learning.lesson.finished.v1"
    example: ClassVar[dict[str, Any]] = {
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "lesson_key": "your-first-call",
        "finished": 1,
        "lessons": 4,
    }

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    lesson_key: str
    finished: int
    lessons: int


@dataclass(frozen=True, kw_only=True)
class AttemptSubmitted:
    """A knowledge check was handed in and graded: `points` of `points_max`; `attempt_n` counts the tries from 1."""

    name: ClassVar[str] = "learning.attempt.submitted.v1"
    example: ClassVar[dict[str, Any]] = {
        "attempt_id": "019a0000-0000-7000-8000-0000000000d1",
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "assessment_version_id": "019a0000-0000-7000-8000-0000000000f1",
        "attempt_n": 1,
        "points": 4,
        "points_max": 5,
        "passed": True,
    }

    attempt_id: UUID
    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    assessment_version_id: UUID
    attempt_n: int
    points: int
    points_max: int
    passed: bool


@dataclass(frozen=True, kw_only=True)
class CourseCompleted:
    """A person completed a course, once per enrolment (so per cycle). `required`: someone else asked for it."""

    name: ClassVar[str] = "learning.course.completed.v1"
    example: ClassVar[dict[str, Any]] = {
        "completion_id": "019a0000-0000-7000-8000-0000000000b1",
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "course_version_id": "019a0000-0000-7000-8000-0000000000c2",
        "course_key": "partner-essentials",
        "cycle": 1,
        "required": True,
        "points": 4,
        "points_max": 5,
    }

    completion_id: UUID
    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_version_id: UUID
    course_key: str
    cycle: int
    required: bool
    points: int | None = None
    points_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class CourseAttested:
    """Somebody marked a course complete for a person, with a reason that the audit log keeps. Nothing was learnt that
    the system saw: it earns nothing and counts in no figure."""

    name: ClassVar[str] = "learning.course.attested.v1"
    example: ClassVar[dict[str, Any]] = {
        "completion_id": "019a0000-0000-7000-8000-0000000000b1",
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "course_key": "partner-essentials",
        "cycle": 1,
    }

    completion_id: UUID
    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    cycle: int


@dataclass(frozen=True, kw_only=True)
class EnrolmentWithdrawn:
    """Somebody took a person out of a course by hand, or opened it again for them as `next_cycle`; or no rule names
    them any more, and they had not begun."""

    name: ClassVar[str] = "learning.enrolment.withdrawn.v1"
    example: ClassVar[dict[str, Any]] = {
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "course_key": "partner-essentials",
        "cycle": 1,
        "next_cycle": 2,
    }

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    cycle: int
    next_cycle: int | None = None


@dataclass(frozen=True, kw_only=True)
class EnrolmentDueChanged:
    """The day by which a course is to be completed was set, moved or taken away."""

    name: ClassVar[str] = "learning.enrolment.due_changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "enrolment_id": _ENROLMENT,
        "person_id": _PERSON,
        "course_id": _COURSE,
        "course_key": "partner-essentials",
        "cycle": 1,
        "due_on": "2026-05-01",
    }

    enrolment_id: UUID
    person_id: UUID
    course_id: UUID
    course_key: str
    cycle: int
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class EnrolmentRuleChanged:
    """An enrolment rule was switched on or off, or is on and names others now. `on`: whether it is followed."""

    name: ClassVar[str] = "learning.rule.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "rule_id": "019a0000-0000-7000-8000-0000000000a7",
        "rule_key": "gold-engineers",
        "on": True,
    }

    rule_id: UUID
    rule_key: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class PathJoined:
    """A person came onto a path, or onto it again. `reason`: rule | manual | self | code."""

    name: ClassVar[str] = "learning.path.joined.v1"
    example: ClassVar[dict[str, Any]] = {
        "place_id": "019a0000-0000-7000-8000-0000000000d8",
        "person_id": _PERSON,
        "path_id": "019a0000-0000-7000-8000-0000000000d7",
        "path_key": "sales-engineer",
        "reason": "rule",
        "required": True,
        "due_on": "2026-06-01",
    }

    place_id: UUID
    person_id: UUID
    path_id: UUID
    path_key: str
    reason: str
    required: bool
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PathLeft:
    """Nobody and nothing wants a person on a path any more. What they had begun of it goes on."""

    name: ClassVar[str] = "learning.path.left.v1"
    example: ClassVar[dict[str, Any]] = {
        "place_id": "019a0000-0000-7000-8000-0000000000d8",
        "person_id": _PERSON,
        "path_id": "019a0000-0000-7000-8000-0000000000d7",
        "path_key": "sales-engineer",
    }

    place_id: UUID
    person_id: UUID
    path_id: UUID
    path_key: str
