"""What is done with one enrolment, done for many people at once, in one transaction, with a receipt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import CourseRow
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish_all
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.kernel.values import clean_line
from gangway.learning.actions.again import reset
from gangway.learning.actions.attesting import REASON_LIMIT, mark_complete
from gangway.learning.actions.by_hand import GoneAway, enrol_by_hand, refuse_past, set_due, withdraw
from gangway.learning.actions.enrolments import BATCH, BY_RULE
from gangway.learning.actions.paths import NotOnPath, OnPathAlready, path_seen, put_on, take_off
from gangway.learning.actions.places import walk
from gangway.learning.actions.reasons import note, seen, told
from gangway.learning.models import Enrolment, EnrolmentReason
from gangway.learning.rules import Change, EnrolmentState, ReasonKind
from gangway.partners.queries import partner_by_id
from gangway.people import queries as people


class TooManyPeople(Refusal):
    """`most`: how many may be changed at once."""

    code = "learning.too_many_people"
    status = 422
    message = "That is more than {most} people, which is the most that is changed at once."
    next_step = "Choose some of them in the list of people."


class NotEnrolled(Refusal):
    code = "learning.not_enrolled"
    status = 409
    message = "They are not enrolled in this course."
    next_step = "Enrol them first."


class DueAlready(Refusal):
    code = "learning.due_already"
    status = 409
    message = "They have this due date already."
    next_step = "Nothing is to do."


class WholePathsOnly(Refusal):
    code = "learning.whole_paths_only"
    status = 422
    message = "Of a path, people are enrolled in it or taken out of it; the rest is about single courses."
    next_step = "Choose a course for this, or enrol them in the path or take them out."


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Whose enrolment was changed, and whose was not, with the reason."""

    done: tuple[UUID, ...]
    refused: tuple[tuple[UUID, Refusal], ...]


@action("learning.enrolment.change_many")
def change_many(
    *,
    change: Change,
    person_ids: Sequence[UUID],
    course_id: UUID | None = None,
    path_id: UUID | None = None,
    due_on: date | None = None,
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Do the same with the enrolments of at most BATCH people of this partner in one course, or put them on one path or
    take them off it. What one person's own enrolment refuses leaves that person as they are, and stands on the receipt.

    Refuses as a whole with TooManyPeople, NotFound (one of the people, the course, or the path), DueInThePast,
    WholePathsOnly (anything else with a path), or Invalid where a reason is missing.
    """
    chosen = sorted(set(person_ids))
    if len(chosen) > BATCH:
        raise TooManyPeople(most=BATCH)
    if set(people.persons(chosen)) != set(chosen):
        raise NotFound
    refuse_past(due_on, now)
    if path_id is not None:
        return _with_path(change, chosen, path_id, due_on, actor, now)
    if course_id is None:
        raise NotFound
    course = seen(course_id)
    if change is Change.COMPLETE:
        clean_line(reason, "reason", limit=REASON_LIMIT)
    take_turn(BY_RULE)
    one = _one(change, course_id, due_on, reason, actor, now)
    done = _enrol_new(chosen, course, due_on, actor, now) if change is Change.ENROL else []
    refused: list[tuple[UUID, Refusal]] = []
    for person_id in sorted(set(chosen) - set(done)):
        try:
            one(person_id)
            done.append(person_id)
        except Refusal as refusal:
            refused.append((person_id, refusal))
    if done:
        changes = {"course": course.key, "change": change, "people": len(done), "refused": len(refused)}
        note(actor, "learning.enrolment.change_many", course_id, changes, now)
    return Receipt(done=tuple(done), refused=tuple(refused))


def _with_path(
    change: Change, chosen: Sequence[UUID], path_id: UUID, due_on: date | None, actor: Actor, now: datetime
) -> Receipt:
    """The same people onto one path, or off it, in a number of statements that does not grow with them."""
    take_turn(BY_RULE)
    if change is Change.ENROL:
        path, partner = path_seen(path_id)
        here = people.here_by_traits(chosen)
        done = put_on([one for one in chosen if one in here], path, ReasonKind.MANUAL, due_on, actor, now)
        why: dict[UUID, Refusal] = {one: OnPathAlready() if one in here else GoneAway() for one in chosen}
    elif change is Change.WITHDRAW:
        path, partner = catalog.path(path_id), partner_by_id(scopes.writer())
        done = take_off(chosen, path, actor, now)
        why = {one: NotOnPath() for one in chosen}
    else:
        raise WholePathsOnly(field="do")
    walk(done, [path.id], partner, actor, now, lets_in=change is Change.ENROL)
    left = [(one, why[one]) for one in chosen if one not in set(done)]
    if done:
        changes = {"path": path.key, "change": change, "people": len(done), "refused": len(left)}
        note(actor, "learning.path.change_many", path.id, changes, now, "path")
    return Receipt(done=tuple(done), refused=tuple(left))


def _enrol_new(
    chosen: Sequence[UUID], course: CourseRow, due_on: date | None, actor: Actor, now: datetime
) -> list[UUID]:
    """Enrol those of these people who are here and never were in the course, in a constant number of statements; who.
    Everybody else is looked at one by one."""
    theirs = Enrolment.objects.filter(course_id=course.course_id, person_id__in=chosen)
    known = set(theirs.values_list("person_id", flat=True))
    rows = [
        Enrolment(person_id=person_id, course_id=course.course_id, required=True, due_on=due_on, enrolled_at=now)
        for person_id in people.here_by_traits(chosen)
        if person_id not in known
    ]
    Enrolment.objects.bulk_create(rows, ignore_conflicts=True)  # whoever enrols themselves in this moment is first
    made = set(theirs.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    new = [row for row in rows if row.pk in made]
    EnrolmentReason.objects.bulk_create(
        EnrolmentReason(enrolment=row, kind=ReasonKind.MANUAL, given_at=now) for row in new
    )
    publish_all([(told(row, course, ReasonKind.MANUAL), row.pk) for row in new], now=now, actor=actor)
    entries = [audit.Entry(row.pk, {"course": course.key, "reason": ReasonKind.MANUAL}, {}) for row in new]
    audit.record_all(entries, actor=actor, verb="learning.enrolment.create", object_type="enrolment", now=now)
    return [row.person_id for row in new]


def _one(
    change: Change, course_id: UUID, due_on: date | None, reason: str, actor: Actor, now: datetime
) -> Callable[[UUID], object]:
    """The change for one person."""

    def present(person_id: UUID) -> UUID:
        theirs = Enrolment.objects.filter(person_id=person_id, course_id=course_id).order_by("-cycle").first()
        if theirs is None or theirs.state == EnrolmentState.WITHDRAWN:
            raise NotEnrolled
        found: UUID = theirs.pk
        return found

    def due(person_id: UUID) -> None:
        if not set_due(enrolment_id=present(person_id), due_on=due_on, actor=actor, now=now):
            raise DueAlready

    changes: dict[Change, Callable[[UUID], object]] = {
        Change.ENROL: lambda one: enrol_by_hand(
            person_id=one, course_id=course_id, due_on=due_on, actor=actor, now=now
        ),
        Change.DUE: due,
        Change.AGAIN: lambda one: reset(enrolment_id=present(one), due_on=due_on, actor=actor, now=now),
        Change.COMPLETE: lambda one: mark_complete(enrolment_id=present(one), reason=reason, actor=actor, now=now),
        Change.WITHDRAW: lambda one: withdraw(enrolment_id=present(one), actor=actor, now=now),
    }
    return changes[change]
