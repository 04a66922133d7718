"""What identity tells the house: that a person came in, that a partner is connected, that it was signed."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class PersonSignedIn:
    """A session began. `method`: code | link | passkey | saml | oidc | portal | operator | setup; `first`: never
    signed in before."""

    name: ClassVar[str] = "identity.person.signed_in.v1"
    example: ClassVar[dict[str, Any]] = {
        "person_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02",
        "method": "code",
        "first": True,
        "synthetic": False,
    }

    person_id: UUID
    method: str
    first: bool
    synthetic: bool


@dataclass(frozen=True, kw_only=True)
class PersonJoined:
    """Somebody who was nobody here joined by themselves. `by`: domain | code | admitted; `code_id`: by which code."""

    name: ClassVar[str] = "identity.person.joined.v1"
    example: ClassVar[dict[str, Any]] = {
        "person_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02",
        "by": "code",
        "code_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a04",
    }

    person_id: UUID
    by: str
    code_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class ConnectionChanged:
    """A connection was made, opened or closed. `kind`: scim | saml | oidc; `state`: draft | active | off."""

    name: ClassVar[str] = "identity.connection.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "connection_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a03",
        "kind": "scim",
        "state": "active",
    }

    connection_id: UUID
    kind: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PortalChanged:
    """The vendor's portal was set up, opened or closed, or signs with another key. `state`: draft | active | off;
    `keys`: how many of its keys are open."""

    name: ClassVar[str] = "identity.portal.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "portal_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a05",
        "state": "active",
        "keys": 1,
    }

    portal_id: UUID
    state: str
    keys: int


@dataclass(frozen=True, kw_only=True)
class SheetSigned:
    """A partner's IT signed its connection sheet. `digest`: the SHA-256 of what was signed."""

    name: ClassVar[str] = "identity.sheet.signed.v1"
    example: ClassVar[dict[str, Any]] = {
        "sheet_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a05",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }

    sheet_id: UUID
    digest: str


@dataclass(frozen=True, kw_only=True)
class SpecSigned:
    """The vendor signed the tech spec of a partner type. `digest`: the SHA-256 of what was signed."""

    name: ClassVar[str] = "identity.spec.signed.v1"
    example: ClassVar[dict[str, Any]] = {
        "spec_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a06",
        "type_key": "reseller",
        "digest": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    }

    spec_id: UUID
    type_key: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class AccessConfirmed:
    """A partner's admin confirmed who has rights over its data. `kept`, `ended`: how many of them stay, and do not."""

    name: ClassVar[str] = "identity.access.confirmed.v1"
    example: ClassVar[dict[str, Any]] = {
        "review_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a06",
        "kept": 4,
        "ended": 1,
    }

    review_id: UUID
    kept: int
    ended: int
