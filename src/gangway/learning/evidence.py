"""Criteria about learning by the robot: it walks what people will walk, and counts nowhere else."""

from django.db.models import F

from gangway.catalog.events import CoursePublished
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import N_, said
from gangway.learning.events import CourseCompleted
from gangway.learning.models import Enrolment
from gangway.learning.rules import EnrolmentState


def robot_completed(asking: Asking) -> Finding:
    """Courses that a synthetic person completed in the version that people learn now."""
    walked = Enrolment.objects.filter(person__synthetic=True, state=EnrolmentState.COMPLETED, attested=False)
    current = walked.filter(version_id=F("course__current_id")).exclude(course__owner__kind="shell")
    keys = sorted(set(current.values_list("course__key", flat=True)))
    latest = current.order_by("-completed_at").values_list("completed_at", flat=True).first()
    minimum = asking.number("minimum", 1)
    text = N_("The robot completed {n} courses in their present version; wanted: at least {minimum}: {keys}.")
    none = N_("The robot completed {n} courses in their present version; wanted: at least {minimum}.")
    return Finding(
        holds=len(keys) >= minimum,
        value=len(keys),
        n=len(keys),
        words=said(text if keys else none, n=len(keys), minimum=minimum, keys=keys[:5]),
        newest_at=latest,
        breaks=said("It ends when a course gets a new version, until the robot has walked that."),
    )


CRITERIA = (
    Criterion(
        key="learning.robot_completed",
        words="The robot learner completed at least {minimum} course from the first lesson to the check",
        query=robot_completed,
        depends_on=(CourseCompleted.name, CoursePublished.name),
        defaults={"minimum": 1},
    ),
)
