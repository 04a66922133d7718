"""Verify what a provider signed (JWS, by joserfc). Which key and algorithm count is said by the rules, never by a
token: a header that names another key than the provider lists (`jku`, `x5u`, `jwk`, `x5c`) is refused before."""

from typing import Any

from joserfc import jwk, jws
from joserfc.errors import JoseError

from gangway.identity.rules.oidc import KEY_MEMBERS, Fault, Reason, read_json

RSA_BITS = 2048


class _Registry(jws.JWSRegistry):
    max_header_length = 8 * 1024  # certificate chains may be there, where the provider lists the same
    max_signature_length = 4 * 1024


def header_of(token: str) -> dict[str, Any]:
    """The header of a JWS that nobody has verified yet. UNREADABLE."""
    header = _read(token).protected
    if not isinstance(header, dict):
        raise Fault(Reason.UNREADABLE, "The ID token's header is no object.")
    return header


def verified(token: str, key: dict[str, Any], algorithm: str) -> dict[str, Any]:
    """The claims, once the signature is by this key and this algorithm. KEY_UNFIT, SIGNATURE, UNREADABLE."""
    registry = _Registry(algorithms=[algorithm], strict_check_header=False)
    try:
        found = jwk.import_key({name: key[name] for name in KEY_MEMBERS if name in key})
        holds = jws.validate_compact(_read(token), found, registry=registry)
    except (JoseError, ValueError, TypeError) as error:
        raise Fault(Reason.KEY_UNFIT, f"The key cannot verify the ID token ({type(error).__name__}).") from error
    if isinstance(found, jwk.RSAKey) and found.raw_value.key_size < RSA_BITS:
        raise Fault(Reason.KEY_UNFIT, f"The key is shorter than {RSA_BITS} bits.")
    if not holds:
        raise Fault(Reason.SIGNATURE, "The ID token is not signed by the key that it names.")
    return read_json(_read(token).payload, "The ID token")


def _read(token: str) -> jws.CompactSignature:
    try:
        return jws.extract_compact(token.encode(), registry=_Registry())
    except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise Fault(Reason.UNREADABLE, "The token endpoint gave no ID token that can be read.") from error
