"""What people who start now learn, and who is enrolled in it by rule."""

from datetime import datetime
from uuid import UUID

from gangway.catalog.events import CourseAssigned, CoursePublished
from gangway.catalog.models import Course, CourseVersion
from gangway.catalog.rules import Assign, VersionState
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes


@action("catalog.version.publish")
def publish_version(*, version_id: UUID, actor: Actor, now: datetime) -> None:
    """Let people learn this version from now on. Those who have begun an older one finish that. Idempotent.

    Refuses with NotFound where the version is not the scope's.
    """
    version = CourseVersion.objects.filter(pk=version_id, owner=scopes.writer()).first()
    if version is None:
        raise NotFound
    course = Course.objects.select_for_update().get(pk=version.course_id)
    if course.current_id == version.pk:
        return
    CourseVersion.objects.filter(pk=version.pk, state=VersionState.DRAFT).update(
        state=VersionState.PUBLISHED, published_at=now
    )
    course.current = version
    course.save(update_fields=["current"])
    audit.record(
        actor=actor,
        verb="catalog.version.publish",
        object_type="course",
        object_id=course.pk,
        changes={"key": course.key, "n": version.n, "assign": course.assign},
        now=now,
    )
    event = CoursePublished(
        course_id=course.pk,
        version_id=version.pk,
        course_key=course.key,
        n=version.n,
        assign=course.assign,
        lessons=version.lessons,
        questions=version.questions,
    )
    publish(event, subject_id=course.pk, actor=actor, now=now)


def make_current(course: Course, version: CourseVersion, assign: Assign, actor: Actor, now: datetime) -> None:
    """Publish the version together with who is enrolled in it; where it is current already, see to the latter."""
    if course.current_id == version.pk:
        _assign(course, assign, actor, now)
        return
    Course.objects.filter(pk=course.pk).update(assign=assign)
    publish_version(version_id=version.pk, actor=actor, now=now)


def _assign(course: Course, assign: Assign, actor: Actor, now: datetime) -> None:
    """Keep who is enrolled by rule, and tell it where it changed and there is something to learn."""
    if course.assign == assign:
        return
    course.assign = assign
    course.save(update_fields=["assign"])
    audit.record(
        actor=actor,
        verb="catalog.course.assign",
        object_type="course",
        object_id=course.pk,
        changes={"assign": assign},
        now=now,
    )
    if course.current_id is not None:
        publish(CourseAssigned(course_id=course.pk, assign=assign), subject_id=course.pk, actor=actor, now=now)
