"""A connection is made, opened and closed; its tokens are issued and revoked; a browser departs to its provider."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from gangway.identity.events import ConnectionChanged
from gangway.identity.models import ApiToken, Connection, ConnectionRoute, Departure, OidcSettings, SamlSettings
from gangway.identity.queries.connections import departure_digest, token_digest
from gangway.identity.queries.doors import browser_digest
from gangway.identity.rules import safe_next
from gangway.identity.rules.connections import (
    CONNECTION_KEY_LENGTH,
    DEPARTURE_LIFE,
    TOKEN_LIFE,
    TOKENS_AT_ONCE,
    ConnectionKind,
    ConnectionState,
    TokenRight,
)
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.prepared import columns, loaded, prepared
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import clean_key, clean_line

USE_NOTED_EVERY = timedelta(minutes=5)


class ConnectionIsThere(Refusal):
    code = "identity.connection_is_there"
    message = "There is a connection with the key {key} already."
    next_step = "Use it, or choose another key."


class TwoTokensHold(Refusal):
    code = "identity.two_tokens_hold"
    message = "Two tokens of this connection hold already."
    next_step = "Revoke the one that is not used any more, then issue another."


class TakesNoToken(Refusal):
    code = "identity.takes_no_token"
    message = "People sign in by this connection; only a directory (SCIM) sends a token."
    next_step = "Name the partner's SCIM connection."


class ServedByAnother(Refusal):
    """What its provider is, is said where its provider is."""

    code = "identity.served_by_another"
    message = "The provider of this sign-in is another company's, which looks after it."
    next_step = "You may turn it off here, or make a connection of your own."


class NotToldYet(Refusal):
    """Its people would stand before a door that leads nowhere."""

    code = "identity.not_told_yet"
    message = "Nobody has said yet who the provider of this sign-in is."
    next_step = "Enter what the provider gave you first."


@action("identity.connection.add")
def add_connection(
    *,
    kind: ConnectionKind,
    key: str,
    name: str,
    active: bool = False,
    account_claim: str = "",
    actor: Actor,
    now: datetime,
) -> UUID:
    """A new connection of the scope's partner; its id. Its route, the name in its addresses, never changes.
    `account_claim`: which claim says whose people they are; at the vendor that makes it a host connection for ever.

    Invalid: a key or name that cannot be. ConnectionIsThere.
    """
    key, name = clean_key(clean_line(key, "key", limit=CONNECTION_KEY_LENGTH)), clean_line(name)
    account_claim = clean_claim(account_claim, kind) if account_claim else ""
    if Connection.objects.filter(key=key).exists():
        raise ConnectionIsThere(field="key", key=key)
    row = Connection.objects.create(
        key=key,
        name=name,
        kind=kind,
        state=ConnectionState.ACTIVE if active else ConnectionState.DRAFT,
        account_claim=account_claim,
        made_at=now,
        activated_at=now if active else None,
    )
    make_route(row)
    changes = {"key": key, "kind": kind.value, "state": row.state}
    changes |= {"account_claim": account_claim} if account_claim else {}
    note_connection(row, "identity.connection.add", changes, actor, now)
    made: UUID = row.id
    return made


def make_route(row: Connection) -> None:
    """The name by which a new connection stands in addresses."""
    ConnectionRoute.objects.create(name=secrets.token(16), partner_id=row.tenant_id, connection=row)


def clean_claim(claim: str, kind: ConnectionKind) -> str:
    """The name of the claim that holds the account key. Invalid."""
    if not kind.signs_in:
        raise Invalid(field="kind", problem="A directory signs nobody in.", mend="Set it on the company's sign-in.")
    return clean_line(claim, "account_claim", limit=255)


@action("identity.connection.set_state")
def set_connection_state(*, connection_id: UUID, state: ConnectionState, actor: Actor, now: datetime) -> None:
    """Open a connection, or close it: what it lets in and takes changes with the next request. NotToldYet: a sign-in
    whose provider nobody has named."""
    row = locked_connection(connection_id)
    if state is ConnectionState.DRAFT:
        raise Invalid(field="state", problem="A connection is no draft again.", mend="Turn it off instead.")
    if row.state == state:
        return
    if state is ConnectionState.ACTIVE and not _told(row):
        raise NotToldYet
    row.state = state.value
    row.activated_at = row.activated_at or (now if state is ConnectionState.ACTIVE else None)
    row.off_at = now if state is ConnectionState.OFF else None
    row.save()
    note_connection(row, "identity.connection.set_state", {"state": state.value}, actor, now)


def _told(row: Connection) -> bool:
    """Whether a connection knows whom it speaks with; a directory comes by itself, a served one has its owner's."""
    match row.kind:
        case _ if row.owner is not None:
            return True
        case ConnectionKind.OIDC:
            return bool(OidcSettings.objects.filter(connection=row.id).exists())
        case ConnectionKind.SAML:
            return bool(SamlSettings.objects.filter(connection=row.id).exists())
        case _:
            return True


def locked_connection(connection_id: UUID) -> Connection:
    """A connection of the scope, locked until the transaction ends; NotFound beyond it."""
    for found in loaded(Connection, _locked(connection_id)):
        return found
    raise NotFound


@prepared
def _locked(connection_id: UUID) -> Any:
    return Connection.objects.select_for_update().filter(pk=connection_id).values_list(*columns(Connection))


def own_connection(connection_id: UUID) -> Connection:
    """The same, of the scope's own provider. ServedByAnother."""
    found = locked_connection(connection_id)
    if found.owner is not None:
        raise ServedByAnother
    return found


def note_connection(row: Connection, verb: str, changes: dict[str, str], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="identity.connection", object_id=row.id, changes=changes, now=now)
    fact = ConnectionChanged(connection_id=row.id, kind=row.kind, state=row.state)
    publish(fact, subject_id=row.id, now=now, actor=actor)


# ---------------------------------------------------------------- tokens


@dataclass(frozen=True, slots=True)
class Issued:
    """`token` is shown once and stored nowhere."""

    token_id: UUID
    token: str
    expires_at: datetime


@action("identity.token.issue")
def issue_token(
    *,
    connection_id: UUID,
    right: TokenRight = TokenRight.SCIM,
    life: timedelta = TOKEN_LIFE,
    actor: Actor,
    now: datetime,
) -> Issued:
    """A bearer token for a SCIM connection. TwoTokensHold: a third at once. TakesNoToken. Invalid: a life that cannot
    be."""
    row = locked_connection(connection_id)
    if row.kind != ConnectionKind.SCIM:
        raise TakesNoToken
    if not timedelta(0) < life <= TOKEN_LIFE * 2:
        raise Invalid(field="days", problem="A token holds between one day and two years.", mend="Choose 1 to 730.")
    holding = ApiToken.objects.filter(connection=row.id, revoked_at__isnull=True, expires_at__gt=now)
    if holding.count() >= TOKENS_AT_ONCE:
        raise TwoTokensHold
    token = f"gw_{right.value}_{secrets.token(32)}"
    made = ApiToken.objects.create(
        digest=token_digest(token),
        partner_id=row.tenant_id,
        connection=row,
        right=right,
        tail=token[-4:],
        issued_at=now,
        expires_at=now + life,
    )
    changes = {"connection": str(row.id), "right": right.value, "expires_at": made.expires_at.isoformat()}
    _note_token(made, "identity.token.issue", changes, actor, now)
    return Issued(made.id, token, made.expires_at)


@action("identity.token.revoke")
def revoke_token(*, token_id: UUID, actor: Actor, now: datetime) -> None:
    """It opens nothing from the next request on. NotFound: it is none of the scope's partner."""
    row = ApiToken.objects.filter(pk=token_id, partner_id=scopes.writer()).first()
    if row is None:
        raise NotFound
    if ApiToken.objects.filter(pk=row.pk, revoked_at__isnull=True).update(revoked_at=now):
        _note_token(row, "identity.token.revoke", {"connection": str(row.connection_id)}, actor, now)


@action("identity.token.note_use", scoped=False)
def note_token_use(*, token_id: UUID, actor: Actor, now: datetime) -> None:
    """Remember that a token was used; at most every five minutes, so that reading stays reading."""
    rows = ApiToken.objects.filter(pk=token_id).exclude(last_used_at__gt=now - USE_NOTED_EVERY)
    rows.update(last_used_at=now)


def _note_token(row: ApiToken, verb: str, changes: dict[str, str], actor: Actor, now: datetime) -> None:
    audit.record(actor=actor, verb=verb, object_type="identity.token", object_id=row.id, changes=changes, now=now)


# ---------------------------------------------------------------- to the provider and back


@dataclass(frozen=True, slots=True)
class Departed:
    """Whom a browser was sent to, as it comes back. `told`: what the provider must give back or have signed."""

    connection_id: UUID
    partner_id: UUID
    told: str
    next_path: str
    mailbox: bytes | None = None


@action("identity.departure.begin", scoped=False)
def depart(
    *,
    connection_id: UUID,
    partner_id: UUID,
    state: str,
    browser: str,
    told: str,
    next_path: str,
    mailbox: bytes | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Send a browser to a provider. `state`: the secret it comes back with, once, within a quarter of an hour.

    mailbox: the digest of the address that was typed at our door.
    """
    Departure.objects.create(
        digest=departure_digest(state),
        browser=browser_digest(browser),
        partner_id=partner_id,
        connection_id=connection_id,
        told=secrets.seal(told),
        mailbox=mailbox,
        next_path=safe_next(next_path),
        asked_at=now,
        expires_at=now + DEPARTURE_LIFE,
    )


@action("identity.departure.end", scoped=False)
def come_back(*, state: str, connection_id: UUID, browser: str, actor: Actor, now: datetime) -> Departed | None:
    """Spend a departure: the same browser, the same connection, once, in time; None in every other case."""
    row = Departure.objects.filter(digest=departure_digest(state), connection=connection_id).first()
    if row is None or not browser or not secrets.same(bytes(row.browser), browser_digest(browser)):
        return None
    open_row = Departure.objects.filter(pk=row.pk, used_at=None, expires_at__gt=now)
    if not open_row.update(used_at=now):
        return None
    mailbox = bytes(row.mailbox) if row.mailbox is not None else None
    return Departed(row.connection_id, row.partner_id, secrets.unseal(row.told), row.next_path, mailbox)


@action("identity.departure.forget", scoped=False)
def forget_departures(*, actor: Actor, now: datetime) -> int:
    """Delete what nobody can come back by any more."""
    gone, _ = Departure.objects.filter(expires_at__lt=now - timedelta(days=1)).delete()
    return gone
