"""What those learn who join by themselves: with an access code, or from a mail domain of their company."""

from datetime import datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.identity import queries as identity
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.learning.actions.enrolments import BY_RULE, enrol
from gangway.learning.actions.paths import path_seen
from gangway.learning.actions.places import Places, walk
from gangway.learning.actions.reasons import note, seen
from gangway.learning.models import EnrolmentReason, JoinAim, PathReason
from gangway.learning.rules import ReasonKind, joined_ref
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people


@action("learning.joining.aim")
def aim_joining(
    *,
    code_id: UUID | None,
    course_id: UUID | None = None,
    path_id: UUID | None = None,
    actor: Actor,
    now: datetime,
) -> bool:
    """Say what those learn who join the scope's partner with a code, or (None) from its mail domains: a course, a path
    or nothing; whether that is something else than before. Who has joined already is not enrolled by it.

    NotFound: no code of this partner, or a course or path that it does not see.
    """
    if code_id is not None and code_id not in {row.id for row in identity.access_codes(now)}:
        raise NotFound
    about = ""
    if path_id is not None:
        about = path_seen(path_id)[0].key
    elif course_id is not None:
        about = seen(course_id).key
    take_turn(BY_RULE)
    found = JoinAim.objects.filter(code=code_id).first() or JoinAim(code_id=code_id)
    if (found.course_id, found.path_id) == (course_id, path_id):
        return False
    found.course_id, found.path_id = course_id, path_id
    found.save()
    note(actor, "learning.joining.aim", found.pk, {"leads_to": about, "by": joined_ref(code_id)}, now, "join_aim")
    return True


@action("learning.joining.enrol")
def enrol_joined(*, person_id: UUID, code_id: UUID | None, actor: Actor, now: datetime) -> bool:
    """Enrol somebody who joined with a code, or (None) from a mail domain, in what that leads to; whether it did.

    Once: whoever was enrolled by it before is not again, even if somebody took them out since or it leads elsewhere
    now. Nothing for who has left, and for what the partner does not see any more.
    """
    take_turn(BY_RULE)
    aim = JoinAim.objects.filter(code=code_id).first()
    if aim is None or not _is_here(person_id) or _was_enrolled(person_id, joined_ref(code_id)):
        return False
    partner = partner_by_id(scopes.writer())
    if aim.path_id is not None:
        return _put_on(person_id, aim.path_id, joined_ref(code_id), partner, actor, now)
    sees = aim.course_id and catalog.sees(aim.course_id, partner_id=partner.id, partner_type=partner.type)
    if aim.course_id is None or not sees:
        return False
    ref = joined_ref(code_id)
    enrol(person_id=person_id, course_id=aim.course_id, reason=ReasonKind.CODE, ref=ref, actor=actor, now=now)
    return True


def _is_here(person_id: UUID) -> bool:
    return people.is_known(person_id) and people.person(person_id).state not in ("left", "erased")


def _was_enrolled(person_id: UUID, ref: str) -> bool:
    """The reason itself tells, withdrawn or not: it is unique, so a replay finds it."""
    given = EnrolmentReason.objects.filter(enrolment__person=person_id, kind=ReasonKind.CODE, ref=ref)
    placed = PathReason.objects.filter(place__person=person_id, kind=ReasonKind.CODE, ref=ref)
    return bool(given.exists() or placed.exists())


def _put_on(person_id: UUID, path_id: UUID, ref: str, partner: PartnerRow, actor: Actor, now: datetime) -> bool:
    """Give them a reason of their own to be on the path, also where a rule put them on it a moment before."""
    visible = catalog.visible_paths(partner_id=partner.id, partner_type=partner.type)
    path = next((row for row in visible if row.id == path_id), None)
    if path is None:
        return False
    places = Places([person_id], {path.id: path}, now)
    for place in places.give({(person_id, path.id): {(ReasonKind.CODE, ref): None}}, actor):
        changes = {"path": path.key, "reason": ReasonKind.CODE}
        note(actor, "learning.path.join", place.pk, changes, now, "path_place")
    walk([person_id], [path.id], partner, actor, now, lets_in=True)
    return True
