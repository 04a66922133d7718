"""Who sees people of a partner beyond themselves: its own admins and IT, those of the partners above it
where it lets them, and who of the vendor's staff reaches it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.access import CHANNEL_MANAGER, PLATFORM_ADMIN, PROGRAMME_LEAD, Reach
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import host_partner, looked_after_by, partners_above
from gangway.people.models import Grant
from gangway.people.queries.roles import live
from gangway.people.rules import AT_PARTNERS, GONE

SEES_PEOPLE = (PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER)  # the roles of people.access.SEE_PEOPLE
Reaching = tuple[UUID, str, str, str]  # person, name, mail address, role


def holders_here(now: datetime) -> tuple[Reaching, ...]:
    """Who holds a role at the open scope's partner, by name. One statement."""
    return _rows(AT_PARTNERS, now)


def staff_reaching(partner_id: UUID, now: datetime) -> tuple[Reaching, ...]:
    """Who of the vendor's staff sees people of a partner, by name. Opens the host's scope: a partner may know them."""
    host = host_partner()
    if host is None:
        return ()
    managers = looked_after_by(partner_id)
    with scopes.one(host.id):
        return tuple(row for row in _rows(SEES_PEOPLE, now) if row[3] != CHANNEL_MANAGER or row[0] in managers)


def above_reaching(partner_id: UUID, now: datetime) -> tuple[Reaching, ...]:
    """Who of the partners above the open scope's sees its people, where it lets them, by name."""
    above = partners_above(partner_id)
    if not above:
        return ()
    with scopes.host():
        return _rows(AT_PARTNERS, now, reach=Reach.TREE, reach_id__in=above)


def _rows(roles: tuple[str, ...] | frozenset[str], now: datetime, **more: Any) -> tuple[Reaching, ...]:
    held = Grant.objects.filter(live(now), role__in=roles, **more)
    rows = held.exclude(person__state__in=GONE).select_related("person")
    return tuple(
        (one.person_id, one.person.name, one.person.email or "", one.role)
        for one in rows.order_by("person__sort_key", "role", "id")
    )
