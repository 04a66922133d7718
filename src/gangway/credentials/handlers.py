"""Reactions of credentials: a completion earns its award; a published course with a check has something to earn."""

from gangway.catalog.events import CoursePublished
from gangway.credentials import actions
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.learning.events import CourseCompleted

JOB = Actor.job("credentials")


def issue_award(event: CourseCompleted, fact: Fact) -> None:
    """Once per person, credential and cycle: a second delivery finds the award and adds nothing."""
    completed = actions.Completed(
        completion_id=event.completion_id,
        person_id=event.person_id,
        course_id=event.course_id,
        course_key=event.course_key,
        cycle=event.cycle,
        points=event.points,
        points_max=event.points_max,
    )
    actions.issue_award(completed=completed, actor=JOB, now=fact.occurred_at)


def define_default(event: CoursePublished, fact: Fact) -> None:
    """A course without a check proves nothing, and earns nothing."""
    if event.questions:
        actions.define_default(course_id=event.course_id, course_key=event.course_key, actor=JOB, now=fact.occurred_at)
