"""Facts the catalogue publishes. Names and examples are a contract: add optional fields, never change what stands."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class CoursePublished:
    """A version of a course can be learned from now on. `assign` says who is to be enrolled: everyone | nobody."""

    name: ClassVar[str] = "catalog.course.published.v1"
    example: ClassVar[dict[str, Any]] = {
        "course_id": "019a0000-0000-7000-8000-0000000000c1",
        "version_id": "019a0000-0000-7000-8000-0000000000c2",
        "course_key": "partner-essentials",
        "n": 2,
        "assign": "everyone",
        "lessons": 4,
        "questions": 5,
    }

    course_id: UUID
    version_id: UUID
    course_key: str
    n: int
    assign: str
    lessons: int
    questions: int


@dataclass(frozen=True, kw_only=True)
class CourseAssigned:
    """Who is to be enrolled in a published course changed, without a new version: everyone | nobody."""

    name: ClassVar[str] = "catalog.course.assigned.v1"
    example: ClassVar[dict[str, Any]] = {"course_id": "019a0000-0000-7000-8000-0000000000c1", "assign": "everyone"}

    course_id: UUID
    assign: str


@dataclass(frozen=True, kw_only=True)
class PathChanged:
    """A path holds other courses now, or they stand in another order or wait for others."""

    name: ClassVar[str] = "catalog.path.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "path_id": "019a0000-0000-7000-8000-0000000000d7",
        "path_key": "sales-engineer",
        "courses": 4,
    }

    path_id: UUID
    path_key: str
    courses: int
