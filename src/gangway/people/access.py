"""Who may see and change people. A right's scope says which ones: the grants' reach decides."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from gangway.kernel.access import CHANNEL_MANAGER, PARTNER_ADMIN, PARTNER_IT, PLATFORM_ADMIN, PROGRAMME_LEAD, Right
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy.scopes import Scope
from gangway.people.queries.standing import as_principal

SEE_PEOPLE = Right(
    "people.person.see", "sees people of partners", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER)
)
EDIT_PEOPLE = Right(
    "people.person.edit", "suspends people of partners", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER)
)
SEE_TEAM = Right("people.team.see", "sees the own team", roles=(PARTNER_ADMIN, PARTNER_IT))
GIVE_ROLES = Right(
    "people.role.give", "gives roles to people of partners", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER)
)
GIVE_TEAM_ROLES = Right("people.team.give_roles", "gives roles to people of the own team", roles=(PARTNER_ADMIN,))
EDIT_TEAM = Right("people.team.edit", "invites and suspends people of the own team", roles=(PARTNER_ADMIN,))
BRING_PEOPLE = Right(
    "people.person.bring",
    "brings people of partners in from a file",
    roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER),
)
BRINGING: Mapping[str, Right] = {"desk": EDIT_TEAM, "console": BRING_PEOPLE}


class NoLonger(Refusal):
    """Work waited, and who had asked for it may not do it any more."""

    code = "people.no_longer_allowed"
    status = 403
    message = "Whoever brought this file may not do that any more."
    next_step = "Ask somebody who may to bring it again."


def scope_now(person_id: UUID, right: Right, now: datetime) -> Scope:
    """How far a right of theirs reaches now, for work that waited. NoLonger: they are out, or have lost the role."""
    principal = as_principal(person_id, now)
    if principal is None or not right.allows(principal):
        raise NoLonger
    return right.scope(principal)
