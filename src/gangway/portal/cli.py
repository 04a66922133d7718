"""`gangway person export | erase`: what is held of somebody, and the end of it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import find_partner
from gangway.people.queries import person_of_mailbox
from gangway.portal import actions, queries

Slug = Annotated[str, typer.Option("--partner", help="The partner's slug.")]
Out = Annotated[Path | None, typer.Option("--out", help="A file to write; otherwise it is printed.")]
Sure = Annotated[bool, typer.Option("--yes", help="Without asking.")]


def export(email: str, partner: Slug, out: Out = None) -> None:
    """Print everything that is held about somebody as one JSON document.

    Example: gangway person export ana@nordwind.example --partner nordwind --out ana.json
    """
    with scopes.one(find_partner(partner).id):
        whole = queries.document(person_of_mailbox(email).id, clock.now(), private=True)
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")
        console.print(f"{len(whole['sections'])} sections are in {out}.", markup=False)


def erase(email: str, partner: Slug, yes: Sure = False) -> None:
    """Erase somebody for good: names, addresses, answers and words go, dates and certificate numbers stay.

    Example: gangway person erase ana@nordwind.example --partner nordwind --yes
    """
    found = find_partner(partner)
    with scopes.one(found.id):
        person = person_of_mailbox(email)
        if not yes:
            typer.confirm(f"Erase {person.name} at {found.name}? Nobody can undo this.", abort=True)
        actions.erase(person_id=person.id, actor=Actor.operator(), now=clock.now())
    console.print("They are erased: nothing that names them is held any more.", markup=False)
