"""Which partners a connection serves, and whether it still may. Nothing is cached: asked anew at each sign-in."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from gangway.identity.models import Connection, ConnectionReach, Identity
from gangway.identity.queries.connections import ConnectionRow, connection
from gangway.identity.rules.connections import Asserted, ConnectionState
from gangway.identity.rules.reach import Reach, Where, keys_of, whither
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_mail
from gangway.partners import queries as partners
from gangway.people import queries as people

AT_MOST = 200  # accounts shown at once


@dataclass(frozen=True, slots=True)
class Went:
    """Where an assertion leads. `key`: the one account key that was sent, else ""."""

    where: Where
    key: str = ""
    reach: Reach | None = None


def went(row: ConnectionRow, asserted: Asserted) -> Went:
    """Where a verified assertion of a connection leads. `row`: of its own partner, whose scope is open."""
    if not row.account_claim:
        return Went(Where.OWN)
    keys = keys_of(asserted, row.account_claim)
    key = next(iter(keys)) if len(keys) == 1 else ""
    host_id = partners.host_id()
    at_host = row.partner_id == host_id
    reach = reach_of(row.id, key) if key else None
    where = whither(
        keys,
        at_host=at_host,
        own_key=partners.partner_by_id(row.partner_id).slug,
        staff=at_host and _of_staff(asserted.tells("email", row.claims), host_id),
        found=reach,
    )
    return Went(where, key, reach if where is Where.SERVED else None)


def _of_staff(text: str, host_id: UUID) -> bool:
    """Whether an asserted address is somebody's at the vendor, or of a domain that the vendor has proven."""
    try:
        email = clean_mail(text)
    except Invalid:
        return False
    theirs = any(partner_id == host_id for partner_id, _ in people.persons_of_mailbox(email))
    return theirs or partners.domain_proven(host_id, email)


def reach_of(connection_id: UUID, key: str) -> Reach | None:
    """What is allow-listed under a key of a connection, compared sign by sign."""
    row = ConnectionReach.objects.filter(connection=connection_id, key=key).first()
    if row is None or row.key != key:
        return None
    with scopes.one(row.partner_id):
        wanted = Connection.objects.filter(pk=row.served_id, state=ConnectionState.ACTIVE).exists()
    inside = partners.may_serve(row.owner_id, row.partner_id)
    return Reach(row.partner_id, row.served_id, row.closed_at is None, inside, wanted)


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account key and whose it is; `name`: "" where the partner is out of reach by now. `wanted`: the partner has
    not turned it off."""

    key: str
    partner_id: UUID
    slug: str
    name: str
    opened_at: datetime
    closed_at: datetime | None
    wanted: bool


def accounts(row: ConnectionRow, limit: int = AT_MOST) -> tuple[AccountRow, ...]:
    """What is allow-listed on a connection of the open scope, by key. Partners that moved away have no name here."""
    rows = list(ConnectionReach.objects.filter(connection=row.id).order_by("key")[:limit])
    wide = scopes.host() if row.partner_id == partners.host_id() else scopes.tree(row.partner_id)
    with wide:
        known = {one.id: one for one in partners.list_partners()} if rows else {}
        on = Connection.objects.filter(pk__in=[one.served_id for one in rows], state=ConnectionState.ACTIVE)
        wanted = set(on.values_list("id", flat=True))
    return tuple(
        AccountRow(
            key=one.key,
            partner_id=one.partner_id,
            slug=known[one.partner_id].slug if one.partner_id in known else "",
            name=known[one.partner_id].name if one.partner_id in known else "",
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            wanted=one.served_id in wanted,
        )
        for one in rows
    )


def last_served_at(row: ConnectionRow) -> datetime | None:
    """When somebody of another partner last came in by a connection of the open scope; None where nobody has."""
    wide = scopes.host() if row.partner_id == partners.host_id() else scopes.tree(row.partner_id)
    with wide:
        served = ConnectionReach.objects.filter(connection=row.id).values("served")
        at: datetime | None = Identity.objects.filter(connection__in=served).aggregate(at=Max("last_used_at"))["at"]
    return at


def accounts_of(connection_ids: Collection[UUID]) -> dict[UUID, dict[str, UUID]]:
    """Connection → its open account keys → partner, as configuration."""
    found: dict[UUID, dict[str, UUID]] = {}
    rows = ConnectionReach.objects.filter(connection__in=connection_ids, closed_at=None)
    for one in rows.order_by("connection", "key"):
        found.setdefault(one.connection_id, {})[one.key] = one.partner_id
    return found


def account_keys(served: Collection[UUID]) -> dict[UUID, list[str]]:
    """Served connection → the open account keys that lead there. One statement; none where there are no such."""
    found: dict[UUID, list[str]] = {}
    rows = ConnectionReach.objects.filter(served__in=served, closed_at=None) if served else ()
    for one in sorted(rows, key=lambda one: str(one.key)):
        found.setdefault(one.served_id, []).append(one.key)
    return found


def served_anybody(connection_id: UUID) -> bool:
    """Whether a connection ever had an account key."""
    return ConnectionReach.objects.filter(connection=connection_id).exists()


@dataclass(frozen=True, slots=True)
class ServedBy:
    """Whose sign-in a served connection is. `open`: it is let in by it now, as far as the other side is concerned."""

    owner_name: str
    keys: tuple[str, ...]
    open: bool


def served_by(row: ConnectionRow) -> ServedBy | None:
    """Who serves a connection row of the open scope; None where it is the partner's own."""
    if row.owner is None:
        return None
    rows = ConnectionReach.objects.filter(served=row.id, closed_at=None).order_by("key")
    with scopes.one(row.owner):
        name = partners.partner_by_id(row.owner).name
    return ServedBy(name, tuple(one.key for one in rows), bool(serving([row.id])))


def serving(served: Collection[UUID]) -> frozenset[UUID]:
    """Those of these served connections whose other side is open to their partner at this moment."""
    rows = ConnectionReach.objects.filter(served__in=served, closed_at=None)
    ways = set(rows.values_list("served_id", "connection_id", "owner_id", "partner_id"))
    return frozenset(
        row
        for row, source, owner_id, partner_id in ways
        if _is_open(source, owner_id) and partners.may_serve(owner_id, partner_id)
    )


def _is_open(connection_id: UUID, owner_id: UUID) -> bool:
    with scopes.one(owner_id):
        found: bool = Connection.objects.filter(pk=connection_id, state=ConnectionState.ACTIVE).exists()
    return found


def sources(served: UUID) -> list[UUID]:
    """The connections whose provider speaks for a served one."""
    return list(ConnectionReach.objects.filter(served=served).values_list("connection_id", flat=True).distinct())


def source_of(row: ConnectionRow) -> ConnectionRow:
    """The connection whose provider signs in for a served one. NotFound: none does at this moment."""
    found = ConnectionReach.objects.filter(served=row.id, closed_at=None).order_by("key").first()
    if found is None or row.state is not ConnectionState.ACTIVE or not serving([row.id]):
        raise NotFound
    with scopes.one(found.owner_id):
        return connection(found.connection_id)
