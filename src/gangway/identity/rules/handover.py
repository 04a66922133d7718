"""The vendor's own portal hands somebody over by a signed token (RFC 7519): what must hold, and where it may lead.

Danger 1 and danger 3 of hostile.md meet here: the portal speaks for people of every partner, but never for staff, never
by a mail address alone, and only to the browser that we sent to it a moment ago. Pure.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from posixpath import normpath
from typing import Any
from urllib.parse import unquote

from gangway.identity.rules import safe_next
from gangway.identity.rules.connections import SUBJECT_LENGTH

SOURCE = "portal"  # of the external ids by which the portal knows people
START_LIFE = timedelta(minutes=15)  # at the portal, its own sign-in included
TOKEN_LIFE = timedelta(minutes=5)  # from `iat` to `exp`, at most
LEEWAY = timedelta(minutes=1)  # between the portal's clock and ours
ANSWER_LIFE = timedelta(minutes=2)  # from the portal's POST to the page that opens the session
TOKEN_LIMIT = 16 * 1024  # signs
KEYS_AT_ONCE = 2  # so that one takes the other's place without a day on which nobody comes in
CIRCLES = 5  # starts of one browser within a minute, none of which ended
NAME_LENGTH = 200  # of `jti` and `nonce`

# Where a hand-over may lead: pages that people of a partner look at. Never one that acts, signs out, or is staff's.
PAGES = ("/courses", "/library", "/paths", "/certificates", "/desk", "/account")
CALM = re.compile(r"[\w\-./~%!$&'()*+,;=:@?#\[\]]*")


class PortalReason(StrEnum):
    """Why a hand-over opens nothing. Codes of failed sign-ins; they never change their meaning."""

    UNREADABLE = "handover.unreadable"
    ALGORITHM = "handover.algorithm_refused"
    CRITICAL = "handover.says_crit"
    KEY_UNKNOWN = "handover.unknown_key"
    KEY_OVER = "handover.key_ran_out"
    SIGNATURE = "handover.not_signed_by_key"
    ISSUER = "handover.wrong_issuer"
    AUDIENCE = "handover.wrong_audience"
    TIME = "handover.no_times"
    TOO_LONG = "handover.holds_too_long"
    EARLY = "handover.not_yet_valid"
    LATE = "handover.not_valid_any_more"
    TOKEN_ID = "handover.no_token_id"  # noqa: S105  # a reason, no secret
    NONCE = "handover.no_nonce"
    PARTNER = "handover.no_partner"
    SUBJECT = "handover.no_subject"
    REPLAYED = "handover.replayed"
    BROWSER = "handover.other_browser_or_late"
    CIRCLES = "handover.goes_in_circles"


class NotHanded(Exception):
    """A token that proves nothing. `detail` says what was expected and what came, and nothing about a person."""

    def __init__(self, reason: PortalReason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key of the portal's. `algorithm`: the only one it may sign with; `not_after`: of its certificate, if it has
    one; `jwk`: its public part (RFC 7517)."""

    kid: str
    algorithm: str
    jwk: Mapping[str, Any]
    not_after: datetime | None = None


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What the portal signed. `subject` never changes for a person there; `email` finds nobody by itself."""

    subject: str
    partner: str
    nonce: str
    token_id: str
    email: str = ""
    return_to: str = "/"


def own_page(value: str | None) -> str:
    """Where a hand-over leads: a page of ours on the list (PAGES), or the start page; no other host, however it is
    written."""
    path = safe_next(value)
    plain = path.split("?", 1)[0].split("#", 1)[0]
    for _ in range(4):
        plain = unquote(plain)
    calm = CALM.fullmatch(path) and "//" not in plain and normpath(plain) == plain and "%" not in plain
    on_list = any(plain == page or plain.startswith(f"{page}/") for page in PAGES)
    return path if calm and on_list else "/"


def key_of(header: Mapping[str, Any], keys: Collection[PublicKey], now: datetime) -> PublicKey:
    """The key that a token's header names; without a `kid` the only one there is. Its algorithm is the key's, whatever
    the header says. ALGORITHM, CRITICAL (RFC 7515, 4.1.11), KEY_UNKNOWN, KEY_OVER."""
    kid, algorithm = header.get("kid"), header.get("alg")
    named = [key for key in keys if kid is None or key.kid == kid]
    if len(named) != 1:
        raise NotHanded(PortalReason.KEY_UNKNOWN, "The token's `kid` names no open key of the portal.")
    key = named[0]
    if algorithm != key.algorithm:
        shown = algorithm[:20] if isinstance(algorithm, str) else "none"
        raise NotHanded(PortalReason.ALGORITHM, f"Signed with “{shown}”; its key is for {key.algorithm}.")
    if "crit" in header:
        raise NotHanded(PortalReason.CRITICAL, "The header says `crit`, and nothing of it is understood.")
    if key.not_after is not None and now > key.not_after:
        raise NotHanded(PortalReason.KEY_OVER, f"The key's certificate ran out on {key.not_after:%Y-%m-%d}.")
    return key


def handed_over(claims: Mapping[str, Any], *, issuer: str, audience: str, now: datetime) -> HandedOver:
    """Whom verified claims hand over. NotHanded: the first rule that fails."""
    if claims.get("iss") != issuer:
        raise NotHanded(PortalReason.ISSUER, f"`iss` is not “{issuer}” to the letter.")
    if claims.get("aud") not in (audience, [audience]):
        raise NotHanded(PortalReason.AUDIENCE, f"`aud` is not “{audience}”, and that alone.")
    _check_times(claims, now)
    return HandedOver(
        token_id=_word(claims, "jti", PortalReason.TOKEN_ID, NAME_LENGTH),
        nonce=_word(claims, "nonce", PortalReason.NONCE, NAME_LENGTH),
        partner=_word(claims, "partner", PortalReason.PARTNER, NAME_LENGTH),
        subject=_word(claims, "sub", PortalReason.SUBJECT, SUBJECT_LENGTH),
        email=_said(claims, "email"),
        return_to=own_page(_said(claims, "return_to")),
    )


def _check_times(claims: Mapping[str, Any], now: datetime) -> None:
    issued, expires = _instant(claims, "iat"), _instant(claims, "exp")
    begins = _instant(claims, "nbf") if "nbf" in claims else issued
    if issued is None or expires is None or begins is None:
        raise NotHanded(PortalReason.TIME, "`iat` or `exp` is missing, or one of the times is none.")
    if expires - issued > TOKEN_LIFE:
        raise NotHanded(PortalReason.TOO_LONG, f"From `iat` to `exp` are more than {TOKEN_LIFE.seconds} seconds.")
    if max(issued, begins) > now + LEEWAY:
        raise NotHanded(PortalReason.EARLY, "Not valid yet: compare the portal's clock with ours.")
    if expires <= now - LEEWAY:
        raise NotHanded(PortalReason.LATE, "It has expired: compare the portal's clock with ours.")


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        return datetime.fromtimestamp(value, tz=UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _word(claims: Mapping[str, Any], name: str, reason: PortalReason, limit: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= limit or not value.isprintable() or value != value.strip():
        raise NotHanded(reason, f"`{name}` is missing, or no text of at most {limit} signs.")
    return value


def _said(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""
