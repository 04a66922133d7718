"""`gangway connection serve`, `accounts`, `stop-serving`: which partners a connection serves, by which account keys."""

from pathlib import Path
from typing import Annotated

import typer

from gangway.identity import actions, queries
from gangway.identity.cli.connections import JSON, KEY, PARTNER
from gangway.identity.queries import ConnectionRow
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking, table
from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Outcome, Result, read_csv
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner

ACCOUNT = Annotated[str, typer.Option("--account", help="The account key, as the provider sends it.")]


def _source(partner: str, key: str) -> ConnectionRow:
    """The sign-in that is meant; where none is named, the only one."""
    with scopes.one(find_partner(partner).id):
        if key:
            return queries.connection_of_key(key)
        found = [row for row in queries.connections() if row.kind.signs_in and row.owner is None]
        return found[0] if len(found) == 1 else queries.connection_of_key("")


def serve(
    partner: PARTNER,
    to: Annotated[str, typer.Option(help="Slug of the partner that is served.")] = "",
    account: ACCOUNT = "",
    file: Annotated[Path | None, typer.Option(help="CSV with the columns key and partner, instead of one.")] = None,
    claim: Annotated[str, typer.Option(help="First name the claim that holds the account key.")] = "",
    admits: Annotated[bool, typer.Option(help="Let in people whom nobody has invited.")] = False,
    key: KEY = "",
    as_json: JSON = False,
) -> None:
    """Let a connection serve other partners: those below its own, or any partner where it is a host connection.

    Each account key leads to one partner for ever. Exit status 1 where a line was refused.

    Example: gangway connection serve --partner host --connection portal --to nordwind --account 0014x00000AbCdE
    """
    with speaking():
        row, actor, now = _source(partner, key), Actor.operator(), clock.now()
        if claim:
            with scopes.one(row.partner_id):
                actions.set_account_claim(connection_id=row.id, claim=claim, actor=actor, now=now)
        outcomes: tuple[Outcome, ...] = ()
        if file is not None:
            with file.open("rb") as stream:
                lines = tuple(read_csv(stream, actions.COLUMNS))
            outcomes = actions.open_many(
                connection_id=row.id, owner_id=row.partner_id, rows=lines, admits=admits, actor=actor, now=now
            )
        elif to:
            opened = actions.open_reach(
                connection_id=row.id,
                owner_id=row.partner_id,
                partner_id=find_partner(to).id,
                key=account,
                admits=admits,
                actor=actor,
                now=now,
            )
            outcomes = (Outcome(1, account or to, Result.NEW if opened.fresh else Result.UNCHANGED),)
        elif not claim:
            raise Invalid(field="to", problem="No partner is named.", mend="Use --to, or --file with many.")
    emit([one.as_dict() for one in outcomes], as_json, lambda: _say(outcomes))
    if any(one.result is Result.REFUSED for one in outcomes):
        raise typer.Exit(1)


def _say(outcomes: tuple[Outcome, ...]) -> None:
    for one in outcomes:
        console.print(f"line {one.line}  {one.key}  {one.result.value} {one.reason}".rstrip(), markup=False)


def accounts(partner: PARTNER, key: KEY = "", as_json: JSON = False) -> None:
    """List the account keys of a connection, and whose they are.

    Example: gangway connection accounts --partner host --connection portal
    """
    with speaking():
        row = _source(partner, key)
        with scopes.one(row.partner_id):
            rows = [
                {
                    "key": one.key,
                    "partner": one.slug,
                    "opened_at": one.opened_at,
                    "closed_at": one.closed_at,
                    "turned_off_there": not one.wanted,
                }
                for one in queries.accounts(row)
            ]
    emit(rows, as_json, lambda: table(rows))


def stop_serving(partner: PARTNER, account: ACCOUNT, key: KEY = "") -> None:
    """Close an account key: it leads nowhere from the next sign-in on, and stays its partner's.

    Example: gangway connection stop-serving --partner host --connection portal --account 0014x00000AbCdE
    """
    with speaking():
        row = _source(partner, key)
        actions.close_reach(
            connection_id=row.id, owner_id=row.partner_id, key=account, actor=Actor.operator(), now=clock.now()
        )
        console.print("Closed.", markup=False)
