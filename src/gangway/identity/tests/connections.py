"""A connected partner for tests: its sign-in is open, and its mail domain is proven where that is said."""

from typing import Any
from uuid import UUID

from gangway.identity import actions, queries
from gangway.identity.actions import Conduct, Entered
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.tests.conftest import ME
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import keep_domain

DOMAIN = "nordwind.example"


def connect(
    partner_id: UUID, kind: ConnectionKind = ConnectionKind.OIDC, key: str = "", **conduct: Any
) -> ConnectionRow:
    """An active connection of a partner."""
    with scopes.one(partner_id):
        made = actions.add_connection(
            kind=kind, key=key or kind.value, name="Their sign-in", active=True, actor=ME, now=clock.now()
        )
        actions.set_conduct(connection_id=made, conduct=Conduct(**conduct), actor=ME, now=clock.now())
        return queries.connection(made)


def prove(partner_id: UUID, domain: str = DOMAIN) -> None:
    with scopes.one(partner_id):
        keep_domain(name=domain, actor=ME, now=clock.now())


def enter(connection: ConnectionRow, subject: str, **options: Any) -> Entered:
    """What the provider signed, verified: `claims` beside the subject, one value each."""
    claims = {name: (value,) for name, value in options.pop("claims", {}).items()}
    return actions.enter_by_provider(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        asserted=Asserted(subject, claims),
        browser="the-browser",
        actor=ME,
        now=clock.now(),
        **options,
    )


def tell(connection: ConnectionRow) -> None:
    """Say who the provider of an OpenID connection is."""
    with scopes.one(connection.partner_id):
        actions.set_oidc(
            connection_id=connection.id,
            issuer="https://id.nordwind.example",
            client_id="gangway",
            client_secret="between us",
            actor=ME,
            now=clock.now(),
        )
