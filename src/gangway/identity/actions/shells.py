"""A shell partner is connected for one rehearsal, by the actions by which every partner is, and disconnected after it.

Its provider is told, not fetched: what it says of itself comes from its own process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gangway.identity.actions.connecting import Conduct, set_conduct
from gangway.identity.actions.connections import add_connection, issue_token, revoke_token, set_connection_state
from gangway.identity.actions.oidc import set_oidc, store_discovery
from gangway.identity.actions.saml import set_saml_metadata
from gangway.identity.queries.connections import connection, connections, tokens
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback, JoinAttribute
from gangway.identity.rules.saml import ProviderMetadata, SigningCertificate
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.tenancy import scopes
from gangway.partners import actions as partners
from gangway.partners.queries import partner_by_id

TOKEN_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShellProvider:
    """What the shell's process says of its provider. document, keys: of OpenID Connect; entity_id, sso_url, certificate
    (PEM): of SAML."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    document: Mapping[str, Any]
    keys: Mapping[str, Any]
    entity_id: str
    sso_url: str
    certificate: str


@dataclass(frozen=True, slots=True)
class ShellConnected:
    """`token` speaks for its directory; oidc, saml: the paths at which a sign-in begins."""

    token: str = field(repr=False)
    oidc: str
    saml: str


@action("identity.shell.connect")
def connect_shell(*, run: str, domain: str, provider: ShellProvider, actor: Actor, now: datetime) -> ShellConnected:
    """Connect the scope's shell partner for the rehearsal `run`: a directory with a token, OpenID Connect as the way
    in, with a code by mail where that fails, and SAML for those who come in by it. NotAShell: a real partner."""
    own = partner_by_id(scopes.writer())
    if own.kind != "shell":
        raise partners.NotAShell(name=own.name)
    partners.keep_domain(name=domain, actor=actor, now=now)
    directory = f"scim-{run}"
    scim = _add(ConnectionKind.SCIM, directory, actor, now)
    oidc = _add(ConnectionKind.OIDC, f"oidc-{run}", actor, now)
    saml = _add(ConnectionKind.SAML, f"saml-{run}", actor, now)
    joined = Conduct(joined=directory, join_attribute=JoinAttribute.EXTERNAL_ID, fallback=Fallback.ON_FAILURE)
    set_conduct(connection_id=saml, conduct=joined, actor=actor, now=now)
    routed = Conduct(
        domains=[domain], joined=directory, join_attribute=JoinAttribute.EXTERNAL_ID, fallback=Fallback.ON_FAILURE
    )
    set_conduct(connection_id=oidc, conduct=routed, actor=actor, now=now)
    _tell(oidc, saml, provider, actor, now)
    token = issue_token(connection_id=scim, life=TOKEN_LIFE, actor=actor, now=now).token
    return ShellConnected(token, _begins(oidc), _begins(saml))


def _add(kind: ConnectionKind, key: str, actor: Actor, now: datetime) -> UUID:
    return add_connection(kind=kind, key=key, name=f"Rehearsal, {kind.value}", active=True, actor=actor, now=now)


def _tell(oidc: UUID, saml: UUID, provider: ShellProvider, actor: Actor, now: datetime) -> None:
    set_oidc(
        connection_id=oidc,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=provider.client_secret,
        actor=actor,
        now=now,
    )
    store_discovery(
        connection_id=oidc,
        issuer=provider.issuer,
        document=dict(provider.document),
        keys=dict(provider.keys),
        actor=actor,
        now=now,
    )
    read = x509.load_pem_x509_certificate(provider.certificate.encode())
    fingerprint = read.fingerprint(hashes.SHA256()).hex()
    signing = SigningCertificate(provider.certificate, fingerprint, read.not_valid_after_utc)
    metadata = ProviderMetadata(provider.entity_id, provider.sso_url, (signing,))
    set_saml_metadata(connection_id=saml, metadata=metadata, actor=actor, now=now)


def _begins(connection_id: UUID) -> str:
    return f"/sso/{connection(connection_id).route}"


@action("identity.shell.disconnect")
def disconnect_shell(*, actor: Actor, now: datetime) -> int:
    """Turn every connection of the scope's shell partner off and revoke its tokens; how many were open. NotAShell."""
    own = partner_by_id(scopes.writer())
    if own.kind != "shell":
        raise partners.NotAShell(name=own.name)
    closed = 0
    for row in connections():
        if row.state is ConnectionState.OFF:
            continue
        closed += 1
        for token in tokens(row.id):
            revoke_token(token_id=token.id, actor=actor, now=now)
        set_connection_state(connection_id=row.id, state=ConnectionState.OFF, actor=actor, now=now)
    return closed
