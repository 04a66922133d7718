"""What learning does when people come in and when courses appear."""

from uuid import UUID

from django.utils.module_loading import import_string

from gangway.catalog.events import CourseAssigned, CoursePublished
from gangway.kernel.actor import Actor
from gangway.kernel.wiring import Fact
from gangway.learning import actions
from gangway.people.events import PersonAdmitted

EVERYONE = "everyone"
_ME = Actor.job("learning")


def enrol_admitted(event: PersonAdmitted, fact: Fact) -> None:
    """Whoever comes in is enrolled in what is for everyone."""
    actions.enrol_in_assigned(person_id=event.person_id, actor=_ME, now=fact.occurred_at)


def enrol_for_published(event: CoursePublished, fact: Fact) -> None:
    """A course for everyone was published: a job enrols those who are here already."""
    if event.assign == EVERYONE:
        _enqueue("enrol_everyone", event.course_id)


def follow_assignment(event: CourseAssigned, fact: Fact) -> None:
    """A course is for everyone now, or no longer: a job enrols everybody, or takes the reason back."""
    _enqueue("enrol_everyone" if event.assign == EVERYONE else "withdraw_from_everyone", event.course_id)


def _enqueue(job: str, course_id: UUID) -> None:
    """By name: jobs and handlers are surfaces side by side and do not import each other."""
    import_string(f"gangway.learning.jobs.{job}").enqueue(course_id=str(course_id))
