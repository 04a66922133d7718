"""OpenID Connect: what a provider says of itself, and what must hold of what it signed. Pure.

Sources: OpenID Connect Core 1.0 (3.1.3.7), Discovery 1.0 (3, 4.3), RFC 7636 (PKCE), RFC 9207 (`iss`), RFC 8414.
"""

import base64
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from gangway.identity.rules import Step
from gangway.identity.rules.connections import SUBJECT_LENGTH, Asserted

LEEWAY = timedelta(minutes=1)  # between their clock and ours
KEYS_EVERY = timedelta(minutes=1)  # how often an unknown key may make us fetch their keys
ADDRESS_LENGTH = 1000
MOST_KEYS = 100
MOST_CLAIMS = 500
SCOPES = "openid email profile"
DISCOVERY = "/.well-known/openid-configuration"
LOOPBACK = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1", "::1": "::1"}

# A signature that only the provider can make. Never `none`, never HS*: whoever has the secret, or thinks a public key
# is one, could sign with those.
HASHES = {
    **{f"{family}{size}": f"sha{size}" for family in ("RS", "PS", "ES") for size in (256, 384, 512)},
    "EdDSA": "sha512",
    "Ed25519": "sha512",
}
KEY_TYPES = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}  # by the first two letters of the algorithm
CURVES = {
    "ES256": ("P-256",),
    "ES384": ("P-384",),
    "ES512": ("P-521",),
    "EdDSA": ("Ed25519",),
    "Ed25519": ("Ed25519",),
}


class Reason(StrEnum):
    """Which rule failed. What their IT is told to look at, and what a failed sign-in keeps."""

    NOT_SET_UP = "not_set_up"
    ADDRESS = "address"
    NO_ANSWER = "no_answer"
    STATUS = "status"
    UNREADABLE = "unreadable"
    ISSUER = "issuer"
    UNSUPPORTED = "unsupported"
    KEYS = "keys"
    DENIED = "denied"
    ERROR = "error"
    CODE_MISSING = "code_missing"
    ISS_MISSING = "iss_missing"
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # a reason, no secret
    ALGORITHM = "algorithm"
    CRITICAL = "critical"
    KEY_UNKNOWN = "key_unknown"
    KEY_UNFIT = "key_unfit"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    PARTY = "party"
    EXPIRED = "expired"
    TIME = "time"
    NONCE = "nonce"
    ACCESS_TOKEN = "access_token"  # noqa: S105  # a reason, no secret
    SUBJECT = "subject"


class Fault(Exception):
    """A rule that failed: `reason` for machines, the text for their IT. It holds nothing about a person."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason
        self.detail = detail


def step_of(reason: Reason) -> Step:
    """What a failed sign-in is kept as. Broken, which may open another way in, is what we saw break ourselves and what
    a provider calls its own trouble (by way of the browser, whose word it is); a no is none, and neither is a token or
    a code that does not hold."""
    match reason:
        case Reason.DENIED:
            return Step.PROVIDER_REFUSED
        case Reason.NOT_SET_UP | Reason.NO_ANSWER | Reason.STATUS | Reason.ERROR | Reason.TOKEN_REFUSED | Reason.KEYS:
            return Step.PROVIDER_BROKEN
        case _:
            return Step.PROVIDER_FOREIGN


class SecretBy(StrEnum):
    """How the client shows its secret at the token endpoint."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


@dataclass(frozen=True, slots=True)
class Provider:
    """A discovery document that can be used. `algorithms`: what it signs with, of what we allow."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str
    algorithms: tuple[str, ...]
    secret_by: SecretBy
    sends_iss: bool


# ---------------------------------------------------------------- what came over the line


def read_json(body: bytes, what: str) -> dict[str, Any]:
    """The object in a body. UNREADABLE: it is none, or holds what no database can keep (NUL, lone surrogates, NaN)."""
    try:
        value = json.loads(body)
        kept = json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise Fault(Reason.UNREADABLE, f"{what} is not readable as JSON.") from error
    if not isinstance(value, dict) or b"\\u0000" in kept:
        raise Fault(Reason.UNREADABLE, f"{what} is no JSON object of plain text.")
    return value


def wrong_address(url: object, inside: Collection[tuple[str, int]], *, plain_path: bool = False) -> str:
    """Why this cannot be the address of a provider; "" where it can. `inside`: (ip, port) the operator named.
    `plain_path`: an issuer has neither query nor fragment."""
    if not isinstance(url, str) or not url or len(url) > ADDRESS_LENGTH or not url.isascii() or not url.isprintable():
        return "is missing, or no address"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if not host or " " in url or "\\" in url:
        return "is no address"
    if parts.username is not None or parts.password is not None:
        return "holds a user name"
    if parts.fragment or (plain_path and "?" in url):
        return "holds a query or a fragment"
    if parts.scheme == "https":
        return ""
    if parts.scheme == "http" and (LOOPBACK.get(host), port or 80) in inside:
        return ""
    return "does not begin with https://"


def discovery_address(issuer: str) -> str:
    """Where an issuer says what it can (Discovery 4.1)."""
    return issuer.removesuffix("/") + DISCOVERY


def provider_of(document: Mapping[str, Any], *, issuer: str, inside: Collection[tuple[str, int]] = ()) -> Provider:
    """What a discovery document says, where it can be used. Fault otherwise; the first that is wrong is named."""
    said = document.get("issuer")
    if said != issuer:
        shown = said[:200] if isinstance(said, str) else "none"
        raise Fault(Reason.ISSUER, f"The document names the issuer “{shown}”, and not “{issuer}” to the letter.")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        _address_of(document, name, inside)
    if "userinfo_endpoint" in document:
        _address_of(document, "userinfo_endpoint", inside)
    _must_offer(document, "response_types_supported", "code")
    _must_offer(document, "response_modes_supported", "query")
    _must_offer(document, "grant_types_supported", "authorization_code")
    _must_offer(document, "code_challenge_methods_supported", "S256")
    return Provider(
        issuer=issuer,
        authorization_endpoint=document["authorization_endpoint"],
        token_endpoint=document["token_endpoint"],
        jwks_uri=document["jwks_uri"],
        userinfo_endpoint=document.get("userinfo_endpoint", ""),
        algorithms=_algorithms(document),
        secret_by=_secret_by(document),
        sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _address_of(document: Mapping[str, Any], name: str, inside: Collection[tuple[str, int]]) -> None:
    wrong = wrong_address(document.get(name), inside)
    if wrong:
        raise Fault(Reason.ADDRESS, f"{name} {wrong}.")


def _offered(document: Mapping[str, Any], name: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if name not in document:
        return default
    said = document[name]
    return tuple(word for word in said if isinstance(word, str)) if isinstance(said, list) else ()


def _must_offer(document: Mapping[str, Any], name: str, wanted: str) -> None:
    if wanted not in _offered(document, name, (wanted,)):
        raise Fault(Reason.UNSUPPORTED, f"{name} does not name “{wanted}”.")


def _algorithms(document: Mapping[str, Any]) -> tuple[str, ...]:
    name = "id_token_signing_alg_values_supported"
    usable = tuple(word for word in _offered(document, name, ("RS256",)) if word in HASHES)
    if not usable:
        raise Fault(Reason.UNSUPPORTED, f"{name} names no algorithm that only the provider can sign with, as RS256.")
    return usable


def _secret_by(document: Mapping[str, Any]) -> SecretBy:
    name = "token_endpoint_auth_methods_supported"
    offered = _offered(document, name, (SecretBy.BASIC,))
    for way in SecretBy:
        if way in offered:
            return way
    raise Fault(Reason.UNSUPPORTED, f"{name} names neither client_secret_basic nor client_secret_post.")


def keys_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The keys of a JWKS that could sign. KEYS: there is none."""
    listed = document.get("keys")
    rows = [row for row in listed[:MOST_KEYS] if isinstance(row, dict)] if isinstance(listed, list) else []
    usable = [row for row in rows if row.get("kty") in KEY_TYPES.values() and row.get("use", "sig") == "sig"]
    if not usable:
        raise Fault(Reason.KEYS, "jwks_uri lists no public key to verify a signature with.")
    return usable


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
    something must be understood, and nothing is (RFC 7515, 4.1.11). `jku`, `x5u`, `jwk` and `x5c` are not read."""
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
    return Asserted(subject=subject, claims=dict(list(flat.items())[:MOST_CLAIMS]))


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
