"""Why somebody is enrolled, and what is told of it: what every way of enrolling shares."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow
from gangway.kernel import audit
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.learning.events import EnrolmentCreated
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind
from gangway.partners.queries import partner_by_id


def seen(course_id: UUID) -> CourseRow:
    """The course as published, where this partner may see it."""
    partner = partner_by_id(scopes.writer())
    course = catalog.published_course(course_id)
    if course is None or not catalog.sees(course_id, partner_id=partner.id, partner_type=partner.type):
        raise NotFound
    return course


def told(enrolment: Enrolment, course: CourseRow, reason: ReasonKind) -> EnrolmentCreated:
    """The fact of a new enrolment."""
    return EnrolmentCreated(
        enrolment_id=enrolment.pk,
        person_id=enrolment.person_id,
        course_id=course.course_id,
        course_key=course.key,
        cycle=enrolment.cycle,
        reason=reason,
        required=enrolment.required,
        due_on=enrolment.due_on,
    )


def give_reason(enrolment: Enrolment, reason: ReasonKind, ref: str, now: datetime) -> bool:
    """Note the reason once, and bring back to life what had ended; whether it came back.

    A rule leaves out whom somebody took out by hand; any other reason lets them in again.
    """
    if enrolment.exempt and reason is ReasonKind.RULE:
        return False
    given, is_new = EnrolmentReason.objects.get_or_create(
        enrolment=enrolment, kind=reason, ref=ref, defaults={"given_at": now}
    )
    if not is_new and given.withdrawn_at is not None:
        EnrolmentReason.objects.filter(pk=given.pk).update(withdrawn_at=None, given_at=now)
    back = enrolment.state == EnrolmentState.WITHDRAWN
    changed: dict[str, object] = {}
    if back:
        changed["state"], changed["exempt"] = EnrolmentState.ACTIVE, False
    if reason is not ReasonKind.SELF and not enrolment.required:
        changed["required"] = True
    if changed:
        Enrolment.objects.filter(pk=enrolment.pk).update(**changed)
    return back


def note(
    actor: Actor, verb: str, object_id: UUID, changes: Mapping[str, object], now: datetime, object_type: str = "course"
) -> None:
    """An audit entry of learning."""
    audit.record(actor=actor, verb=verb, object_type=object_type, object_id=object_id, changes=changes, now=now)
