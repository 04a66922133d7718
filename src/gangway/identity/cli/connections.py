"""`gangway connection add`, `list`, `state`; `gangway token issue`, `list`, `revoke`."""

from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer
from django.conf import settings

from gangway.identity import actions, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import TOKEN_LIFE, ConnectionKind, ConnectionState, TokenRight
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking, table
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner, host_id

PARTNER = Annotated[str, typer.Option(help="Slug of the partner.")]
KEY = Annotated[str, typer.Option("--connection", help="Key of the connection, where there are several.")]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def add(
    kind: Annotated[ConnectionKind, typer.Option(help="scim brings people; saml and oidc sign them in.")],
    partner: Annotated[str, typer.Option(help="Slug of the partner.")] = "",
    host: Annotated[bool, typer.Option("--host", help="A sign-in of the vendor for people of many partners.")] = False,
    claim: Annotated[
        str, typer.Option(help="The claim that says whose people they are, by an account key; --host needs it.")
    ] = "",
    key: Annotated[str, typer.Option(help="Its name in files and commands; the kind, unless said.")] = "",
    name: Annotated[str, typer.Option(help="Its name on pages.")] = "",
    as_json: JSON = False,
) -> None:
    """Connect a partner. A directory (scim) is open at once; a way to sign in waits for its settings and its test.

    A host connection lets in people of the partners whose account keys are opened on it (`gangway connection serve`).

    Example: gangway connection add --partner nordwind --kind scim
    """
    with speaking(), scopes.one(_owner(partner, host, claim)):
        made = actions.add_connection(
            kind=kind,
            key=key or kind.value,
            name=name or f"{partner or 'host'} ({kind.value})",
            active=kind is ConnectionKind.SCIM,
            account_claim=claim,
            actor=Actor.operator(),
            now=clock.now(),
        )
        row = queries.connection(made)
    told = _as_dict(row)
    emit(told, as_json, lambda: console.print(f"{row.key}: {row.state.value}, {told['url']}", markup=False))


def _owner(partner: str, host: bool, claim: str) -> UUID:
    """Whose connection is made. Invalid: neither or both are named, or a host connection without its claim."""
    if host == bool(partner):
        raise Invalid(field="partner", problem="No partner is named, or two.", mend="Use --partner or --host.")
    if host and not claim:
        raise Invalid(field="claim", problem="No claim is named.", mend="Name the one with the account key.")
    return host_id() if host else find_partner(partner).id


def list_(partner: PARTNER, as_json: JSON = False) -> None:
    """List a partner's connections.

    Example: gangway connection list --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        rows = [_as_dict(row) for row in queries.connections()]
    emit(rows, as_json, lambda: table(rows))


def set_state(
    state: Annotated[ConnectionState, typer.Argument(help="active or off.")],
    partner: PARTNER,
    key: KEY = "",
    as_json: JSON = False,
) -> None:
    """Open a connection or close it; it takes effect with the next request.

    Example: gangway connection state off --partner nordwind --connection scim
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key)
        actions.set_connection_state(connection_id=row.id, state=state, actor=Actor.operator(), now=clock.now())
        told = _as_dict(queries.connection(row.id))
    emit(told, as_json, lambda: console.print(f"{row.key}: {state.value}", markup=False))


def _as_dict(row: ConnectionRow) -> dict[str, str | None]:
    """What a command tells of a connection; `url` is what the other side has to be told."""
    url = "/scim/v2" if row.kind is ConnectionKind.SCIM else f"/sso/{row.route}"
    return {
        "key": row.key,
        "name": row.name,
        "kind": row.kind.value,
        "state": row.state.value,
        "url": f"{settings.BASE_URL}{url}",
        "id": str(row.id),
    }


# ---------------------------------------------------------------- tokens


def issue(
    partner: PARTNER,
    right: Annotated[TokenRight, typer.Option(help="What it may be used for.")] = TokenRight.SCIM,
    key: KEY = "",
    days: Annotated[int, typer.Option(help="How long it holds.", min=1, max=730)] = TOKEN_LIFE.days,
    as_json: JSON = False,
) -> None:
    """Issue a token for a partner's directory. It prints the token alone, once; nobody can read it again.

    Example: gangway token issue --partner nordwind --right scim
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.SCIM)
        made = actions.issue_token(
            connection_id=row.id,
            right=right,
            life=timedelta(days=days),
            actor=Actor.operator(),
            now=clock.now(),
        )
    told = {
        "token": made.token,
        "id": str(made.token_id),
        "connection": row.key,
        "expires_at": made.expires_at.isoformat(),
    }
    emit(told, as_json, lambda: typer.echo(made.token))


def list_tokens(partner: PARTNER, key: KEY = "", as_json: JSON = False) -> None:
    """List the tokens of a directory: never what they say, but their last four signs.

    Example: gangway token list --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.SCIM)
        rows = [
            {
                "id": str(token.id),
                "tail": token.tail,
                "expires_at": token.expires_at,
                "last_used_at": token.last_used_at,
                "revoked_at": token.revoked_at,
            }
            for token in queries.tokens(row.id)
        ]
    emit(rows, as_json, lambda: table(rows))


def revoke(
    token_id: Annotated[UUID, typer.Argument(help="Its id, from `gangway token list`.")], partner: PARTNER
) -> None:
    """Revoke a token: it opens nothing from the next request on.

    Example: gangway token revoke 019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a03 --partner nordwind
    """
    with speaking(), scopes.one(find_partner(partner).id):
        actions.revoke_token(token_id=token_id, actor=Actor.operator(), now=clock.now())
        console.print("Revoked.", markup=False)
