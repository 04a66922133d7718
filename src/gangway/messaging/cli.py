"""`gangway mail list | show | allow`: the operator's view of letters, codes and links of kept mail included."""

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions, queries
from gangway.messaging.queries import MessageRow
from gangway.messaging.rules import State
from gangway.partners import queries as partners

app = typer.Typer(no_args_is_help=True, help="Read the letters of this installation.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
ADDRESS = "Mail address, however it is spelled."


@app.command("list")
def list_mail(
    partner: Annotated[str, typer.Option(help="Only of this partner (its slug).")] = "",
    to: Annotated[str, typer.Option(help="Only to this mail address.")] = "",
    state: Annotated[State | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="How many, youngest first.")] = 1000,
    robots: Annotated[bool, typer.Option("--robots", help="Also those to the robots of rehearsals.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the youngest letters, the youngest last. Kept mail is shown with its text, codes and links included.

    Letters to the robots of rehearsals are left out, unless --robots or --partner asks for them.

    Example: gangway mail list --to ana@nordwind.example --json
    """
    with speaking():
        scope = scopes.one(partners.find_partner(partner).id) if partner else scopes.host()
        with scope:
            found = queries.messages(
                address=to, state=state or "", limit=limit, words=True, robots=robots or bool(partner)
            )
            rows = [_as_json(row) for row in found]
            left_out = not robots and not partner and queries.to_robots()
    emit(rows, as_json, lambda: _say(rows, to))
    if left_out and not as_json:
        console.print("Letters to the robots of rehearsals are left out: --robots lists them too.", markup=False)


def _as_json(row: MessageRow) -> dict[str, Any]:
    """What a machine reads; `text` only for kept mail."""
    shown = {
        "id": row.id,
        "to": row.to,
        "subject": row.subject,
        "state": row.state.value,
        "letter": row.letter,
        "at": row.at,
        "partner": row.partner_slug,
        "reason": row.reason,
    }
    return {**shown, "text": row.text} if row.state is State.KEPT else shown


def _say(rows: list[dict[str, Any]], to: str = "") -> None:
    if not rows and to:
        console.print(f"No letter to somebody with the address {to}.", markup=False)
        console.print("One that proves a mailbox, such as that of somebody who joins, names none: list without --to.")
    elif not rows:
        console.print("No letters yet.")
    for row in reversed(rows):
        console.print(f"{row['at']:%Y-%m-%d %H:%M} UTC  {row['state']:<9}  {row['to']}  {row['subject']}", markup=False)
        if row["reason"]:
            console.print(f"    {row['reason']}", markup=False)
        for line in row.get("text", "").splitlines():
            console.print(f"    {line}".rstrip(), markup=False)


@app.command()
def show(message_id: UUID, as_json: AsJson = False) -> None:
    """Show one letter, with what only its reader should know where it was kept.

    Example: gangway mail show 019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a01
    """
    with speaking(), scopes.host():
        row = queries.message(message_id, secrets_shown=True)
    emit({**asdict(row), "state": row.state.value}, as_json, lambda: _say([{**_as_json(row), "text": row.text}]))


@app.command()
def allow(address: Annotated[str, typer.Argument(help=ADDRESS)], as_json: AsJson = False) -> None:
    """Believe in a mailbox again that a mail server called gone: letters go there from now on.

    Example: gangway mail allow ana@nordwind.example
    """
    with speaking():
        was = actions.allow_mailbox(address=address, actor=Actor.operator(), now=clock.now())
    words = f"Letters go to {address} again." if was else f"{address} was not held back."
    emit({"address": address, "was_held_back": was}, as_json, lambda: console.print(words, markup=False))
