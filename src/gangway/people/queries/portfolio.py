"""Who of the channel team looks after which partner. Partners keep only ids; the names are of people at the host."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_noop as _

from gangway.kernel.access import CHANNEL_MANAGER
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people.models import Grant, Person
from gangway.people.rules import COMES_IN


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody of the channel team, as a partner may see them: name and mail."""

    person_id: UUID
    name: str
    email: str


def manager_of(partner_id: UUID) -> Manager | None:
    """Who looks after a partner, if they still work here. Opens the host's scope: a partner may know its manager."""
    return next(iter(_staff(partners.looked_after_by(partner_id))), None)


def managers() -> tuple[Manager, ...]:
    """Whom partners can be given to, by name: who is a channel manager, and whoever looks after a partner already."""
    host = partners.host_partner()
    if host is None:
        return ()
    with scopes.one(host.id):
        named = set(Grant.objects.filter(role=CHANNEL_MANAGER, until__isnull=True).values_list("person_id", flat=True))
    return _staff(named | partners.managers_in_use())


def manager_mails() -> dict[UUID, str]:
    """Partner → mail address of who looks after it, for every partner that somebody does."""
    mails = {row.person_id: row.email or row.name for row in _staff(partners.managers_in_use())}
    return {partner_id: mails[person] for partner_id, person in partners.portfolios() if person in mails}


NOBODY = "nobody"


def managers_of(partner: Any) -> QuerySet[Any]:
    """The people, as far as the scope shows them, in whose portfolio a partner is.

    `partner`: an id; in a list of partners OuterRef(OuterRef("pk")), because it is asked two queries below.
    """
    rows: QuerySet[Any] = Person.objects.filter(pk__in=partners.portfolio_rows(partner)).order_by("sort_key", "id")
    return rows


def managers_in_reach() -> list[tuple[str, str]]:
    """Choices of a filter: whoever looks after some partner, by name, and nobody."""
    return [(NOBODY, _("nobody yet")), *((str(row.person_id), row.name) for row in _staff(partners.managers_in_use()))]


def partners_of_manager(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    """The partners of a list that somebody looks after, or that nobody does."""
    if value == NOBODY:
        return rows.exclude(pk__in=partners.looked_after())
    return rows.filter(pk__in=partners.portfolio_of(UUID(value)))


def _staff(ids: Iterable[UUID]) -> tuple[Manager, ...]:
    host = partners.host_partner()
    if host is None:
        return ()
    with scopes.one(host.id):
        rows = Person.objects.filter(pk__in=list(ids), state__in=COMES_IN).order_by("sort_key", "id")
        return tuple(Manager(row.id, row.name, row.email or "") for row in rows)
