"""What is asked of an authenticator and whether its answer holds: WebAuthn by py_webauthn. Pure.

The random bytes, the relying party and the stored key are given; whether a question was asked here, and only once, is
the actions' to know.
"""

import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from OpenSSL.crypto import Error as OpenSSLError
from webauthn.helpers import base64url_to_bytes, options_to_json_dict
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from gangway.identity.rules.factors import CEREMONY_LIFE, Party

LONGEST = 16_384  # characters of an answer; a real one has about one thousand
MILLISECONDS = int(CEREMONY_LIFE.total_seconds() * 1000)
TRANSPORTS = frozenset(transport.value for transport in AuthenticatorTransport)
# What parsers of JSON, CBOR, keys and certificates raise on foreign bytes.
BROKEN = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    OpenSSLError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    struct.error,
)


class Unproven(Exception):
    """The answer of an authenticator does not hold."""


@dataclass(frozen=True, slots=True)
class Known:
    """A passkey that may answer."""

    credential_id: bytes
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What an authenticator made. `verified`: it knew its user by a finger, a face or a PIN."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...]
    verified: bool


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that holds. `sign_count` is still to be compared with what was stored."""

    sign_count: int
    verified: bool


@dataclass(frozen=True, slots=True)
class Claim:
    """What an answer says of itself, not yet believed: which passkey, and whose (a handle; empty where unsaid)."""

    credential_id: bytes
    handle: bytes


# ---------------------------------------------------------------- questions


def to_add(party: Party, nonce: bytes, *, handle: bytes, address: str, name: str, known: Sequence[Known]) -> Any:
    """Options for navigator.credentials.create, as JSON; authenticators that hold one of `known` say no."""
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=handle,
        user_name=address,
        user_display_name=name,
        challenge=nonce,
        timeout=MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return options_to_json_dict(options)


def to_prove(party: Party, nonce: bytes, *, known: Sequence[Known], verified: bool) -> Any:
    """Options for navigator.credentials.get. Without `known` the browser offers what it has, and we name nobody."""
    want = UserVerificationRequirement.REQUIRED if verified else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=nonce,
        timeout=MILLISECONDS,
        allow_credentials=_descriptors(known),
        user_verification=want,
    )
    return options_to_json_dict(options)


def _descriptors(known: Sequence[Known]) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=one.credential_id, transports=[AuthenticatorTransport(name) for name in one.transports]
        )
        for one in known
    ]


# ---------------------------------------------------------------- answers


def claim_of(answer: str) -> Claim:
    """Which passkey an answer claims to be of. Raises Unproven for what is no answer."""
    try:
        read = _read(answer)
        handle = read["response"].get("userHandle") or ""
        return Claim(base64url_to_bytes(read["id"]), base64url_to_bytes(handle))
    except BROKEN as error:
        raise Unproven from error


def added(party: Party, nonce: bytes, answer: str) -> NewPasskey:
    """The passkey that an authenticator made for this question, this party and this origin. Raises Unproven."""
    try:
        read = _read(answer)
        made = webauthn.verify_registration_response(
            credential=read, expected_challenge=nonce, expected_rp_id=party.id, expected_origin=party.origin
        )
        said = read["response"].get("transports")
        transports = tuple(sorted(TRANSPORTS.intersection(said))) if isinstance(said, list) else ()
    except BROKEN as error:
        raise Unproven from error
    return NewPasskey(
        made.credential_id, made.credential_public_key, made.sign_count, transports, verified=made.user_verified
    )


def proven(party: Party, nonce: bytes, answer: str, *, public_key: bytes, verified: bool) -> Answered:
    """An answer to this question, for this party and origin, signed by the stored key. Raises Unproven.

    verified: the authenticator must say that it knew its user. The library's own look at the counter is passed by
    (it looks before it checks the signature): factors.count_went_back says what a count means.
    """
    try:
        done = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=nonce,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=verified,
        )
    except BROKEN as error:
        raise Unproven from error
    return Answered(done.new_sign_count, verified=done.user_verified)


def _read(answer: str) -> dict[str, Any]:
    if len(answer) > LONGEST:
        raise ValueError("longer than any answer")
    read = json.loads(answer)
    if not isinstance(read, dict) or not isinstance(read.get("response"), dict):
        raise ValueError("no answer of an authenticator")
    return read
