"""What a connection's log says, and which of its changes wait for a human."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gangway.identity.models import ApiToken, ScimExchange, ScimHold
from gangway.identity.rules.scim import HoldKind, HoldState


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """What came, what it did, or why it did nothing. `path` holds ids, never names or addresses."""

    at: datetime
    method: str
    path: str
    status: int
    did: str
    why: str


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A breaker that opened: `seen` is what was asked for in all, `allowed` what passes by itself."""

    id: UUID
    connection_id: UUID
    kind: HoldKind
    state: HoldState
    seen: int
    allowed: int
    opened_at: datetime
    decided_at: datetime | None
    until: datetime | None


def exchanges(connection_id: UUID, *, limit: int = 100, before: datetime | None = None) -> tuple[ExchangeRow, ...]:
    """The log of a connection of the open scope, youngest first."""
    rows = ScimExchange.objects.filter(connection=connection_id)
    if before is not None:
        rows = rows.filter(at__lt=before)
    return tuple(
        ExchangeRow(row.at, row.method, row.path, row.status, row.did, row.why)
        for row in rows.order_by("-at", "-id")[:limit]
    )


def holds(connection_id: UUID, *, open_only: bool = False) -> tuple[HoldRow, ...]:
    """The breakers of a connection that opened, youngest first."""
    rows = ScimHold.objects.filter(connection=connection_id)
    if open_only:
        rows = rows.filter(state=HoldState.OPEN)
    return tuple(
        HoldRow(
            row.id,
            row.connection_id,
            HoldKind(row.kind),
            HoldState(row.state),
            row.seen,
            row.allowed,
            row.opened_at,
            row.decided_at,
            row.until,
        )
        for row in rows.order_by("-opened_at", "-id")
    )


def connections_heard() -> list[tuple[UUID, UUID]]:
    """Routing: (partner, connection) of every connection that ever had a token, for what is forgotten nightly."""
    return list(ApiToken.objects.order_by("connection_id").values_list("partner_id", "connection_id").distinct())
