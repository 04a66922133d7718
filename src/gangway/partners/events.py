"""The facts that partners publish: ids, keys and times, no personal data."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class PartnerApplied:
    """A partner was created, or facts about it changed. `fields` names what changed, never the values."""

    name: ClassVar[str] = "partners.partner.applied.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "kind": "partner",
        "created": True,
        "fields": ["name", "type", "tier"],
    }

    partner_id: UUID
    kind: str
    created: bool
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TierChanged:
    """A partner moved to another tier; None is "no tier"."""

    name: ClassVar[str] = "partners.tier.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "was": "silver",
        "tier": "gold",
    }

    partner_id: UUID
    was: str | None
    tier: str | None


@dataclass(frozen=True, kw_only=True)
class PartnerLaunched:
    """The people of a partner were let in. Again only where an earlier moment became known."""

    name: ClassVar[str] = "partners.partner.launched.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "launched_at": "2026-03-02T09:10:00+00:00",
    }

    partner_id: UUID
    launched_at: datetime


@dataclass(frozen=True, kw_only=True)
class PartnerStateChanged:
    """A partner was suspended, closed or made active again."""

    name: ClassVar[str] = "partners.state.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "was": "active",
        "state": "suspended",
    }

    partner_id: UUID
    was: str
    state: str


@dataclass(frozen=True, kw_only=True)
class PartnerRemoved:
    """A partner that a file had made, and nothing referred to, was taken back: its id is no partner any more."""

    name: ClassVar[str] = "partners.partner.removed.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "kind": "partner",
    }

    partner_id: UUID
    kind: str


@dataclass(frozen=True, kw_only=True)
class DomainChanged:
    """A partner proved a mail domain, or gave one up."""

    name: ClassVar[str] = "partners.domain.changed.v1"
    example: ClassVar[dict[str, Any]] = {
        "partner_id": "0195a1c0-0000-7000-8000-000000000001",
        "proven": True,
    }

    partner_id: UUID
    proven: bool
