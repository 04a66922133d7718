"""A token of the portal: signed by one of its open keys, with that key's algorithm, and saying what it must.

How a signature is verified is that of OpenID Connect (identity.oidc.tokens); `jku`, `x5u`, `jwk` and `x5c` in a header
are not read.
"""

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from datetime import datetime

from gangway.identity.oidc import tokens
from gangway.identity.queries.handover import PortalKeyRow, PortalRow
from gangway.identity.rules.handover import (
    NAME_LENGTH,
    TOKEN_LIMIT,
    HandedOver,
    NotHanded,
    PortalReason,
    handed_over,
    key_of,
)
from gangway.identity.rules.oidc import Fault, Reason


@dataclass(frozen=True, slots=True)
class Verified:
    """Whom it hands over, and by which key (`kid`)."""

    handed: HandedOver
    kid: str


def verified(token: str, portal: PortalRow, keys: tuple[PortalKeyRow, ...], now: datetime) -> Verified:
    """What a token of the portal says, once all of it holds. NotHanded: the first rule that fails."""
    if not token or len(token) > TOKEN_LIMIT:
        raise NotHanded(PortalReason.UNREADABLE, f"The token is empty, or longer than {TOKEN_LIMIT} signs.")
    try:
        key = key_of(tokens.header_of(token), [one.key for one in keys], now)
        claims = tokens.verified(token, dict(key.jwk), key.algorithm)
    except Fault as fault:
        if fault.reason is Reason.UNREADABLE:
            raise NotHanded(PortalReason.UNREADABLE, "What came is no signed token that can be read.") from fault
        raise NotHanded(PortalReason.SIGNATURE, "The token is not signed by the key that it names.") from fault
    return Verified(handed_over(claims, issuer=portal.issuer, audience=portal.audience, now=now), key.kid)


def nonce_of(token: str) -> str:
    """The nonce that a token says it has, verified by nobody: good for finding the browser that waits, for no more."""
    try:
        payload = token[:TOKEN_LIMIT].split(".")[1]
        said = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["nonce"]
        return said if isinstance(said, str) and len(said) <= NAME_LENGTH else ""
    except (ValueError, IndexError, KeyError, TypeError, RecursionError):
        return ""
