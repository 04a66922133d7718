"""A person as a row, and which people of partners below a parent is shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.kernel.prepared import columns, loaded, prepared
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.models import ExternalId, Person
from gangway.people.rules import COMES_IN, GONE, State

NOBODY = _("Somebody erased")  # a msgid: what stands where an erased person's name stood


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person. `email` is None where only another system knows them."""

    id: UUID
    partner_id: UUID
    state: str
    name: str
    email: str | None
    locale: str
    zone: str
    access_epoch: int
    synthetic: bool
    managed_by: str
    invited_at: datetime
    activated_at: datetime | None

    @property
    def may_come_in(self) -> bool:
        """Invited or active: neither suspended nor gone. Their partner's state is asked of the partner."""
        return self.state in COMES_IN


def person_row(found: Person) -> PersonRow:
    """The row of a person that was read. Somebody who was erased has no name; a word stands for it."""
    return PersonRow(
        id=found.id,
        partner_id=found.partner_id,
        state=found.state,
        name=found.name or gettext(NOBODY),
        email=found.email,
        locale=found.locale,
        zone=found.zone,
        access_epoch=found.access_epoch,
        synthetic=found.synthetic,
        managed_by=found.managed_by,
        invited_at=found.invited_at,
        activated_at=found.activated_at,
    )


def person(person_id: UUID) -> PersonRow:
    """The person of this id, if the scope reaches them; NotFound otherwise."""
    for found in loaded(Person, _person(person_id)):
        return person_row(found)
    raise NotFound


@prepared
def _person(person_id: UUID) -> Any:
    return Person.objects.filter(pk=person_id).values_list(*columns(Person))


def shown_to_parent() -> Q:
    """Own people; with reach `tree` also those of partners below that let their parent see people."""
    return Q(partner=scopes.required().partner_id) | Q(partner__parent_sees="people")


def here_by_mailbox(keys: Iterable[str]) -> list[tuple[UUID, str]]:
    """(person, managed_by) of those in the scope who have one of these mailboxes and have not left, in that order."""
    order = {key: place for place, key in enumerate(keys)}
    found = sorted((row for key in order for row in _with_mailbox(key)), key=lambda row: order[row[0]])
    return [(person_id, managed_by) for _, person_id, managed_by in found]


@prepared
def _with_mailbox(email_key: str) -> Any:
    rows = Person.objects.filter(email_key=email_key).exclude(state__in=GONE)
    return rows.values_list("email_key", "pk", "managed_by")


def left_by_external_id(source: str, external_id: str) -> UUID | None:
    """Who left and is known to a source by this id; nobody who was erased."""
    for person_id, state in known_by_external_id(source, external_id):
        if state == State.LEFT:
            found: UUID = person_id
            return found
    return None


def here_by_external_id(*names: tuple[str, str]) -> UUID | None:
    """Who is here, looked after by nobody, and known by the first of these (source, id) that anybody is known by."""
    (first, first_id), (second, second_id) = names
    found = {source: person_id for source, person_id in _named(first, first_id or "", second, second_id or "")}
    return found.get(first) or found.get(second)


@prepared
def _named(first: str, first_id: str, second: str, second_id: str) -> Any:
    rows = ExternalId.objects.filter(Q(source=first, value=first_id) | Q(source=second, value=second_id))
    return rows.filter(person__managed_by="").exclude(person__state__in=GONE).values_list("source", "person_id")


@prepared
def known_by_external_id(source: str, external_id: str) -> Any:
    """(person, state) of who is known to a source by this id; one at most."""
    return ExternalId.objects.filter(source=source, value=external_id).values_list("person_id", "person__state")
