"""`gangway connection oidc`."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings

from gangway.identity import actions, oidc, queries
from gangway.identity.cli.connections import JSON, KEY, PARTNER
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.oidc import SCOPES
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner


def set_up(
    partner: PARTNER,
    issuer: Annotated[str, typer.Option(help="The issuer, to the letter as its discovery document says it.")],
    client_id: Annotated[str, typer.Option(help="Our client id there.")],
    secret_file: Annotated[
        Path, typer.Option(help="A file with the client secret alone.", exists=True, dir_okay=False, readable=True)
    ],
    key: KEY = "",
    secret_expires: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The last day of the client secret.")
    ] = None,
    scopes_asked: Annotated[str, typer.Option("--scopes", help="What is asked for.")] = SCOPES,
    userinfo: Annotated[bool, typer.Option(help="Also ask the userinfo endpoint for claims.")] = False,
    must_say: Annotated[
        list[str] | None,
        typer.Option(help="claim=value that an ID token must hold, as hd=nordwind.example; may be said several times."),
    ] = None,
    activate: Annotated[bool, typer.Option(help="Open the connection, if the provider can be used.")] = False,
    as_json: JSON = False,
) -> None:
    """Tell a connection its OpenID provider. The provider is asked first; what is wrong with it is said exactly.

    Register the printed redirect URI there. Without --activate the connection stays as it is.

    Example: gangway connection oidc --partner nordwind --issuer https://id.nordwind.example --client-id gangway
    --secret-file secret.txt --activate
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.OIDC)
        secret = secret_file.read_text(encoding="utf-8").strip()
        actor, now = Actor.operator(), clock.now()
        found = oidc.tell(
            row.id,
            issuer=issuer,
            client_id=client_id,
            client_secret=secret,
            secret_expires_on=secret_expires.date() if secret_expires else None,
            scopes=scopes_asked,
            asks_userinfo=userinfo,
            must_say={name: value for name, _, value in (word.partition("=") for word in must_say)}
            if must_say
            else None,
            actor=actor,
            now=now,
        )
        if activate:
            actions.set_connection_state(connection_id=row.id, state=ConnectionState.ACTIVE, actor=actor, now=now)
        told = {
            "key": row.key,
            "state": queries.connection(row.id).state.value,
            "issuer": issuer,
            "redirect_uri": f"{settings.BASE_URL}/sso/{row.route}/callback",
            "algorithms": list(found.provider.algorithms),
            "keys": len(found.keys["keys"]),
        }
    emit(told, as_json, lambda: console.print(_words(told), markup=False))


def _words(told: Mapping[str, object]) -> str:
    return f"{told['key']}: {told['state']}. Redirect URI to register there: {told['redirect_uri']}"
