"""`gangway handover …`: how people come in from the vendor's own portal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gangway.identity import actions, handover, queries
from gangway.identity.queries import PortalRow
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.handover import SOURCE, NotHanded
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, errors, speaking
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner, host_partner
from gangway.people.actions import name_elsewhere
from gangway.people.queries import persons_of_mailbox

app = typer.Typer(no_args_is_help=True, help="How people come in from the vendor's own portal, by a signed token.")
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Text = Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]


@contextmanager
def _at_host() -> Iterator[None]:
    host = host_partner()
    with speaking():
        if host is None:
            raise actions.NoPortal
        with scopes.one(host.id):
            yield


@app.command("set")
def set_(
    name: Annotated[str, typer.Option(help="What people call the portal.")],
    issuer: Annotated[str, typer.Option(help="What its tokens say in `iss`, to the letter.")],
    start_url: Annotated[str, typer.Option(help="The page of the portal that signs a token and posts it back.")],
) -> None:
    """Say what the portal is. Its door stays as it is, open or not.

    Example: gangway handover set --name "Acme Partner Portal" --issuer https://portal.acme.example
    --start-url https://portal.acme.example/learn
    """
    with _at_host():
        actions.set_portal(name=name, issuer=issuer, start_url=start_url, actor=Actor.operator(), now=clock.now())
        _show(_portal(), False)


@app.command()
def key(file: Text) -> None:
    """Add a public key (PEM, certificate, JWK or JWKS) that the portal signs with, beside the one it has.

    Example: gangway handover key portal.pem
    """
    with _at_host():
        for found in handover.read_keys(file.read_text(encoding="utf-8")):
            actions.add_portal_key(key=found, actor=Actor.operator(), now=clock.now())
            console.print(f"{found.kid}: {found.algorithm}", markup=False)


@app.command()
def close_key(kid: Annotated[str, typer.Argument(help="The key's name, as `gangway handover show` says it.")]) -> None:
    """Close a key: what is signed with it opens nothing from the next request on.

    Example: gangway handover close-key 2026-key
    """
    with _at_host():
        actions.close_portal_key(kid=kid, actor=Actor.operator(), now=clock.now())
        console.print(f"{kid} is closed.", markup=False)


@app.command()
def state(to: Annotated[ConnectionState, typer.Argument(help="active or off.")]) -> None:
    """Open the portal's door, or close it.

    Example: gangway handover state active
    """
    with _at_host():
        actions.set_portal_state(state=to, actor=Actor.operator(), now=clock.now())
        console.print(f"The portal is {to.value}.", markup=False)


@app.command()
def show(as_json: JSON = False) -> None:
    """What the portal is, and what it needs from us.

    Example: gangway handover show --json
    """
    with _at_host():
        _show(_portal(), as_json)


@app.command()
def test(file: Text) -> None:
    """Say whether the token in a file would be believed now, and if not, which rule fails. Nobody comes in by it.

    Example: gangway handover test token.txt
    """
    with _at_host():
        row = _portal()
        try:
            found = handover.verified(file.read_text().strip(), row, queries.portal_keys(row.id), clock.now())
        except NotHanded as reason:
            errors.print(f"It would not be believed. {reason.reason.value}: {reason.detail}", markup=False)
            raise typer.Exit(1) from reason
        console.print(f"It would be believed: {found.handed.partner}, {found.handed.subject}.", markup=False)


@app.command("name")
def name_(
    partner: Annotated[str, typer.Option("--partner", help="The partner's slug.")],
    email: Annotated[str, typer.Argument(help="The person's mail address.")],
    subject: Annotated[str, typer.Argument(help="What the portal's tokens say in `sub`; empty takes it away.")],
) -> None:
    """Say by which name the portal knows somebody, so that they need no code the first time.

    Example: gangway handover name --partner nordwind ana@nordwind.example 4711
    """
    with speaking():
        where = find_partner(partner)
        found = [person for partner_id, person in persons_of_mailbox(email) if partner_id == where.id]
        if not found or where.kind != "partner":
            raise NotFound
        with scopes.one(where.id):
            name_elsewhere(person_id=found[0], source=SOURCE, value=subject, actor=Actor.operator(), now=clock.now())
        console.print(f"{email}: {subject or 'not known to the portal'}", markup=False)


def _portal() -> PortalRow:
    found = queries.vendor_portal()
    if found is None:
        raise actions.NoPortal
    return found


def _show(row: PortalRow, as_json: bool) -> None:
    keys = queries.portal_keys(row.id)
    told = {
        "name": row.name,
        "state": row.state.value,
        "issuer": row.issuer,
        "start_url": row.start_url,
        "link": f"{row.audience}/start",
        "audience": row.audience,
        "keys": [
            {
                "kid": one.key.kid,
                "algorithm": one.key.algorithm,
                "until": one.key.not_after.isoformat() if one.key.not_after else None,
            }
            for one in keys
        ],
    }
    emit(told, as_json, lambda: console.print(_words(row, [one.key.kid for one in keys]), markup=False))


def _words(row: PortalRow, kids: list[str]) -> str:
    named = ", ".join(kids) or "none"
    return (
        f"{row.name}: {row.state.value}. It links to {row.audience}/start, posts its tokens to {row.audience} and says "
        f"that in aud. Open keys: {named}."
    )
