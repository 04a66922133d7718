"""The subject of every write of learning: one enrolment, locked; asked for by its own person, or by who looks after
them."""

from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound, Refusal
from gangway.learning.models import Enrolment, LessonProgress
from gangway.learning.queries.ways import ways_of
from gangway.learning.rules import EnrolmentState


class OldCycle(Refusal):
    code = "learning.old_cycle"
    status = 409
    message = "This course was opened again for them since, so what was done before stays as it is."
    next_step = "Open their courses and choose the present cycle."


class WaitsForOthers(Refusal):
    """`courses`: the titles of those that come first, in one line."""

    code = "learning.waits_for_others"
    status = 409
    message = "On your path this course comes after {courses}."
    next_step = "Complete that first; then this one opens."


def locked(enrolment_id: UUID, actor: Actor) -> Enrolment:
    """The enrolment for writing; NotFound outside the scope, withdrawn, or of another person than the one acting."""
    alive = Enrolment.objects.exclude(state=EnrolmentState.WITHDRAWN)
    found: Enrolment | None = alive.select_for_update().filter(pk=enrolment_id).first()
    if found is None or not _own(found, actor):
        raise NotFound
    return found


def _own(enrolment: Enrolment, actor: Actor) -> bool:
    """People and robots learn for themselves; jobs and operators (the demo, an import) act for anybody."""
    learns = actor.kind in {ActorKind.PERSON, ActorKind.ROBOT}
    return not learns or actor.id == str(enrolment.person_id)


def looked_after(enrolment_id: UUID) -> Enrolment:
    """An enrolment for somebody who looks after its person: the surface has asked whether they may.

    NotFound outside the scope or withdrawn; OldCycle where a newer one is open.
    """
    alive = Enrolment.objects.exclude(state=EnrolmentState.WITHDRAWN)
    found: Enrolment | None = alive.select_for_update().filter(pk=enrolment_id).first()
    if found is None:
        raise NotFound
    same = Enrolment.objects.filter(person_id=found.person_id, course_id=found.course_id)
    if same.filter(cycle__gt=found.cycle).exists():
        raise OldCycle
    return found


def finished_keys(enrolment: Enrolment) -> list[str]:
    """The keys of the lessons that are finished in it, whatever version they were of."""
    done = LessonProgress.objects.filter(enrolment=enrolment, finished_at__isnull=False)
    return list(done.values_list("lesson__key", flat=True))


def pinned(enrolment: Enrolment, now: datetime) -> CourseRow:
    """The version this person learns; the first call begins the course, and pins it to what is published then.

    Refuses to begin what waits for others on a path, with WaitsForOthers; what was begun goes on.
    """
    if enrolment.version_id is not None:
        return catalog.course_version(enrolment.version_id)
    refuse_waiting(enrolment)
    course = catalog.published_course(enrolment.course_id)
    if course is None:
        raise NotFound
    enrolment.version_id = course.version_id
    enrolment.opened_at = now
    enrolment.save(update_fields=["version", "opened_at"])
    return course


def refuse_waiting(enrolment: Enrolment) -> None:
    """WaitsForOthers where a path lets this course begin after others only, and they are not completed. What somebody
    marked complete is open: proof may replace the word."""
    way = ways_of([enrolment]).get(enrolment.pk) if enrolment.state == EnrolmentState.ACTIVE else None
    if way is not None and way.waits_for:
        raise WaitsForOthers(courses=", ".join(row.title for row in way.waits_for))
