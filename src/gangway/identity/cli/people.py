"""`gangway sign-in-link`: the operator lets somebody in who gets no mail; `gangway sign-in why`: what became of it;
`gangway person reset-factors`: what somebody held beside their mailbox is lost."""

from typing import Annotated

import typer
from django.conf import settings

from gangway.identity import actions, queries
from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, speaking
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes


def sign_in_link(
    email: Annotated[str, typer.Argument(help="Mail address of the person.")],
    partner: Annotated[str, typer.Option(help="Slug of their partner.")],
    next_path: Annotated[str, typer.Option("--next", help="Page to open after signing in.")] = "/",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Print a link that signs one person in: good for ten minutes, once, by one press in any browser. It is audited.

    Example: gangway sign-in-link ana@nordwind.example --partner nordwind
    """
    with speaking():
        made = actions.operator_link(
            address=email, partner_slug=partner, next_path=next_path, actor=Actor.operator(), now=clock.now()
        )
    url = f"{settings.BASE_URL}{made.path}"
    shown = {"url": url, "expires_at": made.expires_at, "name": made.name, "partner": made.partner_name}
    emit(shown, as_json, lambda: console.print(url, markup=False))


class UnknownNumber(Refusal):
    """Misread, or older than a month."""

    code = "identity.unknown_number"
    status = 404
    message = "No sign-in of the last 30 days has the number {number}."
    next_step = "Ask for it once more, sign by sign; it stands under the form on their page."


def why(
    number: Annotated[str, typer.Argument(help="The number that the person reads from their page, e.g. 4F-7K2.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Say why somebody did not come in, by the number on their page, and what mends it.

    Example: gangway sign-in why 4F-7K2
    """
    with speaking(), scopes.host():
        found = queries.request_of_number(number)
        if not found:
            raise UnknownNumber(number=number)
        emit([_as_dict(row) for row in found], as_json, lambda: _tell(found))


def _tell(found: list[queries.RequestRow]) -> None:
    for row in found:
        lines = (f"{row.number}  {_who(row)}", f"{row.moved_at:%Y-%m-%d %H:%M} UTC  {row.words}")
        for line in (*lines, *_rule(row), row.mend or row.state_words):
            console.print(line, markup=False)


def _who(row: queries.RequestRow) -> str:
    if row.person_id:
        return f"{row.name} <{row.email}>, {row.partner_name}"
    return f"nobody known yet, {row.partner_name}" if row.partner_id else "an address that nobody here has"


def _rule(row: queries.RequestRow) -> list[str]:
    """By which connection it came, which rule failed, and what came instead."""
    if row.connection_id is None or row.partner_id is None:
        return []
    with scopes.one(row.partner_id):
        shown = queries.connection(row.connection_id)
    return [f"By {shown.name} ({shown.key}): {row.reason}{f', {row.detail}' if row.detail else ''}"]


def _as_dict(row: queries.RequestRow) -> dict[str, str | None]:
    return {
        "number": row.number,
        "partner": row.partner_name or None,
        "person": row.name or None,
        "step": row.step.value,
        "state": row.state.value,
        "at": row.at.isoformat(),
        "moved_at": row.moved_at.isoformat(),
        "what": row.words,
        "reason": row.reason or None,
        "detail": row.detail or None,
        "mend": row.mend or None,
    }


def reset_factors(
    email: Annotated[str, typer.Argument(help="Mail address of the person.")],
    partner: Annotated[str, typer.Option(help="Slug of their partner.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Take passkeys, authenticator app and recovery codes from one person who lost them, and end their sessions.

    Make sure that it is them who asks: from then on their mailbox alone lets them in. It is audited, and they get a
    letter.

    Example: gangway person reset-factors ben@nordwind.example --partner nordwind
    """
    with speaking():
        done = actions.reset_by_operator(address=email, partner_slug=partner, actor=Actor.operator(), now=clock.now())
    words = f"{done.name} at {done.partner_name} comes in by mail alone now, and was signed out everywhere."
    emit({"name": done.name, "partner": done.partner_name}, as_json, lambda: console.print(words, markup=False))
