"""Paths: courses in an order, of which each may wait for others, and how their order follows what they wait for."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

MOST_COURSES = 40  # of one path


@dataclass(frozen=True, slots=True)
class PathStep:
    """A course of a path, and the courses of the same path that are to be completed before it may be begun."""

    course_id: UUID
    waits_for: frozenset[UUID] = frozenset()


def arranged(steps: Sequence[PathStep]) -> tuple[PathStep, ...]:
    """The steps in their order, each behind what it waits for; what waits in a ring, or for one of those, last."""
    left, placed, order = list(steps), set[UUID](), list[PathStep]()
    while (step := next((one for one in left if one.waits_for <= placed), None)) is not None:
        left.remove(step)
        placed.add(step.course_id)
        order.append(step)
    return (*order, *left)


def ring(steps: Sequence[PathStep]) -> tuple[UUID, ...]:
    """Courses of which each waits for the next, and the last for the first; empty where nothing waits in a ring.

    `steps`: each course once, waiting for courses of these steps only.
    """
    waits = {step.course_id: step.waits_for for step in steps}
    placed = set[UUID]()
    for step in arranged(steps):
        if not step.waits_for <= placed:
            return _around(step.course_id, waits, placed)
        placed.add(step.course_id)
    return ()


def _around(start: UUID, waits: dict[UUID, frozenset[UUID]], placed: set[UUID]) -> tuple[UUID, ...]:
    """Whatever could not be placed waits for something that could not be placed either: go on until one comes again."""
    walked = [start]
    while True:
        following = min(waits[walked[-1]] - placed)
        if following in walked:
            return tuple(walked[walked.index(following) :])
        walked.append(following)
