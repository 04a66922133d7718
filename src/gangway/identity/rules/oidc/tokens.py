"""What the browser brought back, and what must hold of an ID token (Core 3.1.3.7, RFC 9207). Pure."""

import base64
import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from gangway.identity.rules.connections import SUBJECT_LENGTH, Asserted
from gangway.identity.rules.oidc.documents import ADDRESS_LENGTH, HASHES, KEY_TYPES
from gangway.identity.rules.oidc.faults import Fault, Reason

LEEWAY = timedelta(minutes=1)  # between their clock and ours
KEYS_EVERY = timedelta(minutes=1)  # how often an unknown key may make us fetch their keys
MOST_CLAIMS = 500
KEY_MEMBERS = ("kty", "n", "e", "crv", "x", "y")
CURVES = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "ES512": ("P-521",),
    "EdDSA": ("Ed25519",),
    "Ed25519": ("Ed25519",),
}

# ---------------------------------------------------------------- what the browser brought back

TECHNICAL = frozenset(
    {
        *("server_error", "temporarily_unavailable", "invalid_request", "unauthorized_client"),
        *("unsupported_response_type", "invalid_scope", "unsupported_response_mode"),
    }
)
ERROR_CODE = re.compile(r"[a-z_]{1,40}")


def code_of(answer: Mapping[str, Sequence[str]], *, issuer: str, sends_iss: bool) -> str:
    """The code of an authorization response, whose state is spent. ISS_MISSING, ISSUER: it came from another provider
    than it was asked for (RFC 9207; before anything else is believed). DENIED, ERROR: the provider said so."""
    if any(len(answer.get(name, ())) > 1 for name in ("code", "state", "iss", "error")):
        raise Fault(Reason.CODE_MISSING, "The answer says something twice.")
    iss, error, code = (next(iter(answer.get(name, ())), "") for name in ("iss", "error", "code"))
    if iss and iss != issuer:
        raise Fault(Reason.ISSUER, "The answer's `iss` is not the issuer of this connection.")
    if sends_iss and not iss:
        raise Fault(Reason.ISS_MISSING, "The answer lacks `iss`, which this provider announces.")
    if error:
        shown = error if ERROR_CODE.fullmatch(error) else "an unknown error"
        raise Fault(Reason.ERROR if error in TECHNICAL else Reason.DENIED, f"The provider answered: {shown}.")
    if not code or len(code) > ADDRESS_LENGTH * 4:
        raise Fault(Reason.CODE_MISSING, "The answer holds no code.")
    return code


def token_refusal(status: int, error: object) -> Fault:
    """Why the token endpoint gave no token. `invalid_grant` speaks of the code, which a browser brought; everything
    else of the client and its secret."""
    if error == "invalid_grant":
        return Fault(Reason.CODE_MISSING, "The token endpoint knows no such code, or has seen it before.")
    shown = error if isinstance(error, str) and ERROR_CODE.fullmatch(error) else "no reason"
    return Fault(Reason.TOKEN_REFUSED, f"The token endpoint answered {status}: {shown}.")


# ---------------------------------------------------------------- what was signed, and by which key


def algorithm_of(header: Mapping[str, Any], allowed: Collection[str]) -> str:
    """The algorithm of an ID token's header. ALGORITHM: none, symmetric, or not announced. CRITICAL: it says that
    something must be understood, and nothing is (RFC 7515, 4.1.11)."""
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in HASHES or algorithm not in allowed:
        shown = algorithm[:20] if isinstance(algorithm, str) else "none"
        raise Fault(
            Reason.ALGORITHM, f"The ID token is signed with “{shown}”; expected is one of: {', '.join(allowed)}."
        )
    if "crit" in header:
        raise Fault(Reason.CRITICAL, "The ID token's header says `crit`.")
    return algorithm


def key_for(header: Mapping[str, Any], algorithm: str, keys: Collection[dict[str, Any]]) -> dict[str, Any]:
    """The key that `kid` names; without a `kid`, the only one that fits. KEY_UNKNOWN: worth another look at their keys.
    KEY_UNFIT: the key is for something else."""
    kid = header.get("kid")
    named = [key for key in keys if kid is None or key.get("kid") == kid]
    fitting = [key for key in named if _fits(key, algorithm)]
    if len(fitting) == 1:
        return fitting[0]
    if named and kid is not None:
        raise Fault(Reason.KEY_UNFIT, f"The key that the ID token names is none for {algorithm}.")
    raise Fault(Reason.KEY_UNKNOWN, "No key at jwks_uri is the one that the ID token names.")


def refuse_other_keys(header: Mapping[str, Any], key: Mapping[str, Any], *, jwks_uri: str) -> None:
    """KEY_IN_TOKEN: a header that brings a key, or says where one is, other than the provider itself says at jwks_uri
    (RFC 7515, 4.1.2 to 4.1.6; Core 2 asks for none of them). Only what the provider says is ever used."""
    listed = {"jku": jwks_uri, "jwk": {name: key[name] for name in KEY_MEMBERS if name in key}}
    for name in ("jku", "jwk", "x5u", "x5c"):
        if name not in header:
            continue
        came = header[name]
        if name == "jwk" and isinstance(came, dict):
            came = {member: came[member] for member in KEY_MEMBERS if member in came}
        if came != listed.get(name, key.get(name)):
            raise Fault(Reason.KEY_IN_TOKEN, f"The ID token's header names a key by `{name}` that jwks_uri does not.")


def _fits(key: Mapping[str, Any], algorithm: str) -> bool:
    operations = key.get("key_ops", ["verify"])
    return (
        key.get("kty") == KEY_TYPES[algorithm[:2]]
        and key.get("alg", algorithm) in (algorithm, "EdDSA" if algorithm == "Ed25519" else algorithm)
        and key.get("crv") in CURVES.get(algorithm, (key.get("crv"),))
        and isinstance(operations, list)
        and "verify" in operations
    )


# ---------------------------------------------------------------- what the signed claims must say


def check_claims(
    claims: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    algorithm: str,
    access_token: str,
    now: datetime,
) -> None:
    """Core 3.1.3.7, after the signature: issuer, audience, authorised party, times, nonce, at_hash. Fault otherwise."""
    if claims.get("iss") != issuer:
        raise Fault(Reason.ISSUER, "The ID token's `iss` is not the issuer of this connection.")
    _check_audience(claims, client_id)
    _check_times(claims, now)
    if claims.get("nonce") != nonce:
        raise Fault(Reason.NONCE, "The ID token's `nonce` is not the one that this sign-in was begun with.")
    if "at_hash" in claims and claims["at_hash"] != half_hash(access_token, algorithm):
        raise Fault(Reason.ACCESS_TOKEN, "The ID token's `at_hash` does not fit the access token beside it.")


def check_said(claims: Mapping[str, Any], must_say: Mapping[str, str]) -> None:
    """What this connection asks for beside the standard, as the company where an issuer serves many. CLAIM: another."""
    flat = _flat(claims)
    for name, value in must_say.items():
        if value not in flat.get(name, ()):
            raise Fault(Reason.CLAIM, f"The ID token's `{name}` does not say “{value}”.")


def _check_audience(claims: Mapping[str, Any], client_id: str) -> None:
    said = claims.get("aud")
    audience = [said] if isinstance(said, str) else said
    if not isinstance(audience, list) or client_id not in audience:
        raise Fault(Reason.AUDIENCE, "The ID token's `aud` does not name this connection's client id.")
    party = claims.get("azp")
    if (len(audience) > 1 or party is not None) and party != client_id:
        raise Fault(Reason.PARTY, "The ID token was issued to another client (`azp`).")


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    times = {name: _instant(claims, name) for name in ("exp", "iat", "nbf")}
    expires, issued, begins = times["exp"], times["iat"], times["nbf"]
    if expires is None or issued is None:
        raise Fault(Reason.TIME, "The ID token lacks `exp` or `iat`.")
    if now - LEEWAY >= expires:
        raise Fault(Reason.EXPIRED, "The ID token has expired.")
    if issued > now + LEEWAY or (begins is not None and begins > now + LEEWAY):
        raise Fault(Reason.TIME, "The ID token is not valid yet: compare the provider's clock with ours.")


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Fault(Reason.TIME, f"The ID token's `{name}` is no instant.") from error
    raise Fault(Reason.TIME, f"The ID token's `{name}` is no instant.")


def half_hash(text: str, algorithm: str) -> str:
    """The left half of a hash, as `at_hash` holds it (Core 3.1.3.6)."""
    whole = hashlib.new(HASHES[algorithm], text.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


def asserted(claims: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> Asserted:
    """Whom verified claims name. `more`: what the userinfo endpoint added, which counts only for the same subject and
    below what was signed. SUBJECT: no subject that could be kept, or another's."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH or not subject.isprintable():
        raise Fault(Reason.SUBJECT, f"`sub` is missing, or longer than {SUBJECT_LENGTH} signs.")
    if more is not None and more.get("sub") != subject:
        raise Fault(Reason.SUBJECT, "The userinfo endpoint speaks of another `sub` than the ID token.")
    flat = _flat({**(more or {}), **claims})
    return Asserted(
        subject=subject,
        claims=dict(list(flat.items())[:MOST_CLAIMS]),
        mailbox_doubted=flat.get("email_verified") == ("false",),
    )


def _flat(claims: Mapping[str, Any], before: str = "") -> dict[str, tuple[str, ...]]:
    """{"a": {"b": ["c"]}} → {"a.b": ("c",)}: groups and addresses often lie one storey down."""
    flat: dict[str, tuple[str, ...]] = {}
    for name, value in claims.items():
        if isinstance(value, Mapping):
            flat.update(_flat(value, f"{before}{name}."))
        else:
            listed = value if isinstance(value, list) else [value]
            flat[before + name] = tuple(_word(one) for one in listed if isinstance(one, str | int | float))
    return flat


def _word(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
