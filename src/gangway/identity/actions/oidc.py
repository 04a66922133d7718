"""A connection is told its OpenID provider, and keeps what that provider says of itself."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Q

from gangway.identity.actions.connections import locked_connection, own_connection
from gangway.identity.models import Identity, OidcSettings
from gangway.identity.queries.reach import served_anybody
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.oidc import KEYS_EVERY, SCOPES, SHARED_ISSUERS, wrong_address
from gangway.kernel import audit, secrets
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.values import clean_line


class NotOidc(Refusal):
    code = "identity.not_oidc"
    message = "This connection does not sign people in by OpenID Connect."
    next_step = "Name one that does, or make one: gangway connection add --kind oidc."


class IssuerPinned(Refusal):
    """Another provider's subjects would be taken for the people of this one."""

    code = "identity.issuer_pinned"
    message = "People have signed in by this connection already, so its issuer stays {issuer}."
    next_step = "Make another connection for the other issuer, and turn this one off."


class UnusableProvider(Refusal):
    code = "identity.unusable_provider"
    message = "The provider {issuer} cannot be used. {problem}"
    next_step = "Nothing was changed. Mend it there, then try it again."


@action("identity.oidc.set")
def set_oidc(
    *,
    connection_id: UUID,
    issuer: str,
    client_id: str,
    client_secret: str,
    secret_expires_on: date | None = None,
    scopes: str = SCOPES,
    asks_userinfo: bool = False,
    must_say: Mapping[str, str] | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Say who the provider of a connection is, and who we are there. What another issuer said of itself is forgotten.
    `must_say`: claim → what an ID token must say there, so that an issuer of many companies speaks for one; None
    leaves it as it is.

    NotOidc. IssuerPinned: another issuer, once somebody came in. Invalid: an issuer, id, secret or scope that is none.
    """
    connection = own_connection(connection_id)
    if connection.kind != ConnectionKind.OIDC:
        raise NotOidc
    _check(issuer, client_secret, scopes)
    client_id = clean_line(client_id, "client_id", limit=255)
    row = OidcSettings.objects.filter(connection=connection).first() or OidcSettings(connection=connection)
    kept = row.must_say if row.issuer == issuer else {}
    row.must_say = _must_say(issuer, kept if must_say is None else must_say)
    if row.issuer and row.issuer != issuer:
        if Identity.objects.filter(connection=connection).exists() or served_anybody(connection.id):
            raise IssuerPinned(field="issuer", issuer=row.issuer)
        row.document, row.keys = {}, {}
        row.fetched_at = row.keys_fetched_at = row.keys_asked_at = None
    row.issuer, row.client_id, row.secret = issuer, client_id, secrets.seal(client_secret)
    row.old_secret, row.old_secret_until = "", None
    row.secret_expires_on, row.scopes, row.asks_userinfo = secret_expires_on, " ".join(scopes.split()), asks_userinfo
    row.save()
    expires = secret_expires_on.isoformat() if secret_expires_on else ""
    changes = {"issuer": issuer, "client_id": client_id, "secret_expires_on": expires}
    changes |= {"scopes": row.scopes, "must_say": json.dumps(row.must_say)}
    _note(connection_id, "identity.oidc.set", changes, actor, now)


def _check(issuer: str, client_secret: str, scopes: str) -> None:
    wrong = wrong_address(issuer, settings.PROVIDERS_INSIDE, plain_path=True)
    if wrong:
        raise Invalid(
            field="issuer",
            problem="“{issuer}” cannot be an issuer.",
            mend="Copy the issuer from the provider: it begins with https:// and has no query.",
            issuer=issuer[:200],
        )
    clean_secret(client_secret)
    if "openid" not in scopes.split() or len(scopes) > 500 or not scopes.isprintable():
        raise Invalid(field="scopes", problem="The scopes lack “openid”.", mend="Ask for: openid email profile.")


def clean_secret(client_secret: str) -> None:
    """Invalid: it cannot be a client secret."""
    if not 0 < len(client_secret) <= 2000 or not client_secret.isprintable():
        raise Invalid(
            field="client_secret",
            problem="The client secret is empty, or no single line of text.",
            mend="Copy it from the provider once more.",
        )


def _must_say(issuer: str, wanted: Mapping[str, str]) -> dict[str, str]:
    named = {clean_line(name, "claim", limit=255): clean_line(value, name, limit=255) for name, value in wanted.items()}
    claim = SHARED_ISSUERS.get(issuer)
    if claim is not None and claim not in named:
        raise Invalid(
            field="must_say",
            problem="At {issuer} everybody with any account would be taken for the partner's.",
            mend="Name the company: --must-say {claim}=its-domain",
            issuer=issuer,
            claim=claim,
        )
    return named


@action("identity.oidc.store_discovery")
def store_discovery(
    *, connection_id: UUID, issuer: str, document: dict[str, Any], keys: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Keep what the issuer was found to say of itself, and the keys it signs with from now on: one that it no longer
    lists opens nothing. NotFound: it is not this connection's issuer, or is no longer."""
    locked_connection(connection_id)
    stored = OidcSettings.objects.filter(connection=connection_id, issuer=issuer).update(
        document=document, fetched_at=now, keys=keys, keys_fetched_at=now, keys_asked_at=now
    )
    if not stored:
        raise NotFound
    _note(connection_id, "identity.oidc.store_discovery", _key_names(keys), actor, now)


@action("identity.oidc.ask_keys")
def ask_keys(*, connection_id: UUID, actor: Actor, now: datetime) -> bool:
    """Whether the provider may be asked again now, which is noted: at most once a minute, however many tokens name a
    key that nobody knows."""
    due = Q(keys_asked_at=None) | Q(keys_asked_at__lte=now - KEYS_EVERY)
    return bool(OidcSettings.objects.filter(due, connection=connection_id).update(keys_asked_at=now))


def _key_names(keys: dict[str, Any]) -> dict[str, Any]:
    return {"keys": [str(key.get("kid", ""))[:100] for key in keys["keys"]]}


def _note(connection_id: UUID, verb: str, changes: dict[str, Any], actor: Actor, now: datetime) -> None:
    audit.record(
        actor=actor, verb=verb, object_type="identity.connection", object_id=connection_id, changes=changes, now=now
    )
