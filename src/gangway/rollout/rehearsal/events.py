"""Facts of the rehearsal."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class AwardPageChecked:
    """The robot looked at its own award as a stranger would."""

    name: ClassVar[str] = "rehearsal.award_page.checked.v1"
    example: ClassVar[dict[str, Any]] = {
        "check_id": "0195a1c0-0000-7000-8000-0000000000f1",
        "award_id": "0195a1c0-0000-7000-8000-0000000000f2",
        "passed": True,
    }

    check_id: UUID
    award_id: UUID
    passed: bool


@dataclass(frozen=True, kw_only=True)
class RehearsalEnded:
    """A rehearsal came to its end or broke off. `failed`: the name of the step that failed first; "" where none did."""

    name: ClassVar[str] = "rehearsal.run.ended.v1"
    example: ClassVar[dict[str, Any]] = {
        "run_id": "0195a1c0-0000-7000-8000-0000000000f3",
        "passed": False,
        "failed": "sign_in_saml",
    }

    run_id: UUID
    passed: bool
    failed: str
