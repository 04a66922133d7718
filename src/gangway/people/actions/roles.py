"""Who may do what, and how far it reaches."""

from datetime import datetime
from uuid import UUID

from gangway.kernel.access import Reach
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import partner_by_id
from gangway.people.actions.giving import refuse_beyond, refuse_last
from gangway.people.actions.persons import locked, note, own_partner
from gangway.people.events import RoleGranted, RoleRevoked
from gangway.people.models import Grant, Person
from gangway.people.rules import GONE, check_role, usual_reach


@action("people.role.grant")
def grant_role(
    *,
    person_id: UUID,
    role: str,
    reach: Reach | None = None,
    reach_id: UUID | None = None,
    until: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Give a person of the scope's partner a role; the same again only moves its end.

    `reach` is the usual one of the role unless given. People of partners reach their own partner (`one`) or also what
    is below it (`tree`); staff may reach everybody (`host`), their portfolio, or one partner or tree by `reach_id`.
    BeyondYou: the giver's own roles do not reach that far. LastAdmin: an end for the last admin who has none.
    """
    check_role(role, own_partner().kind)
    if until is not None:
        refuse_last(person_id, role, actor, now)
    person = locked(person_id)
    partner = own_partner()
    if person.state in GONE:
        raise Invalid(field="role", problem="This person has left.", mend="Admit them again first.")
    if until is not None and until <= now:
        raise Invalid(field="until", problem="This end has passed.", mend="Choose a later day, or none.")
    wide = reach or usual_reach(role)
    target = _target(person, partner.kind, wide, reach_id)
    refuse_beyond(role, wide, target, actor=actor, now=now)
    grant = Grant.objects.filter(person=person_id, role=role, reach=wide.value, reach_id=target).first()
    if grant is not None and grant.until == until:
        return
    if grant is None:
        grant = Grant(person=person, role=role, reach=wide.value, reach_id=target, granted_at=now)
    elif grant.until is not None and grant.until <= now:
        grant.granted_at = now
    grant.until = until
    grant.save()
    changes = {"role": role, "reach": wide.value, "reach_id": str(target), "until": until and until.isoformat()}
    note(actor, "people.role.grant", person_id, changes, now)
    event = RoleGranted(person_id=person_id, role=role, reach=wide.value)
    publish(event, subject_id=person_id, now=now, actor=actor)


def _target(person: Person, kind: str, reach: Reach, reach_id: UUID | None) -> UUID:
    """What a reach reaches. Somebody of a partner never reaches another partner, whatever the caller names."""
    own = scopes.writer()
    if kind != "host":
        if reach not in (Reach.ONE, Reach.TREE) or reach_id not in (None, own):
            raise Invalid(field="reach", problem="A role at a partner reaches that partner, or what is below it.")
        return own
    if reach is Reach.PORTFOLIO:
        return person.id
    if reach is Reach.HOST or reach_id is None:
        return own
    with scopes.host():
        return partner_by_id(reach_id).id


@action("people.role.revoke")
def revoke_role(*, person_id: UUID, role: str, actor: Actor, now: datetime) -> None:
    """Take a role away, at every reach, at once: the access epoch voids what was opened with it.

    BeyondYou: a role that the actor could not have given. LastAdmin: nobody else would hold it.
    """
    refuse_last(person_id, role, actor, now)
    person = locked(person_id)
    live = [
        grant for grant in Grant.objects.filter(person=person_id, role=role) if grant.until is None or grant.until > now
    ]
    if not live:
        return
    for grant in live:
        refuse_beyond(role, Reach(grant.reach), grant.reach_id, actor=actor, now=now)
        grant.until = now
        grant.save()
        event = RoleRevoked(person_id=person_id, role=role, reach=grant.reach)
        publish(event, subject_id=person_id, now=now, actor=actor)
    person.access_epoch += 1
    person.save()
    note(actor, "people.role.revoke", person_id, {"role": role, "reach": [grant.reach for grant in live]}, now)
