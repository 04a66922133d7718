"""The facts that people publish: ids, codes and times, no personal data."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

_PERSON = "0195a1c0-0000-7000-8000-0000000000a1"


@dataclass(frozen=True, kw_only=True)
class PersonAdmitted:
    """A person may come in from now on. `letter`: whether they are to be written to; `source`: csv, desk, scim:…"""

    name: ClassVar[str] = "people.person.admitted.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "letter": True, "source": "csv"}

    person_id: UUID
    letter: bool
    source: str


@dataclass(frozen=True, kw_only=True)
class PersonActivated:
    """A person signed in for the first time."""

    name: ClassVar[str] = "people.person.activated.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "synthetic": False}

    person_id: UUID
    synthetic: bool


@dataclass(frozen=True, kw_only=True)
class PersonChanged:
    """Facts about a person changed. `fields` names them, never the values; `groups`: they are in others now."""

    name: ClassVar[str] = "people.person.changed.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "fields": ["locale", "zone"]}

    person_id: UUID
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PersonSuspended:
    """A person may not come in until resumed; everything they held open is void at once by the access epoch."""

    name: ClassVar[str] = "people.person.suspended.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON}

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonResumed:
    """A suspended person may come in again."""

    name: ClassVar[str] = "people.person.resumed.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON}

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonLeft:
    """A person no longer works at this partner."""

    name: ClassVar[str] = "people.person.left.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "source": "csv"}

    person_id: UUID
    source: str


@dataclass(frozen=True, kw_only=True)
class PersonWithdrawn:
    """The import that made a person was undone before anything happened to them: they never were here."""

    name: ClassVar[str] = "people.person.withdrawn.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON}

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonMerged:
    """Two accounts of one human became one: `person_id` is a way to `into` from now on, who holds what was theirs."""

    name: ClassVar[str] = "people.person.merged.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "into": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a04"}

    person_id: UUID
    into: UUID


@dataclass(frozen=True, kw_only=True)
class PersonUnmerged:
    """A merge was undone: `person_id` is somebody of their own again, apart from `from_id`."""

    name: ClassVar[str] = "people.person.unmerged.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "from_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a04"}

    person_id: UUID
    from_id: UUID


@dataclass(frozen=True, kw_only=True)
class PersonErased:
    """A person was erased: nothing that names them is held any more; their id stays as a tombstone."""

    name: ClassVar[str] = "people.person.erased.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON}

    person_id: UUID


@dataclass(frozen=True, kw_only=True)
class RoleGranted:
    """A person holds a role from now on. `reach`: one, tree, portfolio or host."""

    name: ClassVar[str] = "people.role.granted.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "role": "partner_admin", "reach": "one"}

    person_id: UUID
    role: str
    reach: str


@dataclass(frozen=True, kw_only=True)
class RoleRevoked:
    """A person no longer holds a role."""

    name: ClassVar[str] = "people.role.revoked.v1"
    example: ClassVar[dict[str, Any]] = {"person_id": _PERSON, "role": "partner_admin", "reach": "one"}

    person_id: UUID
    role: str
    reach: str
