"""The two places where people are looked after, and whom each reaches: the console, and a partner's own desk."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request
from gangway.people import queries
from gangway.people.queries import PersonRow


@dataclass(frozen=True, slots=True)
class Place:
    """`shell` draws the pages; `people` is the list one comes from; `suffix` tells the desk's routes apart."""

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
