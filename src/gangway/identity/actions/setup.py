"""The very first person of staff, let in by a one-time address that only the operator sees."""

from datetime import datetime

from gangway.identity.actions.sessions import NewSession, begin_session
from gangway.identity.models import Challenge
from gangway.identity.queries.doors import facts, link_digest, staff_exist
from gangway.identity.rules import SETUP_LIFE, Kind, Method, State, state_of
from gangway.kernel import secrets
from gangway.kernel.access import PLATFORM_ADMIN, PROGRAMME_LEAD
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners_actions
from gangway.partners import queries as partners
from gangway.people import actions as people_actions


class SetUpClosed(Refusal):
    """Staff exist, or the address was used, ran out or never was."""

    code = "identity.set_up_closed"
    status = 410
    message = "This address has done its work."
    next_step = "Sign in, or ask the operator for: gangway sign-in-link"


@action("identity.setup.open", scoped=False)
def open_setup(*, actor: Actor, now: datetime) -> str | None:
    """A one-time address (path) for the first person of staff, for a day; None where staff exist.

    The address printed before is closed: only the last one works.
    """
    if staff_exist(now):
        return None
    Challenge.objects.filter(kind=Kind.SETUP, used_at=None, expires_at__gt=now).update(expires_at=now)
    link = secrets.token()
    Challenge.objects.create(kind=Kind.SETUP, link=link_digest(link), asked_at=now, expires_at=now + SETUP_LIFE)
    return f"/set-up/{link}"


@action("identity.setup.complete", scoped=False)
def complete_setup(
    *, link: str, company: str, name: str, email: str, device: str = "", actor: Actor, now: datetime
) -> NewSession:
    """Make the host, where there is none, and its first person, who leads and administers; sign them in.

    Refuses SetUpClosed where somebody was faster, and Invalid where a value cannot be.
    """
    row = Challenge.objects.select_for_update().filter(link=link_digest(link), kind=Kind.SETUP).first()
    if row is None or state_of(facts(row), now) is not State.OPEN or staff_exist(now):
        raise SetUpClosed
    host = partners.host_partner()
    host_id = host.id if host else partners_actions.create_host(name=company, actor=actor, now=now)
    Challenge.objects.filter(pk=row.pk).update(used_at=now)
    with scopes.one(host_id):
        person_id = people_actions.admit_person(
            name=name,
            email=email,
            roles=(PLATFORM_ADMIN, PROGRAMME_LEAD),
            letter=False,
            source="setup",
            actor=Actor(ActorKind.LINK, str(row.id)),
            now=now,
        )
        return begin_session(
            person_id=person_id, method=Method.SETUP, device=device, actor=Actor.person(person_id), now=now
        )
