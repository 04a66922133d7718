"""An authenticator made of software: it makes keys and signs as a phone does, or as somebody who cheats would."""

import base64
import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://learn.acme.example"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text_: str) -> bytes:
    return base64.urlsafe_b64decode(text_ + "=" * (-len(text_) % 4))


@dataclass
class Authenticator:
    """One device with one passkey. `count`: of its uses; None for devices that do not count."""

    credential_id: bytes = b"credential-of-a-phone-1"
    verifies: bool = True
    count: int | None = 0
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def make(self, options: dict[str, Any], *, origin: str = ORIGIN, rp: str = "", kind: str = "create") -> str:
        """What navigator.credentials.create answers."""
        self.handle = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})
        attested = bytes(range(16)) + struct.pack(">H", len(self.credential_id)) + self.credential_id + public
        data = self._data(rp or options["rp"]["id"], ATTESTED) + attested
        said = _client(f"webauthn.{kind}", options["challenge"], origin)
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": text(said), "attestationObject": text(made), "transports": ["internal"]})

    def sign(
        self,
        options: dict[str, Any],
        *,
        origin: str = ORIGIN,
        rp: str = "",
        challenge: str = "",
        handle: bytes | None = None,
        kind: str = "get",
        present: bool = True,
    ) -> str:
        """What navigator.credentials.get answers."""
        if self.count is not None:
            self.count += 1
        data = self._data(rp or options["rpId"], 0, present=present)
        said = _client(f"webauthn.{kind}", challenge or options["challenge"], origin)
        signature = self.key.sign(data + hashlib.sha256(said).digest(), ec.ECDSA(hashes.SHA256()))
        mine = self.handle if handle is None else handle
        return self._answer(
            {
                "clientDataJSON": text(said),
                "authenticatorData": text(data),
                "signature": text(signature),
                "userHandle": text(mine),
            }
        )

    def _data(self, rp: str, flags: int, *, present: bool = True) -> bytes:
        flags |= (PRESENT if present else 0) | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, self.count or 0)

    def _answer(self, response: dict[str, Any]) -> str:
        name = text(self.credential_id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _client(kind: str, challenge: str, origin: str) -> bytes:
    return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()
