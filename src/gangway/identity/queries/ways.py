"""Which sign-in is somebody's way in, whether a code by mail opens beside it, and what the door offers an address."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, Q

from gangway.identity.models import Connection, FailedSignIn, Identity
from gangway.identity.queries.connections import SIGNING_IN, ConnectionRow, connections, routes_of, row_of
from gangway.identity.queries.reach import serving, sources
from gangway.identity.rules import Step
from gangway.identity.rules.connections import FALLBACK_LIFE, ConnectionState, mail_opens, narrowed
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import mail_domain
from gangway.messaging.queries import mailbox_digest
from gangway.partners import queries as partners


def providers_of(person_id: UUID, email: str | None) -> list[ConnectionRow]:
    """The active connections that are a person's way in: it knows them, or its domains are theirs. In scope `one`.

    One statement where the partner has none.
    """
    active = Connection.objects.filter(kind__in=SIGNING_IN, state=ConnectionState.ACTIVE).order_by("key", "id")
    rows = _in_force(list(active))
    if not rows:
        return []
    knows = set(Identity.objects.filter(person=person_id, connection__in=rows).values_list("connection_id", flat=True))
    domain = mail_domain(email) if email and partners.domain_proven(scopes.writer(), email) else ""
    mine = [row for row in rows if row.id in knows or (domain and domain in row.domains)]
    routes = routes_of(mine)
    return [row_of(row, routes[row.id]) for row in mine]


def covered(emails: Mapping[UUID, str]) -> frozenset[UUID]:
    """Those of many people whose way in is a sign-in of their company, as in providers_of. A constant number of
    statements; in scope `one`. emails: person → mailbox, empty where none is known."""
    active = Connection.objects.filter(kind__in=SIGNING_IN, state=ConnectionState.ACTIVE)
    rows = _in_force(list(active))
    if not rows:
        return frozenset()
    knows = set(Identity.objects.filter(person__in=emails, connection__in=rows).values_list("person_id", flat=True))
    served = {domain for row in rows for domain in row.domains}
    proven = served.intersection(row.name for row in partners.domains(scopes.writer()))
    theirs = {one for one, email in emails.items() if email and mail_domain(email) in proven}
    return frozenset(knows | theirs)


def _in_force(rows: list[Connection]) -> list[Connection]:
    """Without those of another company's provider that does not serve this one at this moment."""
    served = [row.id for row in rows if row.owner is not None]
    holding = serving(served) if served else frozenset()
    return [row for row in rows if row.owner is None or row.id in holding]


def comes_by_mail(person_id: UUID, email: str | None, now: datetime, browser: bytes | None = None) -> bool:
    """Whether a code by mail opens for a person of the open scope: they have no provider, or its fallback is open.

    `browser`: the digest by which the one that asks is known (browser_digest); None where a person vouches for it.
    """
    mailbox = mailbox_digest(email) if email else None
    providers = providers_of(person_id, email)
    proposed = not providers or partners.ways_of(scopes.writer()).by_mail
    return all(_mail_opens(row, mailbox, browser, proposed, now) for row in providers)


def _mail_opens(
    row: ConnectionRow, mailbox: bytes | None, browser: bytes | None, proposed: bool, now: datetime
) -> bool:
    """A refusal counts in the browser that brought it, for the address that was typed there, or for any where none
    was: it names nobody and is mostly not signed, so that anybody could bring one about under a colleague's address."""
    ways = [row.id, *(sources(row.id) if row.owner is not None else ())]  # a failure is noted where the provider is
    lately = FailedSignIn.objects.filter(connection__in=ways, at__gt=now - FALLBACK_LIFE)
    broken = lately.filter(step=Step.PROVIDER_BROKEN).aggregate(at=Max("at"))["at"]
    brought = lately.filter(Q(mailbox=mailbox) | Q(mailbox=None), step=Step.PROVIDER_REFUSED, subject=browser)
    refused = brought.aggregate(at=Max("at"))["at"] if browser is not None else None
    fallback = narrowed(row.fallback, proposed=proposed)
    return mail_opens(fallback, broken_at=broken, refused_at=refused, now=now)


@dataclass(frozen=True, slots=True)
class Door:
    """A company's own sign-in, as the page shows it to whoever types an address of its domain."""

    route: str
    partner_name: str
    connection_name: str


def doors_of(address: str) -> list[Door]:
    """Routing: the sign-ins of companies that have proven the domain of an address; the same for every address of it,
    whether anybody has it or not."""
    found: list[Door] = []
    for partner_id in partners.partners_of_domain(address):
        with scopes.one(partner_id):
            partner = partners.partner_by_id(partner_id)
            found += [
                Door(row.route, partner.name, row.name)
                for row in connections()
                if partner.state == "active"
                and row.kind.signs_in
                and row.state is ConnectionState.ACTIVE
                and mail_domain(address) in row.domains
                and (row.owner is None or serving([row.id]))
            ]
    return sorted(found, key=lambda door: (door.partner_name, door.connection_name))
