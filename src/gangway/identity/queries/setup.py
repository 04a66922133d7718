"""The link by which a partner's IT sets up its connection, and what was tried."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.models import SetUpLink, Trial
from gangway.identity.rules.trial import Met, Rule
from gangway.kernel import secrets
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people


def link_of_set_up_digest(token: str) -> bytes:
    return secrets.digest(f"set-up link:{token}")


@dataclass(frozen=True, slots=True)
class SetUpLinkRow:
    """Who asked, for which partner. `asker`: their name and address; "" where they are no more."""

    id: UUID
    partner_id: UUID
    partner_name: str
    vendor_name: str
    asker: str
    asker_mail: str
    made_at: datetime
    expires_at: datetime


def set_up_link(token: str, now: datetime) -> SetUpLinkRow | None:
    """Routing: the link of a token while it holds; None where it is unknown, closed or ran out, or its partner is
    closed. Reading it changes nothing."""
    row = SetUpLink.objects.filter(digest=link_of_set_up_digest(token), closed_at=None, expires_at__gt=now).first()
    if row is None:
        return None
    host = partners.host_partner()
    with scopes.one(row.partner_id):
        partner = partners.partner_by_id(row.partner_id)
        asker = people.persons([row.asked_by]).get(row.asked_by)
    if asker is None and host is not None:
        with scopes.one(host.id):
            asker = people.persons([row.asked_by]).get(row.asked_by)
    if partner.state != "active":
        return None
    return SetUpLinkRow(
        id=row.id,
        partner_id=row.partner_id,
        partner_name=partner.name,
        vendor_name=host.name if host else "",
        asker=asker.name if asker else "",
        asker_mail=(asker.email or "") if asker else "",
        made_at=row.made_at,
        expires_at=row.expires_at,
    )


@dataclass(frozen=True, slots=True)
class OpenLink:
    """A link that holds, as the desk lists it: never what stands in its address."""

    id: UUID
    made_at: datetime
    expires_at: datetime


def open_links(now: datetime) -> tuple[OpenLink, ...]:
    """The links for IT of the scope's partner that hold, youngest first."""
    rows = SetUpLink.objects.filter(partner=scopes.writer(), closed_at=None, expires_at__gt=now)
    return tuple(OpenLink(row.id, row.made_at, row.expires_at) for row in rows.order_by("-made_at", "-id"))


@dataclass(frozen=True, slots=True)
class TrialRow:
    """A sign-in that was tried. `claims`: the names of what was sent."""

    at: datetime
    passed: bool
    met: tuple[Met, ...]
    claims: tuple[str, ...]


def last_trial(connection_id: UUID) -> TrialRow | None:
    """The last try of a connection of the open scope."""
    row = Trial.objects.filter(connection=connection_id).order_by("-at", "-id").first()
    if row is None:
        return None
    met = tuple(Met(Rule(rule), passed, detail) for rule, passed, detail in row.rules)
    return TrialRow(row.at, row.passed, met, tuple(row.claims))
