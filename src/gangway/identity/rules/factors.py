"""A second proof beside the mailbox: who must hold one, how often they may try, which codes count. Pure.

Somebody who holds a factor proves the mailbox first and the factor then, in the same browser, within ten minutes and
five tries; only then does a session begin. A passkey that verified its user may stand for both.
"""

import base64
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hmac import compare_digest
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

import pyotp

from gangway.kernel.access import PARTNER_ADMIN, PARTNER_IT

FACTOR_LIFE = timedelta(minutes=10)  # from the mailbox proven to the factor proven
FACTOR_TRIES = 5
FACTOR_TRIES_PER_DAY = 20  # per person, over all their sign-ins: 20 × 3 codes of a million
CEREMONY_LIFE = timedelta(minutes=5)  # of one question to an authenticator
FRESH = timedelta(hours=1)  # so young a sign-in must be to change how one signs in
PASSKEYS = 10  # at most, per person
RECOVERY_CODES = 10
STEP = 30  # seconds an app's code stands for (RFC 6238)
DRIFT = 1  # steps a clock may be ahead or behind


class Factor(StrEnum):
    """What somebody proved with, beside the mailbox."""

    PASSKEY = "passkey"
    APP = "app"
    RECOVERY = "recovery"


class Purpose(StrEnum):
    """Why an authenticator is asked: to be added, as a second factor, or as the whole sign-in."""

    ADD = "add"
    FACTOR = "factor"
    SIGN_IN = "sign_in"


class Policy(StrEnum):
    """Whether people may hold a factor, or must."""

    OFFERED = "offered"
    REQUIRED = "required"


ADMINS = frozenset({PARTNER_ADMIN, PARTNER_IT})


def must_hold(*, staff: bool, roles: Collection[str], for_staff: Policy, for_admins: Policy) -> bool:
    """Whether somebody may go nowhere without a factor: staff by the operator's setting, admins by their partner's."""
    if staff:
        return for_staff is Policy.REQUIRED
    return for_admins is Policy.REQUIRED and not ADMINS.isdisjoint(roles)


# ---------------------------------------------------------------- the state of an asking


@dataclass(frozen=True, slots=True)
class Asking:
    """What is stored about one asking for a factor: its tries, and the tries of the same person within a day."""

    asked_at: datetime | None
    tries: int
    tries_today: int
    used_at: datetime | None


class Standing(StrEnum):
    OPEN = "open"
    LOCKED = "locked"
    OVER = "over"


def standing_of(asking: Asking, now: datetime) -> Standing:
    """Over: never asked, answered, or too old. Locked: too many wrong answers here or today."""
    if asking.asked_at is None or asking.used_at is not None or now >= asking.asked_at + FACTOR_LIFE:
        return Standing.OVER
    if asking.tries >= FACTOR_TRIES or asking.tries_today >= FACTOR_TRIES_PER_DAY:
        return Standing.LOCKED
    return Standing.OPEN


# ---------------------------------------------------------------- codes of an app


def step_at(now: datetime) -> int:
    """The number of the time step an instant lies in."""
    return int(now.timestamp()) // STEP


def accepted_step(code: str, secret: str, last_step: int | None, now: datetime) -> int | None:
    """The time step whose code this is, or None.

    One step of drift either way is let pass. A step is accepted once: not again, and none before it (RFC 6238, 5.2).
    """
    app, here, typed = pyotp.TOTP(secret, interval=STEP), step_at(now), code.encode()
    near = range(here - DRIFT, here + DRIFT + 1)
    fitting = [step for step in near if compare_digest(app.generate_otp(step).encode(), typed)]
    return next((step for step in fitting if last_step is None or step > last_step), None)


def app_address(secret: str, *, person: str, vendor: str) -> str:
    """The otpauth:// address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=person, issuer_name=vendor.replace(":", " "))


def in_groups(secret: str) -> str:
    """A key as people type it: groups of four."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


# ---------------------------------------------------------------- recovery codes

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford: nothing that looks like something else
_LOOKS_LIKE = str.maketrans({"o": "0", "i": "1", "l": "1"})


def recovery_code(random: bytes) -> str:
    """Ten signs of 50 random bits: k3v9w-0mzqa."""
    number = int.from_bytes(random[:7], "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(45, -1, -5))
    return f"{signs[:5]}-{signs[5:]}"


def typed_recovery_code(text: str) -> str | None:
    """A recovery code as it was made, however it was typed; None for what cannot be one."""
    signs = "".join(c for c in text[:60].lower() if not c.isspace() and c not in "-–‑").translate(_LOOKS_LIKE)
    if len(signs) != 10 or not set(signs) <= set(_ALPHABET):
        return None
    return f"{signs[:5]}-{signs[5:]}"


# ---------------------------------------------------------------- passkeys


@dataclass(frozen=True, slots=True)
class Party:
    """Whom passkeys are made for: the relying party of WebAuthn, made of BASE_URL alone."""

    id: str
    origin: str
    name: str


def party_of(base_url: str, name: str) -> Party | None:
    """The relying party of an installation; None where browsers would refuse one.

    They want a name, not an IP address, and https, except for localhost (WebAuthn 3, 5.1.3 and 13.4.9).
    """
    parts = urlsplit(base_url)
    host = (parts.hostname or "").rstrip(".")
    local = host == "localhost" or host.endswith(".localhost")
    if not host or _is_address(host) or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        return None
    standard = {"https": 443, "http": 80}[parts.scheme]
    port = f":{parts.port}" if parts.port and parts.port != standard else ""
    return Party(host, f"{parts.scheme}://{host}{port}", name)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def handle_of(partner_id: UUID, person_id: UUID) -> bytes:
    """What a passkey remembers of its owner: two keys without meaning outside, no name and no address."""
    return partner_id.bytes + person_id.bytes


def owner_of(handle: bytes) -> tuple[UUID, UUID] | None:
    """(partner, person) of a handle; None for what is none."""
    return (UUID(bytes=handle[:16]), UUID(bytes=handle[16:])) if len(handle) == 32 else None


def count_went_back(stored: int, shown: int) -> bool:
    """Whether a passkey counts fewer uses than we saw: it may be a copy (WebAuthn 3, 7.2 step 22). Zero: no counter."""
    return (stored > 0 or shown > 0) and shown <= stored


def random_secret(random: bytes) -> str:
    """The key of an app, in base32 as apps want it: 160 bits (RFC 4226, 4 R6)."""
    return base64.b32encode(random[:20]).decode()
