"""To the provider and back: authorization code with PKCE (S256), state and nonce, an ID token that holds.

Every Fault says which rule failed. Never inside an action: the provider is asked twice, or more where its keys changed.
"""

import json
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit, urlunsplit

import structlog
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from gangway.identity import actions, queries
from gangway.identity.oidc.discovery import ask, discover, fetch_object
from gangway.identity.oidc.tokens import header_of, verified
from gangway.identity.queries import OidcRow
from gangway.identity.rules import oidc as rules
from gangway.identity.rules.connections import Asserted
from gangway.identity.rules.oidc import Fault, Provider, Reason, SecretBy
from gangway.kernel import secrets
from gangway.kernel.actor import Actor

KEYS_FRESH = timedelta(hours=1)  # past it their keys are asked for again, so that one withdrawn opens nothing
KEYS_HOLD = timedelta(days=1)  # so long the keys we have may stand in for an address that does not answer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where a browser is sent. `state`: what it must bring back; `told`: what is needed then, for us alone."""

    url: str
    state: str
    told: str


def leave(row: OidcRow | None, *, callback: str, hint: str = "", now: datetime) -> Leaving:
    """Send somebody to the provider. `callback`: our address there; `hint`: the address they typed. NOT_SET_UP."""
    row, provider = _set_up(row, now)
    state, nonce, verifier = secrets.token(32), secrets.token(32), secrets.token(48)
    asked = {
        "response_type": "code",
        "client_id": row.client_id,
        "redirect_uri": callback,
        "scope": row.scopes,
        "state": state,
        "nonce": nonce,
        "code_challenge": create_s256_code_challenge(verifier),
        "code_challenge_method": "S256",
        **({"login_hint": hint} if hint else {}),
    }
    parts = urlsplit(provider.authorization_endpoint)
    url = urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, urlencode(asked)]))))
    return Leaving(url, state, json.dumps({"nonce": nonce, "verifier": verifier, "issuer": row.issuer}))


def arrive(
    row: OidcRow | None,
    *,
    answer: Mapping[str, Sequence[str]],
    told: str,
    callback: str,
    actor: Actor,
    now: datetime,
) -> Asserted:
    """Whom the provider signed in, in the open scope of the connection. `answer`: the query that the browser brought;
    `told`: what its spent departure kept. Fault: nobody."""
    row, provider = _set_up(row, now)
    kept = json.loads(told)
    if kept["issuer"] != row.issuer:
        raise Fault(Reason.ISSUER, "This connection was given another issuer meanwhile.")
    code = rules.code_of(answer, issuer=row.issuer, sends_iss=provider.sends_iss)
    tokens = _redeem(row, provider, code, kept["verifier"], callback, now)
    claims, algorithm = _claims(row, provider, str(tokens.get("id_token", "")), actor, now)
    access_token = str(tokens.get("access_token", ""))
    rules.check_claims(
        claims,
        issuer=row.issuer,
        client_id=row.client_id,
        nonce=kept["nonce"],
        algorithm=algorithm,
        access_token=access_token,
        now=now,
    )
    rules.check_said(claims, row.must_say)
    return rules.asserted(claims, _userinfo(row, provider, access_token))


def _set_up(row: OidcRow | None, now: datetime) -> tuple[OidcRow, Provider]:
    if row is None or not row.document:
        raise Fault(Reason.NOT_SET_UP, "Nobody has told this connection its provider.")
    return row, rules.provider_of(row.document, issuer=row.issuer, inside=row.inside(now))


def _redeem(row: OidcRow, provider: Provider, code: str, verifier: str, callback: str, now: datetime) -> dict[str, Any]:
    """The tokens for a code. While a secret that was renewed is not known there yet, the one before it stands in."""
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
    inside = row.inside(now)
    status, said = _ask_tokens(row.client_id, row.client_secret, provider, form, inside)
    stands_in = row.old_secret and (row.old_secret_until is None or now.date() <= row.old_secret_until)
    if said.get("error") == "invalid_client" and stands_in:
        status, said = _ask_tokens(row.client_id, row.old_secret, provider, form, inside)
    if status != 200:
        raise rules.token_refusal(status, said.get("error"))
    return said


def _ask_tokens(
    client_id: str, secret: str, provider: Provider, form: Mapping[str, str], inside: Collection[tuple[str, int]]
) -> tuple[int, dict[str, Any]]:
    """What the token endpoint answers; our secret shown as the provider wants it (RFC 6749, 2.3.1)."""
    headers = {}
    if provider.secret_by is SecretBy.BASIC:
        pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
        headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
    else:
        form = {**form, "client_id": client_id, "client_secret": secret}
    what = "The token endpoint"
    answer = ask(provider.token_endpoint, what, inside=inside, form=dict(form), headers=headers)
    if answer.status >= 500 or 300 <= answer.status < 400:
        raise Fault(Reason.STATUS, f"{what} answered with status {answer.status}.")
    return answer.status, rules.read_json(answer.body, what)


def _claims(row: OidcRow, provider: Provider, id_token: str, actor: Actor, now: datetime) -> tuple[dict[str, Any], str]:
    """What the ID token says and the algorithm it is signed with, by a key that the issuer lists now.

    A key that is not known, or does not fit under its name any more, is worth one more look: some providers put a new
    one in the place of the old, under the same `kid` or under none.
    """
    header = header_of(id_token)
    algorithm = rules.algorithm_of(header, provider.algorithms)
    row = _with_fresh_keys(row, actor, now)
    try:
        return _read_by(row, provider, header, id_token, algorithm), algorithm
    except Fault as fault:
        if fault.reason not in (Reason.KEY_UNKNOWN, Reason.SIGNATURE):
            raise
    if _may_ask(row, actor, now):
        row = _ask_again(row, actor, now)
    else:  # somebody else asked within this minute, and may have heard more than we had read
        row, _ = _set_up(queries.oidc_settings(row.connection_id, now), now)
    return _read_by(row, provider, header, id_token, algorithm), algorithm


def _read_by(
    row: OidcRow, provider: Provider, header: Mapping[str, Any], id_token: str, algorithm: str
) -> dict[str, Any]:
    found = rules.key_for(header, algorithm, row.keys["keys"])
    rules.refuse_other_keys(header, found, jwks_uri=provider.jwks_uri)
    return verified(id_token, found, algorithm)


def _with_fresh_keys(row: OidcRow, actor: Actor, now: datetime) -> OidcRow:
    """The settings with keys no older than an hour; older ones for a day, while the provider does not say."""
    age = now - row.keys_fetched_at if row.keys_fetched_at else KEYS_HOLD
    if age < KEYS_FRESH or not _may_ask(row, actor, now):
        if age >= KEYS_HOLD:
            raise Fault(Reason.KEYS, "The provider has not said for a day which keys it signs with.")
        return row
    try:
        return _ask_again(row, actor, now)
    except Fault as fault:
        if age >= KEYS_HOLD:
            raise
        log.warning("oidc.keys_not_renewed", connection=str(row.connection_id), reason=fault.reason.value)
        return row


def _may_ask(row: OidcRow, actor: Actor, now: datetime) -> bool:
    return actions.ask_keys(connection_id=row.connection_id, actor=actor, now=now)


def _ask_again(row: OidcRow, actor: Actor, now: datetime) -> OidcRow:
    found = discover(row.issuer)
    actions.store_discovery(
        connection_id=row.connection_id,
        issuer=row.issuer,
        document=found.document,
        keys=found.keys,
        actor=actor,
        now=now,
    )
    return replace(row, document=found.document, keys=found.keys, keys_fetched_at=now)


def _userinfo(row: OidcRow, provider: Provider, access_token: str) -> dict[str, Any] | None:
    if not row.asks_userinfo or not provider.userinfo_endpoint:
        return None
    if not access_token.isascii() or not access_token.isprintable():
        raise Fault(Reason.UNREADABLE, "The access token is no text for a header.")
    headers = {"Authorization": f"Bearer {access_token}"}
    return fetch_object(provider.userinfo_endpoint, "The userinfo endpoint", headers)
