"""Facts of credentials. Names and examples are a contract: add optional fields, never change what stands.

The award's number is left out on purpose: whoever reads the log must not thereby be able to open people's certificates.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

_AWARD = "019a0000-0000-7000-8000-0000000000aa"
_PERSON = "019a0000-0000-7000-8000-0000000000a1"
_CREDENTIAL = "019a0000-0000-7000-8000-0000000000cc"


@dataclass(frozen=True, kw_only=True)
class AwardIssued:
    """A person holds a credential from now on. `cycle` 1 is the first certification, higher ones are renewals."""

    name: ClassVar[str] = "credentials.award.issued.v1"
    example: ClassVar[dict[str, Any]] = {
        "award_id": _AWARD,
        "person_id": _PERSON,
        "credential_id": _CREDENTIAL,
        "credential_key": "partner-essentials",
        "course_key": "partner-essentials",
        "cycle": 1,
        "issued_at": "2026-03-02T09:00:00+00:00",
        "expires_at": "2028-03-02T09:00:00+00:00",
    }

    award_id: UUID
    person_id: UUID
    credential_id: UUID
    credential_key: str
    course_key: str
    cycle: int
    issued_at: datetime
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class AwardRevoked:
    """An award no longer counts. `reason`: issued_in_error | requirement_withdrawn | misconduct | holder_asked."""

    name: ClassVar[str] = "credentials.award.revoked.v1"
    example: ClassVar[dict[str, Any]] = {
        "award_id": _AWARD,
        "person_id": _PERSON,
        "credential_id": _CREDENTIAL,
        "credential_key": "partner-essentials",
        "cycle": 1,
        "reason": "issued_in_error",
    }

    award_id: UUID
    person_id: UUID
    credential_id: UUID
    credential_key: str
    cycle: int
    reason: str
