"""The vendor's portal: how it is set up, which of its keys are open, who is on the way to it, what came to nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from gangway.identity.models import FailedSignIn, HandOver, PortalKey, VendorPortal
from gangway.identity.queries.doors import browser_digest
from gangway.identity.rules import Step, shown_number
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.expiry import STEPS
from gangway.identity.rules.handover import PublicKey
from gangway.kernel import secrets
from gangway.kernel.refusal import NotFound

FAILURES_SHOWN = 20
PORTAL_STEPS = (Step.PORTAL_FOREIGN, Step.PORTAL_UNKNOWN, Step.PORTAL_COVERED)


@dataclass(frozen=True, slots=True)
class PortalRow:
    """The portal as it is set up. `audience`: what its tokens must say they are for."""

    id: UUID
    partner_id: UUID
    name: str
    issuer: str
    start_url: str
    state: ConnectionState
    made_at: datetime

    @property
    def audience(self) -> str:
        return f"{settings.BASE_URL}/handover"


@dataclass(frozen=True, slots=True)
class PortalKeyRow:
    """An open key. `used_at`: when a token was last signed with it."""

    id: UUID
    key: PublicKey
    added_at: datetime
    used_at: datetime | None

    def soon(self, now: datetime) -> bool:
        """Whether it is time to say that it runs out, or too late."""
        return self.key.not_after is not None and self.key.not_after - now <= timedelta(days=STEPS[0])


@dataclass(frozen=True, slots=True)
class PortalFailure:
    """A hand-over that came to nothing, by its number; never of whom."""

    number: str
    at: datetime
    step: Step
    reason: str
    detail: str


def vendor_portal() -> PortalRow | None:
    """Routing: the vendor's portal, whatever its state; None where there is none."""
    row = VendorPortal.objects.first()
    if row is None:
        return None
    state = ConnectionState(row.state)
    return PortalRow(row.id, row.partner_id, row.name, row.issuer, row.start_url, state, row.made_at)


def open_portal() -> PortalRow:
    """Routing: the same where it is open; NotFound in every other case."""
    found = vendor_portal()
    if found is None or found.state is not ConnectionState.ACTIVE:
        raise NotFound
    return found


def portal_keys(portal_id: UUID) -> tuple[PortalKeyRow, ...]:
    """The keys that are open, oldest first."""
    rows = PortalKey.objects.filter(portal=portal_id, closed_at=None).order_by("added_at", "id")
    return tuple(
        PortalKeyRow(row.id, PublicKey(row.kid, row.algorithm, row.jwk, row.not_after), row.added_at, row.used_at)
        for row in rows
    )


def is_portal(key: UUID | None) -> bool:
    """Whether who named somebody is the vendor's portal, and no connection of a partner."""
    return key is not None and VendorPortal.objects.filter(pk=key).exists()


def portal_failures() -> tuple[PortalFailure, ...]:
    """The last hand-overs that came to nothing, youngest first."""
    rows = FailedSignIn.objects.filter(step__in=PORTAL_STEPS).order_by("-at", "-id")[:FAILURES_SHOWN]
    return tuple(
        PortalFailure(shown_number(row.number), row.at, Step(row.step), row.reason, row.detail) for row in rows
    )


def nonce_digest(nonce: str) -> bytes:
    return secrets.digest(f"handover:{nonce}")


def handle_digest(handle: str) -> bytes:
    return secrets.digest(f"handover answer:{handle}")


def token_digest(token_id: str) -> bytes:
    return secrets.digest(f"handover token:{token_id}")


def was_sent(nonce: str) -> bool:
    """Whether a browser was sent to the portal with this, however long ago."""
    return HandOver.objects.filter(nonce=nonce_digest(nonce)).exists()


def started_lately(browser: str, now: datetime) -> int:
    """How often this browser was sent within a minute and has not come back."""
    rows = HandOver.objects.filter(browser=browser_digest(browser), asked_at__gt=now - timedelta(minutes=1))
    return rows.count()
