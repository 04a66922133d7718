"""A connection is told its OpenID provider, by whatever surface: the provider is asked first, outside any action."""

from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.identity import actions
from gangway.identity.oidc.discovery import Found, discover
from gangway.identity.rules.oidc import Fault
from gangway.kernel.actor import Actor


def tell(connection_id: UUID, *, issuer: str, actor: Actor, now: datetime, **said: Any) -> Found:
    """Ask the provider, then keep who it is and what it says of itself; `said`: the rest of actions.set_oidc.

    UnusableProvider: nothing changed. Invalid and what set_oidc refuses.
    """
    try:
        found = discover(issuer)
    except Fault as fault:
        raise actions.UnusableProvider(field="issuer", issuer=issuer[:200], problem=fault.detail) from fault
    actions.set_oidc(connection_id=connection_id, issuer=issuer, actor=actor, now=now, **said)
    actions.store_discovery(
        connection_id=connection_id, issuer=issuer, document=found.document, keys=found.keys, actor=actor, now=now
    )
    return found
