"""Seeing what somebody sees: begun and ended by staff, written down both times. That it changes nothing is the
kernel's promise (kernel.web.route)."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from gangway.identity.models import Session
from gangway.identity.rules import VIEW_LIFE
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

GONE = frozenset({"left", "erased"})


class NeverUpward(Refusal):
    """Nobody borrows the eyes of somebody who sees more: of staff, or of an admin of partners beyond one's own."""

    code = "identity.never_upward"
    status = 403
    message = "{name} may see things that you may not, so their pages stay theirs."
    next_step = "Choose somebody of a partner you look after, or ask a platform admin."


@action("identity.view.start")
def start_viewing(*, session_id: UUID, person_id: UUID, actor: Actor, now: datetime) -> datetime:
    """Show this session what a person of the open scope sees, for half an hour; until when.

    Refuses NotFound for somebody who is gone and for a session that is not the actor's or looks elsewhere already,
    NeverUpward for staff. Whether the person sees partners beyond the viewer's is asked before (sees_beyond).
    """
    person = people.person(person_id)
    if person.state in GONE:
        raise NotFound
    if partners.partner_by_id(person.partner_id).kind == "host":
        raise NeverUpward(name=person.name)
    own = Session.objects.filter(pk=session_id, person_id=_person(actor), ended_at=None).exclude(view_until__gt=now)
    until = now + VIEW_LIFE
    if not own.update(viewed_partner_id=person.partner_id, viewed_person_id=person.id, view_until=until):
        raise NotFound
    _note("start", person.id, session_id, actor, now)
    return until


@action("identity.view.stop", scoped=False)
def stop_viewing(*, session_id: UUID, actor: Actor, now: datetime) -> bool:
    """Be oneself again; False where the session was not looking elsewhere any more."""
    looking = Session.objects.filter(pk=session_id, person_id=_person(actor), view_until__gt=now)
    row = looking.first()
    if row is None or not looking.update(view_until=now):
        return False
    assert row.viewed_partner_id is not None
    assert row.viewed_person_id is not None
    with scopes.one(row.viewed_partner_id):
        _note("stop", row.viewed_person_id, session_id, actor, now)
    return True


def _note(verb: str, person_id: UUID, session_id: UUID, actor: Actor, now: datetime) -> None:
    audit.record(
        actor=replace(actor, on_behalf_of=person_id),
        verb=f"identity.view.{verb}",
        object_type="people.person",
        object_id=person_id,
        changes={"session": str(session_id)},
        now=now,
    )


def _person(actor: Actor) -> UUID:
    if actor.kind is not ActorKind.PERSON:
        raise NotFound
    return UUID(actor.id)
