"""A connection serves other partners: which claim holds the account key, and which key leads to whom (0021)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.actions.connections import clean_claim, locked_connection, make_route, note_connection
from gangway.identity.models import Connection, ConnectionReach
from gangway.identity.queries.reach import served_anybody
from gangway.identity.rules.connections import CONNECTION_KEY_LENGTH, ConnectionKind, ConnectionState
from gangway.identity.rules.reach import ACCOUNT_KEY_LENGTH
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.said import together
from gangway.kernel.sheets import Line, Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_line
from gangway.partners import queries as partners

COLUMNS = ("key", "partner")  # of a file of accounts


class ServesItsOwn(Refusal):
    code = "identity.serves_its_own"
    message = "This connection signs in people of its own partner alone."
    next_step = "Name the claim that holds the account key first. A host connection has it from the day it is made."


class NotServed(Refusal):
    """Not below the partner whose connection it is; or the vendor, whose people have another door."""

    code = "identity.not_served"
    message = "This connection cannot serve {partner}."
    next_step = "A partner's connection serves partners below it; a host connection serves any partner but the vendor."


class KeyOfAnother(Refusal):
    """The subjects known under it would be people of two companies."""

    code = "identity.key_of_another"
    message = "The account key {key} belongs to another partner, for ever."
    next_step = "Compare it with what the provider sends; a new account over there has a new key."


class ClaimStays(Refusal):
    code = "identity.claim_stays"
    message = "The claim with the account key stays as it is."
    next_step = "Make another connection for another claim."


@dataclass(frozen=True, slots=True)
class Opened:
    """`served`: the partner's own row of this sign-in; fresh: the key did not lead there before."""

    served: UUID
    fresh: bool


@action("identity.connection.name_claim")
def set_account_claim(*, connection_id: UUID, claim: str, actor: Actor, now: datetime) -> None:
    """Say which claim holds the account key, so that a partner's connection may serve partners below it.

    ClaimStays: at the vendor, where a connection is made for partners or never is; or once a key leads somewhere.
    Invalid. Whoever comes without the claim is of the partner's own.
    """
    row = locked_connection(connection_id)
    claim = clean_claim(claim, ConnectionKind(row.kind))
    if row.account_claim == claim:
        return
    if row.owner is not None or row.tenant_id == partners.host_id() or served_anybody(row.id):
        raise ClaimStays
    row.account_claim = claim
    row.save()
    note_connection(row, "identity.connection.name_claim", {"account_claim": claim}, actor, now)


@action("identity.reach.open", scoped=False)
def open_reach(
    *,
    connection_id: UUID,
    owner_id: UUID,
    partner_id: UUID,
    key: str = "",
    admits: bool = False,
    actor: Actor,
    now: datetime,
) -> Opened:
    """Let an account key of a connection lead to a partner. `key`: the partner's slug where none is given; `admits`:
    whether a new row of theirs lets in people whom nobody has invited, which is theirs to change.

    ServesItsOwn, NotServed, KeyOfAnother. Invalid. NotFound: the connection is not the owner's.
    """
    with scopes.one(owner_id):
        source = locked_connection(connection_id)
        if not source.account_claim or source.owner is not None:
            raise ServesItsOwn
        own_slug = partners.partner_by_id(owner_id).slug
    if not partners.may_serve(owner_id, partner_id):
        raise NotServed(partner=_name(owner_id, partner_id))
    with scopes.one(partner_id):
        key = clean_line(key or partners.partner_by_id(partner_id).slug, "key", limit=ACCOUNT_KEY_LENGTH)
    known = ConnectionReach.objects.filter(connection=source.id, key=key).first()
    if key == own_slug or (known is not None and known.partner_id != partner_id):
        raise KeyOfAnother(field="key", key=key)
    if known is not None and known.closed_at is None:
        return Opened(known.served_id, fresh=False)
    served = known.served_id if known is not None else _served(source, partner_id, admits, actor, now)
    if known is None:
        ConnectionReach.objects.create(
            connection=source, owner_id=owner_id, key=key, partner_id=partner_id, served_id=served, opened_at=now
        )
    else:
        ConnectionReach.objects.filter(pk=known.pk).update(closed_at=None, opened_at=now)
    _note(source, served, owner_id, partner_id, "identity.reach.open", key, actor, now)
    return Opened(served, fresh=True)


def _name(owner_id: UUID, partner_id: UUID) -> str:
    """The name of a partner, as far as the owner may know it."""
    with scopes.host() if owner_id == partners.host_id() else scopes.tree(owner_id):
        try:
            return partners.partner_by_id(partner_id).name
        except NotFound:
            return "—"


def _served(source: Connection, partner_id: UUID, admits: bool, actor: Actor, now: datetime) -> UUID:
    """The row by which a partner knows this sign-in: the one it has, or a new one under its own walls."""
    known = ConnectionReach.objects.filter(connection=source.id, partner=partner_id).first()
    if known is not None:
        found: UUID = known.served_id
        return found
    with scopes.one(partner_id):
        taken = set(Connection.objects.values_list("key", flat=True))
        keys = (source.key, *(f"{source.key[: CONNECTION_KEY_LENGTH - 5]}-{n}" for n in range(2, len(taken) + 3)))
        row = Connection.objects.create(
            key=next(key for key in keys if key not in taken),
            name=source.name,
            kind=source.kind,
            state=ConnectionState.ACTIVE,
            owner=source.tenant_id,
            admits=admits,
            made_at=now,
            activated_at=now,
        )
        make_route(row)
        note_connection(row, "identity.connection.add", {"key": row.key, "kind": row.kind}, actor, now)
    made: UUID = row.id
    return made


@action("identity.reach.close", scoped=False)
def close_reach(*, connection_id: UUID, owner_id: UUID, key: str, actor: Actor, now: datetime) -> None:
    """An account key leads nowhere from the next sign-in on; it stays the partner's. NotFound: it never did."""
    with scopes.one(owner_id):
        source = locked_connection(connection_id)
    row = ConnectionReach.objects.filter(connection=source.id, key=key).first()
    if row is None:
        raise NotFound
    if ConnectionReach.objects.filter(pk=row.pk, closed_at=None).update(closed_at=now):
        _note(source, row.served_id, owner_id, row.partner_id, "identity.reach.close", key, actor, now)


def _note(
    source: Connection, served: UUID, owner_id: UUID, partner_id: UUID, verb: str, key: str, actor: Actor, now: datetime
) -> None:
    """Both sides read it in their log."""
    with scopes.one(owner_id):
        note_connection(source, verb, {"key": key, "partner": str(partner_id)}, actor, now)
    with scopes.one(partner_id):
        note_connection(Connection.objects.get(pk=served), verb, {"key": key, "owner": str(owner_id)}, actor, now)


def open_many(
    *, connection_id: UUID, owner_id: UUID, rows: Iterable[Line], admits: bool = False, actor: Actor, now: datetime
) -> tuple[Outcome, ...]:
    """A file of accounts (columns `key`, `partner`): each line a transaction, a refused one holds none back."""
    return tuple(_carry_out(line, connection_id, owner_id, admits, actor, now) for line in rows)


def _carry_out(line: Line, connection_id: UUID, owner_id: UUID, admits: bool, actor: Actor, now: datetime) -> Outcome:
    key, slug = str(line.cells.get("key") or ""), str(line.cells.get("partner") or "")
    if line.problem or not slug:
        return Outcome(line.number, key, Result.REFUSED, reason=line.problem or "“partner” is empty.")
    try:
        opened = open_reach(
            connection_id=connection_id,
            owner_id=owner_id,
            partner_id=partners.find_partner(slug).id,
            key=key,
            admits=admits,
            actor=actor,
            now=now,
        )
    except Refusal as refusal:
        return Outcome(line.number, key or slug, Result.REFUSED, reason=together(refusal.said, refusal.step))
    return Outcome(line.number, key or slug, Result.NEW if opened.fresh else Result.UNCHANGED)
