"""Secrets at rest: digests of what we only compare, sealed text of what we must read again.

Sealed text is `v1:<key id>:<ciphertext>` (AES-256-GCM); the key ring in the settings holds the present key first and
older keys after it, so that keys rotate without a migration.
"""

import base64
import hashlib
import hmac
import os
import secrets as _random

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


def token(size: int = 24) -> str:
    """A fresh URL-safe secret of `size` random bytes."""
    return _random.token_urlsafe(size)


def code(digits: int = 6) -> str:
    """A fresh numeric code, leading zeros kept."""
    return f"{_random.randbelow(10**digits):0{digits}d}"


def pick(signs: str, length: int) -> str:
    """A fresh random word of `length` of these signs."""
    return "".join(_random.choice(signs) for _ in range(length))


def digest(text: str) -> bytes:
    """HMAC-SHA256 under the oldest key: safe for short codes too, stable while keys rotate."""
    return hmac.digest(settings.KEY_RING[-1].encode(), text.encode(), "sha256")


def same(left: bytes, right: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(bytes(left), bytes(right))


def seal(text: str) -> str:
    """Encrypt under the present key."""
    key_id, key = _ring()[0]
    nonce = os.urandom(12)
    body = nonce + AESGCM(_derive(key)).encrypt(nonce, text.encode(), key_id.encode())
    return f"v1:{key_id}:{base64.urlsafe_b64encode(body).decode()}"


def unseal(sealed: str) -> str:
    """Decrypt; ValueError for an unknown version or key, InvalidTag for a changed text."""
    version, key_id, body = sealed.split(":", 2)
    keys = dict(_ring())
    if version != "v1" or key_id not in keys:
        raise ValueError(f"No key {key_id!r} for a sealed text of version {version!r}.")
    raw = base64.urlsafe_b64decode(body)
    return AESGCM(_derive(keys[key_id])).decrypt(raw[:12], raw[12:], key_id.encode()).decode()


def _derive(key: bytes) -> bytes:
    return hashlib.sha256(b"gangway seal" + key).digest()


def _ring() -> list[tuple[str, bytes]]:
    """[(key id, key)], the present one first."""
    return [(hashlib.sha256(key.encode()).hexdigest()[:8], key.encode()) for key in settings.KEY_RING]
