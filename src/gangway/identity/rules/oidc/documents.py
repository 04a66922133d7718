"""What a provider says of itself: discovery (Discovery 1.0, RFC 8414) and its keys (RFC 7517). Pure."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from gangway.identity.rules.oidc.faults import Fault, Reason

ADDRESS_LENGTH = 1000
MOST_KEYS = 100
SCOPES = "openid email profile"
SHARED_ISSUERS = {"https://accounts.google.com": "hd"}  # of many companies; the claim that says which
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
