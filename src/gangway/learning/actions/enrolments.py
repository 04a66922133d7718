"""Who is to learn what, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from gangway.catalog import queries as catalog
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish, publish_all
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.learning.actions.reasons import give_reason, note, seen, told
from gangway.learning.actions.subject import refuse_waiting
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import EnrolmentState, ReasonKind
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people

EVERYONE = "assign:everyone"
BY_RULE = "learning.by_rule"  # enrolments of many people, which two transactions might meet in another order
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """`created` is False where the person was enrolled already and only gained a reason."""

    enrolment_id: UUID
    created: bool


@action("learning.enrolment.create")
def enrol(
    *,
    person_id: UUID,
    course_id: UUID,
    reason: ReasonKind,
    ref: str = "",
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> Enrolled:
    """Enrol a person in a course's current cycle, for a reason; again for the same reason changes nothing.

    What had been withdrawn comes back with all that was done in it, and the new due date. Refuses with NotFound a
    course that this partner may not see or that has nothing published; and with WaitsForOthers who wants to begin
    (SELF) what comes later on a path of theirs.
    """
    course = seen(course_id)
    theirs = Enrolment.objects.filter(person_id=person_id, course_id=course_id)
    latest = theirs.order_by("-cycle").first()
    if reason is ReasonKind.SELF and latest is not None and latest.opened_at is None:
        refuse_waiting(latest)
    enrolment, created = theirs.select_for_update().get_or_create(
        cycle=latest.cycle if latest else 1,
        defaults={
            "person_id": person_id,
            "course_id": course_id,
            "required": reason is not ReasonKind.SELF,
            "due_on": due_on,
            "enrolled_at": now,
        },
    )
    back = give_reason(enrolment, reason, ref, now)
    if back:
        Enrolment.objects.filter(pk=enrolment.pk).update(due_on=due_on)
        enrolment.due_on = due_on
    if created or back:
        publish(told(enrolment, course, reason), subject_id=enrolment.pk, actor=actor, now=now)
        changes = {"course": course.key, "reason": reason}
        note(actor, "learning.enrolment.create", enrolment.pk, changes, now, "enrolment")
    return Enrolled(enrolment_id=enrolment.pk, created=created)


@action("learning.enrolment.assign")
def enrol_in_assigned(*, person_id: UUID, actor: Actor, now: datetime) -> int:
    """Enrol a person in every course that is for everyone their partner sees; how many were new.

    The vendor's own people are not enrolled by rule: they look at courses, and count nowhere.
    """
    partner = partner_by_id(scopes.writer())
    if _is_host(partner) or not people.is_known(person_id):
        return 0
    take_turn(BY_RULE)
    courses = catalog.courses_for_everyone(partner_id=partner.id, partner_type=partner.type)
    done = [
        enrol(
            person_id=person_id, course_id=course.course_id, reason=ReasonKind.RULE, ref=EVERYONE, actor=actor, now=now
        )
        for course in courses
    ]
    return sum(one.created for one in done)


@action("learning.enrolment.assign_many")
def enrol_people(*, course_id: UUID, person_ids: Sequence[UUID], actor: Actor, now: datetime) -> int:
    """Enrol at most BATCH people of this partner in a course for everyone, in one transaction; how many were new."""
    if len(person_ids) > BATCH:
        raise ValueError(f"At most {BATCH} people at a time, not {len(person_ids)}.")
    take_turn(BY_RULE)
    course = seen(course_id)
    have = Enrolment.objects.filter(course_id=course_id, person_id__in=list(person_ids))
    known = set(have.values_list("person_id", flat=True))
    rows = [
        Enrolment(person_id=person_id, course_id=course_id, required=True, enrolled_at=now)
        for person_id in person_ids
        if person_id not in known
    ]
    Enrolment.objects.bulk_create(rows, ignore_conflicts=True)  # whoever enrols themselves in this moment is first
    latest = {enrolment.person_id: enrolment for enrolment in _locked(have)}
    made = {row.pk for row in rows} & {enrolment.pk for enrolment in latest.values()}
    new = [enrolment for enrolment in latest.values() if enrolment.pk in made]
    EnrolmentReason.objects.bulk_create(
        EnrolmentReason(enrolment=row, kind=ReasonKind.RULE, ref=EVERYONE, given_at=now) for row in new
    )
    publish_all([(told(row, course, ReasonKind.RULE), row.pk) for row in new], now=now, actor=actor)
    for enrolment in latest.values():
        if enrolment.pk not in made:
            give_reason(enrolment, ReasonKind.RULE, EVERYONE, now)
    if new:
        changes = {"course": course.key, "people": len(new)}
        note(actor, "learning.enrolment.assign_many", course_id, changes, now)
    return len(new)


def _locked(rows: QuerySet[Enrolment]) -> list[Enrolment]:
    """Locked in one order, wherever they are, and read behind the lock; of one person the latest cycle last."""
    return sorted(rows.select_for_update().order_by("pk"), key=lambda enrolment: enrolment.cycle)


@action("learning.enrolment.withdraw_rule")
def withdraw_rule(*, course_id: UUID, actor: Actor, now: datetime) -> int:
    """Take the reason "for everyone" back from at most BATCH enrolments of this partner; how many.

    What was not begun and has no other reason ends; what was begun stays.
    """
    take_turn(BY_RULE)
    given = EnrolmentReason.objects.filter(
        enrolment__course_id=course_id, kind=ReasonKind.RULE, ref=EVERYONE, withdrawn_at=None
    )
    reasons = list(given.order_by("id").values_list("pk", "enrolment_id")[:BATCH])
    EnrolmentReason.objects.filter(pk__in=[pk for pk, _ in reasons]).update(withdrawn_at=now)
    enrolments = [enrolment_id for _, enrolment_id in reasons]
    _locked(Enrolment.objects.filter(pk__in=enrolments))
    others = EnrolmentReason.objects.filter(enrolment_id__in=enrolments, withdrawn_at=None)
    kept = set(others.values_list("enrolment_id", flat=True))
    idle = Enrolment.objects.filter(pk__in=set(enrolments) - kept, opened_at=None, state=EnrolmentState.ACTIVE)
    ended = idle.update(state=EnrolmentState.WITHDRAWN)
    if reasons:
        note(actor, "learning.enrolment.withdraw_rule", course_id, {"reasons": len(reasons), "ended": ended}, now)
    return len(reasons)


def _is_host(partner: PartnerRow) -> bool:
    return partner.kind == "host"
