"""Which connections of all partners in scope do not work as they should, for those who look after many."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max

from gangway.identity.models import Connection, FailedSignIn, ScimHold
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.scim import HoldState

LATELY = timedelta(days=7)
SHOWN = 20
NEVER: tuple[int, datetime | None] = (0, None)
BROKEN = (Step.PROVIDER_BROKEN, Step.PROVIDER_FOREIGN)


@dataclass(frozen=True, slots=True)
class Troubled:
    """An open connection that failed: `failed` sign-ins within a week for reasons of the connection and not of a
    person, the last of them at `at`; or a directory that waits for a decision since `held_at`."""

    partner_id: UUID
    partner_name: str
    connection_id: UUID
    name: str
    failed: int
    at: datetime | None
    held_at: datetime | None


@dataclass(frozen=True, slots=True)
class Connected:
    """How many connections of partners are open, how many of them do not work, and the latest of those."""

    open: int
    troubled: int
    rows: Sequence[Troubled]


def connected(now: datetime) -> Connected:
    """Everything in scope but what a rehearsal has. Four statements, whatever there is."""
    failed = FailedSignIn.objects.filter(step__in=BROKEN, at__gt=now - LATELY, connection__isnull=False)
    grouped = failed.values_list("connection").annotate(n=Count("id"), last=Max("at")).order_by()
    failures = {connection: (n, last) for connection, n, last in grouped}
    held = dict(ScimHold.objects.filter(state=HoldState.OPEN).values_list("connection_id", "opened_at"))
    known = Connection.objects.filter(state=ConnectionState.ACTIVE).exclude(partner__kind="shell")
    found = [
        Troubled(
            partner_id=row.partner_id,
            partner_name=row.partner.name,
            connection_id=row.id,
            name=row.name,
            failed=failures.get(row.id, NEVER)[0],
            at=failures.get(row.id, NEVER)[1],
            held_at=held.get(row.id),
        )
        for row in known.filter(pk__in={*failures, *held}).select_related("partner")
    ]
    found.sort(key=lambda row: max(filter(None, (row.at, row.held_at))), reverse=True)
    return Connected(known.count(), len(found), tuple(found[:SHOWN]))
