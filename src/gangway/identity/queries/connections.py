"""Connections of the open scope; and the three reads that come before a scope: by route, by token, by departure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Subquery

from gangway.identity.models import ApiToken, Connection, ConnectionRoute, Identity
from gangway.identity.rules.connections import (
    ConnectionKind,
    ConnectionState,
    Fallback,
    JoinAttribute,
    TokenRight,
)
from gangway.kernel import secrets
from gangway.kernel.prepared import columns, loaded, prepared_as
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes

SIGNING_IN = [kind.value for kind in ConnectionKind if kind.signs_in]


@dataclass(frozen=True, slots=True)
class ConnectionRow:
    """A connection as its settings say. `route`: its name in addresses; `joined_id`: the SCIM connection whose people
    it signs in, found by `join_claim` among their `join_attribute`; `owner`: the partner whose provider speaks here,
    None where it is the connection's own."""

    id: UUID
    partner_id: UUID
    key: str
    name: str
    kind: ConnectionKind
    state: ConnectionState
    route: str
    joined_id: UUID | None
    join_claim: str
    join_attribute: JoinAttribute | None
    admits: bool
    claims: dict[str, str]
    group_rules: list[dict[str, Any]]
    domains: tuple[str, ...]
    fallback: Fallback
    head_count: int | None
    made_at: datetime
    activated_at: datetime | None
    off_at: datetime | None
    account_claim: str = ""
    owner: UUID | None = None

    @property
    def source(self) -> str:
        """What its people are `managed_by`, and the source of their external ids."""
        return f"{self.kind.value}:{self.key}"


class UnknownConnection(Refusal):
    """For operators, who name connections by key; pages answer NotFound."""

    code = "identity.unknown_connection"
    status = 404
    message = "This partner has no connection “{key}” that fits. It has: {known}."
    next_step = "Name one of them with --connection, or make one with `gangway connection add`."


def connection(connection_id: UUID) -> ConnectionRow:
    """A connection of the open scope; NotFound beyond it."""
    found = _routed(connection_id)
    if found is None:
        raise NotFound
    return found


def _row_and_partner(values: tuple[Any, ...]) -> tuple[ConnectionRow, str]:
    *fields, route, partner_state = values
    (row,) = loaded(Connection, [tuple(fields)])
    return row_of(row, route), partner_state


@prepared_as(_row_and_partner)
def _with_route(connection_id: UUID) -> Any:
    rows = Connection.objects.filter(pk=connection_id).annotate(
        route=Subquery(ConnectionRoute.objects.filter(connection=OuterRef("pk")).values("name")[:1])
    )
    return rows.values_list(*columns(Connection), "route", "partner__state")


def _routed(connection_id: UUID, *, open_only: bool = False) -> ConnectionRow | None:
    """A connection of the scope; `open_only`: while it and its partner are active."""
    for row, partner_state in _with_route(connection_id):
        if not open_only or (row.state is ConnectionState.ACTIVE and partner_state == "active"):
            return row
    return None


def connections(partner_ids: Iterable[UUID] | None = None) -> tuple[ConnectionRow, ...]:
    """Those of the open scope, or of these partners in it, by kind and key. Two statements."""
    found = Connection.objects.order_by("kind", "key", "id")
    rows = list(found if partner_ids is None else found.filter(partner__in=list(partner_ids)))
    routes = routes_of(rows)
    return tuple(row_of(row, routes[row.id]) for row in rows)


def connection_of_key(key: str, kind: ConnectionKind | None = None) -> ConnectionRow:
    """The connection with this key, or, where none is named, the only one of the kind. UnknownConnection otherwise."""
    of_kind = [row for row in connections() if kind is None or row.kind is kind]
    found = [row for row in of_kind if row.key == key or not key]
    if len(found) != 1:
        raise UnknownConnection(key=key or (kind.value if kind else ""), known=[row.key for row in of_kind] or ["none"])
    return found[0]


def connection_of_route(name: str) -> ConnectionRow | None:
    """Routing: the connection that an address names, whatever its state; read in the scope of its own partner."""
    route = ConnectionRoute.objects.filter(name=name).first()
    if route is None:
        return None
    with scopes.one(route.partner_id):
        row = Connection.objects.filter(pk=route.connection_id).first()
    return row_of(row, route.name) if row else None


def row_of(row: Connection, route: str) -> ConnectionRow:
    return ConnectionRow(
        id=row.id,
        partner_id=row.tenant_id,
        key=row.key,
        name=row.name,
        kind=ConnectionKind(row.kind),
        state=ConnectionState(row.state),
        route=route,
        joined_id=row.joined_id,
        join_claim=row.join_claim,
        join_attribute=JoinAttribute(row.join_attribute) if row.join_attribute else None,
        admits=row.admits,
        claims=row.claims,
        group_rules=row.group_rules,
        domains=tuple(row.domains),
        fallback=Fallback(row.fallback),
        head_count=row.head_count,
        made_at=row.made_at,
        activated_at=row.activated_at,
        off_at=row.off_at,
        account_claim=row.account_claim,
        owner=row.owner,
    )


def departure_digest(state: str) -> bytes:
    """By which a browser that was sent to a provider is found when it comes back."""
    return secrets.digest(f"departure:{state}")


# ---------------------------------------------------------------- tokens


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a token speaks for: a connection of one partner, which is active at this moment."""

    token_id: UUID
    partner_id: UUID
    connection: ConnectionRow
    last_used_at: datetime | None

    @property
    def connection_id(self) -> UUID:
        return self.connection.id


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as an admin sees it: never the token."""

    id: UUID
    tail: str
    issued_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def token_digest(token: str) -> bytes:
    return secrets.digest(f"token:{token}")


def read_token(token: str, right: TokenRight, now: datetime) -> Bearer | None:
    """Whom this token speaks for now; None where it is unknown, ran out, was revoked, or its connection or partner is
    closed. Nothing is cached: a token that was revoked opens nothing with the next request."""
    for token_id, partner_id, connection_id, last_used_at in _holding(token_digest(token), right, now):
        with scopes.one(partner_id):
            found = _routed(connection_id, open_only=True)
        return Bearer(token_id, partner_id, found, last_used_at) if found else None
    return None


@prepared_as(tuple)
def _holding(digest: bytes, right: str, now: datetime) -> Any:
    rows = ApiToken.objects.filter(digest=digest, right=right, revoked_at__isnull=True, expires_at__gt=now)
    return rows.values_list("id", "partner_id", "connection_id", "last_used_at")


def tokens(connection_id: UUID) -> tuple[TokenRow, ...]:
    """Tokens of a connection of the open scope, youngest first; NotFound beyond it."""
    if not Connection.objects.filter(pk=connection_id).exists():
        raise NotFound
    rows = ApiToken.objects.filter(connection=connection_id).order_by("-issued_at", "-id")
    return tuple(
        TokenRow(row.id, row.tail, row.issued_at, row.expires_at, row.revoked_at, row.last_used_at) for row in rows
    )


def tokens_ending(connection_ids: Sequence[UUID], now: datetime) -> dict[UUID, list[str]]:
    """The last days of the tokens that hold now, by connection of the open scope. One statement."""
    rows = ApiToken.objects.filter(connection__in=connection_ids, revoked_at__isnull=True, expires_at__gt=now)
    found: dict[UUID, list[str]] = {}
    for connection_id, ends in rows.order_by("expires_at", "id").values_list("connection_id", "expires_at"):
        found.setdefault(connection_id, []).append(ends.date().isoformat())
    return found


# ---------------------------------------------------------------- whom a connection knows


def person_of_subject(connection_id: UUID, subject: str) -> UUID | None:
    """The person of the open scope who is this subject of a connection; compared sign by sign."""
    found = Identity.objects.filter(connection=connection_id, subject=subject).first()
    return found.person_id if found is not None and found.subject == subject else None


def known_to(person_id: UUID) -> tuple[str, ...]:
    """The connections of the open scope to which somebody is known, by name."""
    rows = Identity.objects.filter(person=person_id).order_by("connection__name", "id")
    return tuple(rows.values_list("connection__name", flat=True))


@dataclass(frozen=True, slots=True)
class Link:
    """Who is who to a connection."""

    id: UUID
    subject: str
    person_id: UUID
    since: datetime
    last_used_at: datetime | None


def links(connection_id: UUID, limit: int = 100) -> tuple[Link, ...]:
    """Whom a connection of the open scope knows, the last who came in by it first."""
    rows = Identity.objects.filter(connection=connection_id)
    youngest = rows.order_by(F("last_used_at").desc(nulls_last=True), "-since", "-id")[:limit]
    return tuple(Link(row.id, row.subject, row.person_id, row.since, row.last_used_at) for row in youngest)


def taken_subjects(connection_id: UUID, person_ids: set[UUID]) -> set[UUID]:
    """Those of these people who are some subject of a connection already."""
    rows = Identity.objects.filter(connection=connection_id, person__in=person_ids)
    return set(rows.values_list("person_id", flat=True))


def routes_of(rows: Sequence[Connection]) -> dict[UUID, str]:
    pairs = ConnectionRoute.objects.filter(connection__in=[row.id for row in rows])
    return dict(pairs.values_list("connection_id", "name"))
