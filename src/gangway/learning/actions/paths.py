"""Paths of courses: people come onto one, leave it, and follow it when it changes."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from gangway.catalog import queries as catalog
from gangway.catalog.queries import PathRow
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.turns import take_turn
from gangway.learning.actions.by_hand import GoneAway, refuse_past
from gangway.learning.actions.enrolments import BATCH, BY_RULE
from gangway.learning.actions.places import Followed, Places, walk
from gangway.learning.actions.reasons import note
from gangway.learning.queries.paths import by_others
from gangway.learning.rules import ReasonKind
from gangway.partners.queries import PartnerRow, partner_by_id
from gangway.people import queries as people


class OnPathAlready(Refusal):
    code = "learning.on_path_already"
    status = 409
    message = "They are on this path already."
    next_step = "Nothing is to do."


class NotOnPath(Refusal):
    code = "learning.not_on_path"
    status = 409
    message = "They are not on this path."
    next_step = "Nothing is to do."


class PutOnPath(Refusal):
    code = "learning.put_on_path"
    status = 409
    message = "Somebody else put you on this path."
    next_step = "Ask whoever looks after your training to take you off it."


@action("learning.path.join")
def join_path(
    *,
    person_id: UUID,
    path_id: UUID,
    reason: ReasonKind = ReasonKind.MANUAL,
    due_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> int:
    """Put a person on a path, because somebody wants it or (SELF) they do: they are enrolled in its courses, also in
    those that they were taken out of. How many enrolments came by that.

    On it already, SELF changes nothing. Refuses with NotFound (the person, or a path of which their partner does not
    see every course), GoneAway, OnPathAlready or DueInThePast.
    """
    if people.person(person_id).state in ("left", "erased"):
        raise GoneAway
    refuse_past(due_on, now)
    take_turn(BY_RULE)
    path, partner = path_seen(path_id)
    done = put_on([person_id], path, reason, due_on, actor, now)
    if not done and reason is not ReasonKind.SELF:
        raise OnPathAlready
    return walk(done, [path.id], partner, actor, now, lets_in=True).enrolled


@action("learning.path.leave")
def leave_path(*, person_id: UUID, path_id: UUID, actor: Actor, now: datetime) -> int:
    """Take a person off a path, whoever put them there; a rule does not bring them back. What only the path asked for
    and they have not begun ends; how many enrolments did.

    Refuses with NotFound (the person) or NotOnPath.
    """
    people.person(person_id)
    take_turn(BY_RULE)
    if not take_off([person_id], catalog.path(path_id), actor, now):
        raise NotOnPath
    return walk([person_id], [path_id], partner_by_id(scopes.writer()), actor, now).ended


@action("learning.path.leave_own")
def leave_own_path(*, person_id: UUID, path_id: UUID, actor: Actor, now: datetime) -> int:
    """Leave a path that nobody asked for but the person; a rule may put them on it later. What only the path asked for
    and they have not begun ends; how many enrolments did.

    Refuses with NotOnPath, or with PutOnPath where somebody else, or a rule, wants them on it.
    """
    take_turn(BY_RULE)
    path = catalog.path(path_id)
    if by_others(person_id, path_id):
        raise PutOnPath
    if not take_off([person_id], path, actor, now, exempt=False):
        raise NotOnPath
    return walk([person_id], [path_id], partner_by_id(scopes.writer()), actor, now).ended


@action("learning.path.follow")
def follow_paths(*, person_ids: Sequence[UUID], path_id: UUID | None = None, actor: Actor, now: datetime) -> Followed:
    """Bring the enrolments of at most BATCH people of this partner in line with every path they are on, or with one.

    Whoever is on it is enrolled in each of its courses, unless somebody took them out of that by hand; what it holds no
    longer, they have not begun and nobody else asked for ends. Done twice, it changes nothing. The statements do not
    grow with people or courses.
    """
    if len(person_ids) > BATCH:
        raise ValueError(f"At most {BATCH} people at a time, not {len(person_ids)}.")
    take_turn(BY_RULE)
    partner = partner_by_id(scopes.writer())
    done = walk(person_ids, None if path_id is None else [path_id], partner, actor, now)
    if done.enrolled or done.ended:
        note(
            actor, "learning.path.follow", partner.id, {"enrolled": done.enrolled, "ended": done.ended}, now, "partner"
        )
    return done


def path_seen(path_id: UUID) -> tuple[PathRow, PartnerRow]:
    """The path, where the scope's partner sees every course of it; NotFound otherwise."""
    path, partner = catalog.path(path_id), partner_by_id(scopes.writer())
    seen = catalog.visible_courses(partner_id=partner.id, partner_type=partner.type)
    if not path.course_ids <= {row.course_id for row in seen}:
        raise NotFound
    return path, partner


def put_on(
    person_ids: Sequence[UUID], path: PathRow, reason: ReasonKind, due_on: date | None, actor: Actor, now: datetime
) -> list[UUID]:
    """Put those of these people on a path who are not on it; who. The turn is taken."""
    places = Places(person_ids, {path.id: path}, now)
    on_it = {row.person_id for row in places.rows.values() if row.left_at is None}
    wishes = {(one, path.id): {(reason, ""): due_on} for one in person_ids if one not in on_it}
    come = places.give(wishes, actor)
    changes = {"path": path.key, "reason": reason, "due_on": due_on and due_on.isoformat()}
    entries = [audit.Entry(row.pk, changes, {}) for row in come]
    audit.record_all(entries, actor=actor, verb="learning.path.join", object_type="path_place", now=now)
    return [row.person_id for row in come]


def take_off(
    person_ids: Sequence[UUID], path: PathRow, actor: Actor, now: datetime, *, exempt: bool = True
) -> list[UUID]:
    """Take these people off a path, with every reason they had; who was on it. The turn is taken. `exempt`: rules leave
    them off it."""
    left = Places(person_ids, {path.id: path}, now).take(lambda _reason: True, actor, exempt=exempt)
    entries = [audit.Entry(row.pk, {"path": path.key}, {}) for row in left]
    audit.record_all(entries, actor=actor, verb="learning.path.leave", object_type="path_place", now=now)
    return [row.person_id for row in left]
