"""Who may see and change people, and the two places where that is done. A right's scope says which people: the grants'
reach decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from gangway.kernel.access import CHANNEL_MANAGER, PARTNER_ADMIN, PARTNER_IT, PLATFORM_ADMIN, PROGRAMME_LEAD, Right
from gangway.kernel.lists import chosen
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.scopes import Scope
from gangway.kernel.web import Request
from gangway.people import queries
from gangway.people.queries import PersonRow
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where people are looked after: the console, or a partner's own desk.

    `shell` draws the pages; `people` is the list one comes from; `suffix` tells the desk's routes apart.
    """

    shell: str
    people: str
    suffix: str = ""

    def url(self, route: str, *args: UUID | str) -> str:
        """The address of one of the routes that both places have."""
        return reverse(f"{route}{self.suffix}", args=args)

    def person(self, request: Request, person_id: UUID) -> PersonRow:
        """Somebody who may be changed from here: in the console whom the right reaches, on the desk own people only."""
        if self.shell == "console":
            return queries.person(person_id)
        with scopes.one(request.principal.partner_id):
            return queries.person(person_id)

    @property
    def list(self) -> str:
        """The address of the list of people."""
        return reverse(self.people)

    def page_of(self, person_id: UUID) -> str:
        """The address of a person's page."""
        return self.url("portal:person", person_id)


CONSOLE = Place("console", "people:list")
DESK = Place("desk", "people:team", "_team")


def chosen_ids(request: Request) -> tuple[UUID, ...]:
    """The people who were ticked in a list. Invalid: nobody, or more than a page of them."""
    return chosen(
        request.POST.getlist("ids"),
        none="Nobody was chosen.",
        many="That is more than a page of people.",
        mend="Choose people in the list first.",
    )


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
