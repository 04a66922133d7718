"""What stands between a giver and a role: their own reach, and that somebody must be left who lets others in."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.access import PARTNER_ADMIN, Reach
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.people.models import Grant, Person
from gangway.people.queries.roles import held_by, other_holders, reached
from gangway.people.rules import KEEPS_ONE, check_role, may_give, somebody_stays, usual_reach


class BeyondYou(Refusal):
    """A grant never reaches beyond its giver."""

    code = "people.beyond_you"
    status = 403
    message = "You cannot give the role {role} this far: your own roles do not reach there."
    next_step = "Ask somebody whose role does, such as a platform admin."


class LastAdmin(Refusal):
    """Without them nobody could let anybody in."""

    code = "people.last_admin"
    message = "Nobody else holds the role {role} without an end."
    next_step = "Give the role to somebody else first."


def refuse_beyond(role: str, reach: Reach, reach_id: UUID, *, actor: Actor, now: datetime) -> None:
    """BeyondYou unless a person's own roles reach as far. The operator, jobs and files they bring are not asked."""
    if actor.kind is not ActorKind.PERSON:
        return
    wanted = reached(reach, reach_id)
    if not may_give(held_by(UUID(actor.id), now), role, wanted, scopes.writer()):
        raise BeyondYou(field="role", role=role)


def refuse_giving(role: str, *, actor: Actor, now: datetime) -> None:
    """BeyondYou unless they may give this role to people of the scope's partner. Invalid: it is no role of partners."""
    check_role(role, "partner")
    refuse_beyond(role, usual_reach(role), scopes.writer(), actor=actor, now=now)


def refuse_last_admin(person_id: UUID, actor: Actor, now: datetime) -> None:
    """LastAdmin where somebody who is about to be shut out is the last one; asked before their row is locked."""
    for role in KEEPS_ONE:
        refuse_last(person_id, role, actor, now)


def refuse_last(person_id: UUID, role: str, actor: Actor, now: datetime) -> None:
    """The last platform admin is kept from everybody but the operator, who can name another one; the last partner
    admin from people of that partner: staff can name another one, and must be able to when somebody has left."""
    if role not in KEEPS_ONE or actor.kind is not ActorKind.PERSON:
        return
    mine = Grant.objects.filter(person=person_id, role=role, until__isnull=True)
    if not mine.exists() or (role == PARTNER_ADMIN and not _works_here(actor)):
        return
    others = list(other_holders(person_id, role, now).values_list("person_id", "until"))
    # Two admins who take the role from each other at the same moment: one waits here for the other.
    list(Person.objects.select_for_update().filter(pk__in={person_id, *(one for one, _ in others)}).order_by("pk"))
    others = list(other_holders(person_id, role, now).values_list("person_id", "until"))
    if not somebody_stays(until for _, until in others):
        raise LastAdmin(field="role", role=role)


def _works_here(actor: Actor) -> bool:
    return bool(Person.objects.filter(pk=actor.id).exists())
