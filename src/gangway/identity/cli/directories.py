"""`gangway connection log`, `holds`, `decide`: what a directory sent, and what waits for a human."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from gangway.identity import queries
from gangway.identity.actions import scim as actions
from gangway.identity.cli.connections import JSON, KEY, PARTNER
from gangway.identity.queries import scim as rows
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.scim import HoldState
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking, table
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner


class Decision(StrEnum):
    """passed: let such changes through for a day; mended: the directory was put right, go on counting."""

    PASSED = "passed"
    MENDED = "mended"


def log(
    partner: PARTNER,
    key: KEY = "",
    limit: Annotated[int, typer.Option(help="How many lines, youngest first.", min=1, max=10_000)] = 50,
    as_json: JSON = False,
) -> None:
    """Show what a partner's directory sent, what it did, and why not.

    Example: gangway connection log --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.SCIM)
        lines = [
            {
                "at": line.at,
                "request": f"{line.method} {line.path}",
                "status": line.status,
                "whom": line.whom,
                "did": "adopted" if line.adopted else line.did,
                "why": line.why,
            }
            for line in rows.exchanges(row.id, limit=limit)
        ]
    emit(lines, as_json, lambda: table(lines))


def holds(partner: PARTNER, key: KEY = "", as_json: JSON = False) -> None:
    """List the breakers of a directory that opened: too many people taken away in an hour, or too many brought.

    Example: gangway connection holds --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.SCIM)
        lines = [
            {
                "id": str(hold.id),
                "kind": hold.kind.value,
                "state": hold.state.value,
                "seen": hold.seen,
                "allowed": hold.allowed,
                "opened_at": hold.opened_at,
            }
            for hold in rows.holds(row.id)
        ]
    emit(lines, as_json, lambda: table(lines))


def decide(
    hold_id: Annotated[UUID, typer.Argument(help="Its id, from `gangway connection holds`.")],
    decision: Annotated[Decision, typer.Argument(help="passed or mended.")],
    partner: PARTNER,
) -> None:
    """Decide about what waits: let it through for a day, or close the breaker because the directory was put right.

    Example: gangway connection decide 019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a03 passed --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        actions.decide_hold(hold_id=hold_id, state=HoldState(decision.value), actor=Actor.operator(), now=clock.now())
        console.print("Decided.", markup=False)
