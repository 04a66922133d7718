"""Scenarios of connections by OpenID Connect."""

from gangway.identity import actions as identity
from gangway.identity.rules.connections import ConnectionKind
from tests.crash.scenario import NOW, Stage, scenario
from tests.crash.scenarios.ground import OPERATOR, at_nordwind

ISSUER = "https://id.nordwind.example"


def _connected(stage: Stage) -> None:
    with at_nordwind(stage):
        stage["oidc"] = identity.add_connection(
            kind=ConnectionKind.OIDC, key="oidc", name="Nordwind", active=True, actor=OPERATOR, now=NOW
        )


@scenario("tell a connection its provider", kind="once", prepare=_connected)
def tell(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.set_oidc(
            connection_id=stage["oidc"],
            issuer=ISSUER,
            client_id="gangway",
            client_secret="secret",
            actor=OPERATOR,
            now=NOW,
        )


def _told(stage: Stage) -> None:
    _connected(stage)
    tell(stage)


@scenario("keep what a provider says of itself", kind="once", prepare=_told)
def keep(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.store_discovery(
            connection_id=stage["oidc"],
            issuer=ISSUER,
            document={"issuer": ISSUER},
            keys={"keys": [{"kty": "RSA", "kid": "1"}]},
            actor=OPERATOR,
            now=NOW,
        )


@scenario("ask a provider for its keys", prepare=_told)
def ask(stage: Stage) -> None:
    with at_nordwind(stage):
        identity.ask_keys(connection_id=stage["oidc"], actor=OPERATOR, now=NOW)
