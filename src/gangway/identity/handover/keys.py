"""Public keys as people paste them: a PEM public key or certificate, a JWK, a JWKS. A private key is sent back."""

import json
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from joserfc import jwk
from joserfc.errors import JoseError

from gangway.identity.oidc.tokens import RSA_BITS
from gangway.identity.rules.handover import NAME_LENGTH, PublicKey
from gangway.kernel.refusal import Invalid, Refusal

PASTED = 64 * 1024  # signs
CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
PRIVATE = ("d", "p", "q", "dp", "dq", "qi", "oth", "k")
Key = jwk.RSAKey | jwk.ECKey | jwk.OKPKey
PUBLIC = ("kty", "n", "e", "crv", "x", "y")


class PrivateKey(Refusal):
    """Whoever reads our database could sign in as anybody."""

    code = "identity.private_key"
    message = "This is a private or shared key. Gangway must never have it."
    next_step = "Nothing was kept. Paste the public key; this one has been shown: have another one made."


def read_keys(text: str) -> tuple[PublicKey, ...]:
    """The keys in a text. A key without a name of its own is named by its thumbprint (RFC 7638); one that says no
    algorithm signs with RS256, or with that of its curve. PrivateKey. Invalid: nothing in it is a key we can use."""
    text = text.strip()
    if "PRIVATE KEY" in text:
        raise PrivateKey(field="key")
    try:
        if len(text) > PASTED:
            raise ValueError
        return _pem(text) if text.startswith("-----BEGIN") else _json(text)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm) as error:
        raise _unusable() from error


def _unusable() -> Invalid:
    return Invalid(
        field="key",
        problem="This is no public key that can be used.",
        mend="Paste a PEM public key or certificate, a JWK or a JWKS: RSA of at least 2048 bits, EC, or Ed25519.",
    )


def _pem(text: str) -> tuple[PublicKey, ...]:
    if "BEGIN CERTIFICATE" not in text:
        return (_key({}, text),)
    found = x509.load_pem_x509_certificate(text.encode())
    pem = found.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return (_key({}, pem.decode(), found.not_valid_after_utc),)


def _json(text: str) -> tuple[PublicKey, ...]:
    said = json.loads(text)
    listed = said.get("keys", [said])
    if any(name in one for one in listed for name in PRIVATE):
        raise PrivateKey(field="key")
    usable = [one for one in listed if one.get("use", "sig") == "sig"]
    if not usable:
        raise ValueError
    return tuple(_key(one, {name: one[name] for name in PUBLIC if name in one}) for one in usable)


def _key(said: dict[str, Any], public: str | dict[str, Any], not_after: datetime | None = None) -> PublicKey:
    found = _imported(public)
    allowed = _algorithms(found)
    algorithm, kid = said.get("alg") or allowed[0], said.get("kid") or found.thumbprint()
    if algorithm not in allowed or not isinstance(kid, str) or not 0 < len(kid) <= NAME_LENGTH or not kid.isprintable():
        raise ValueError
    return PublicKey(kid, algorithm, dict(found.as_dict(private=False)), not_after)


def _imported(public: str | dict[str, Any]) -> Key:
    found = jwk.import_key(public) if isinstance(public, dict) else _of_pem(public)
    if isinstance(found, jwk.OctKey) or (isinstance(found, jwk.RSAKey) and found.raw_value.key_size < RSA_BITS):
        raise ValueError
    return found


def _of_pem(pem: str) -> Key:
    match load_pem_public_key(pem.encode()):
        case rsa.RSAPublicKey():
            return jwk.import_key(pem, "RSA")
        case ec.EllipticCurvePublicKey():
            return jwk.import_key(pem, "EC")
        case _:
            return jwk.import_key(pem, "OKP")


def _algorithms(found: Key) -> tuple[str, ...]:
    """What a key may sign with, the usual first."""
    if isinstance(found, jwk.RSAKey):
        return tuple(f"{family}{size}" for family in ("RS", "PS") for size in (256, 384, 512))
    curve = str(found.as_dict(private=False)["crv"])
    return ("EdDSA", "Ed25519") if curve == "Ed25519" else (CURVES[curve],)
