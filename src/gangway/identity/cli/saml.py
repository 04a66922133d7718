"""`gangway connection saml`: what a partner's provider says of itself, and what it has to be told of us."""

from pathlib import Path
from typing import Annotated

import typer

from gangway.identity import actions, queries
from gangway.identity.cli.connections import JSON, KEY, PARTNER
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.saml import telling
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner


def saml(
    partner: PARTNER,
    metadata: Annotated[
        str, typer.Option(help="File or address of the provider's metadata; an address is asked again nightly.")
    ],
    key: KEY = "",
    subject: Annotated[
        str | None,
        typer.Option(help="Attribute that names a person and never changes; where none is said, a persistent NameID."),
    ] = None,
    activate: Annotated[
        bool, typer.Option("--activate", help="Open the connection: people sign in by it at once.")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Give a SAML connection its provider's metadata, and print what the provider has to be told.

    Example: gangway connection saml --partner nordwind --metadata idp.xml --activate
    """
    with speaking(), scopes.one(find_partner(partner).id):
        row = queries.connection_of_key(key, ConnectionKind.SAML)
        url = metadata if metadata.startswith(("https://", "http://")) else ""
        now = clock.now()
        telling.tell(
            row.id,
            url=url,
            given=b"" if url else _file(metadata),
            subject_attribute=subject,
            actor=Actor.operator(),
            now=now,
        )
        if activate:
            actions.set_connection_state(
                connection_id=row.id, state=ConnectionState.ACTIVE, actor=Actor.operator(), now=now
            )
        told = _told(queries.connection(row.id))
    emit(told, as_json, lambda: _say(told))


def _file(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Invalid(
            field="metadata", problem="The file {name} cannot be read.", mend="Check the path.", name=name
        ) from error


def _told(row: ConnectionRow) -> dict[str, object]:
    found, us = queries.saml_settings(row.id), queries.us(row)
    assert found is not None
    return {
        "key": row.key,
        "state": row.state.value,
        "provider": found.entity_id,
        "sign_in_address": found.sso_url,
        "certificates": [
            {"fingerprint": one.fingerprint, "not_after": one.not_after.isoformat()} for one in found.certificates
        ],
        "subject": found.subject_attribute or "NameID (persistent)",
        "our_entity_id": us.entity_id,
        "our_acs": us.acs_url,
        "our_metadata": us.entity_id,
    }


def _say(told: dict[str, object]) -> None:
    lines = (
        f"{told['key']}: {told['state']}, provider {told['provider']}",
        f"Tell the provider: entity id {told['our_entity_id']}",
        f"                   answers to {told['our_acs']} (HTTP-POST)",
        f"                   metadata   {told['our_metadata']}",
    )
    for line in lines:
        console.print(line, markup=False, soft_wrap=True)
