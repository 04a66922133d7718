"""`gangway person …`, and `gangway partner list`, which counts people."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO
from uuid import UUID

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from gangway.kernel import clock
from gangway.kernel.access import Reach
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit, errors
from gangway.kernel.sheets import Outcome, Result, read_csv
from gangway.kernel.tenancy import scopes
from gangway.partners.queries import UnknownPartner, find_partner, host_partner, list_partners, looked_after_by
from gangway.people import queries
from gangway.people.actions import (
    ImportReport,
    UndoReport,
    give_to,
    grant_role,
    import_people,
    revoke_role,
    undo_import,
)
from gangway.people.rules import ALIASES, COLUMNS, Why

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file of people.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
Letters = Annotated[bool, typer.Option("--letters/--no-letters", help="Write to everybody who is new.")]
Slug = Annotated[str, typer.Option("--partner", help="The partner's slug.")]
SlugOrColumn = Annotated[str, typer.Option("--partner", help="The partner's slug; or a column “partner” names it.")]
SlugOrAll = Annotated[str, typer.Option("--partner", help="The partner's slug; of every partner if empty.")]
RunId = Annotated[UUID, typer.Argument(help="The import, as `gangway person imports` lists it.")]
Robots = Annotated[bool, typer.Option("--robots", help="Also the shell partner of rehearsals.")]
Role = Annotated[str, typer.Option("--role", help="partner_admin, partner_it; at the host programme_lead and so on.")]
WHY = {
    Why.CHANGED: "was changed since.",
    Why.CAME_IN: "has signed in.",
    Why.GONE: "is not there any more.",
}
Wide = Annotated[
    Reach | None, typer.Option("--reach", help="one, tree, portfolio or host; usual for the role if empty.")
]
Until = Annotated[datetime | None, typer.Option("--until", help="The day it ends, such as 2026-12-31 (UTC).")]


def import_(
    file: File,
    partner: SlugOrColumn = "",
    dry_run: DryRun = False,
    letters: Letters = True,
    as_json: AsJson = False,
) -> None:
    """Make the people of a partner what a CSV file says. Nobody is removed; running it twice changes nothing more.

    Columns: name, email, external_id, locale, zone, role, groups, partner; or a plain list of addresses, one a line.
    People are found by external id, then by e-mail in the same partner. An empty cell leaves what is there. New people
    get the launch letter unless --no-letters. Stopped or killed, the same command goes on where it was.

    Example: gangway person import team.csv --partner nordwind --dry-run
    """
    partner_id = find_partner(partner).id if partner else None
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        stream.seek(0)
        with _bar(stream, file.stat().st_size, file.name) as (counted, progress):
            report = import_people(
                lines=read_csv(counted, COLUMNS, ALIASES, bare="email"),
                partner_id=partner_id,
                file_name=file.name,
                digest="" if dry_run else digest,
                letters=letters,
                dry_run=dry_run,
                progress=progress,
                actor=Actor.operator(),
                now=clock.now(),
            )
    emit(report.as_dict(), as_json, lambda: _say(report, letters))
    if report.counts[Result.REFUSED]:
        raise typer.Exit(1)


@contextmanager
def _bar(stream: BinaryIO, size: int, name: str) -> Iterator[tuple[BinaryIO, Callable[[int], None]]]:
    """On a terminal, a bar of how much of the file is read; elsewhere nothing."""
    if not errors.is_terminal:
        yield stream, lambda _line: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as bar:
        task = bar.add_task(name, total=size)
        yield stream, lambda line: bar.update(task, completed=stream.tell(), description=f"{name}, line {line:,}")


def list_imports(partner: SlugOrAll = "", as_json: AsJson = False) -> None:
    """List the files of people that were read, the latest first, with the id by which one is undone.

    Example: gangway person imports --partner nordwind --json
    """
    with scopes.one(find_partner(partner).id) if partner else scopes.host():
        slugs = {row.id: row.slug for row in list_partners()}
        rows = [
            {
                "run": row.id,
                "partner": slugs.get(row.partner_id, ""),
                "file": row.file_name,
                "state": row.state,
                "new": row.new,
                "changed": row.changed,
                "unchanged": row.unchanged,
                "refused": row.refused,
                "undone": row.undone,
                "kept": row.kept,
                "started_at": row.started_at,
            }
            for row in queries.imports(limit=200)
        ]
    emit(rows, as_json)


def undo_import_(run: RunId, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Take an import back: whom it made is removed, what it changed goes back, what was changed since is listed.

    Somebody whom more than the import knows by now (a letter sent, a lesson begun) is not removed: they leave.

    Example: gangway person undo-import 0195a1c0-0000-7000-8000-0000000000a1 --dry-run
    """
    with scopes.host():
        found = queries.import_run(run)
    with scopes.one(found.partner_id):
        report = undo_import(run_id=run, dry_run=dry_run, actor=Actor.operator(), now=clock.now())
        names = queries.names(person for person, _ in report.kept)
    emit(report.as_dict(), as_json, lambda: _say_undone(report, names))


def _say_undone(report: UndoReport, names: Mapping[UUID, str]) -> None:
    for person, why in report.kept[:200]:
        console.print(f"{names.get(person, person)} stays: {WHY[why]}", markup=False)
    done = f"{report.removed:,} removed, {report.restored:,} as before, {report.left:,} left, {len(report.kept):,} stay"
    console.print(f"{'Rehearsal, nothing written: ' if report.dry_run else ''}{done}.", markup=False)


def _say(report: ImportReport, letters: bool) -> None:
    for outcome in report.outcomes:
        console.print(_sentence(outcome), markup=False)
    left_out = sum(report.counts.values()) - report.counts[Result.UNCHANGED] - len(report.outcomes)
    if left_out:
        console.print(f"… and {left_out:,} more lines.", markup=False)
    if report.resumed:
        console.print(f"This file was begun before; it went on behind line {report.resumed:,}.", markup=False)
    counts = ", ".join(f"{count:,} {result}" for result, count in report.counts.items())
    console.print(f"{'Rehearsal, nothing written: ' if report.dry_run else ''}{counts}.", markup=False)
    if report.counts[Result.NEW] and not report.dry_run:
        said = "The worker writes to those who are new." if letters else "Nobody is written to."
        console.print(said, markup=False)
    for slug, run in report.runs.items():
        console.print(f"Undo it at {slug}: gangway person undo-import {run}", markup=False)


def _sentence(outcome: Outcome) -> str:
    what = outcome.reason or ", ".join(outcome.fields)
    return f"line {outcome.line}  {outcome.key or '?'}  {outcome.result}{': ' + what if what else ''}"


def list_people(partner: Slug, as_json: AsJson = False) -> None:
    """List a partner's people by name, with their state and roles. --json says their language and zone too.

    Example: gangway person list --partner nordwind --json
    """
    partner_id = find_partner(partner).id
    with scopes.one(partner_id):
        roles = queries.roles_by_person(clock.now())
        people = [
            {
                "name": row.name,
                "email": row.email,
                "state": row.state,
                "roles": list(roles.get(row.id, ())),
                "locale": row.locale,
                "zone": row.zone,
                "invited_at": row.invited_at,
                "activated_at": row.activated_at,
            }
            for row in queries.everybody()
        ]
    emit(people if as_json else [_person_line(row) for row in people], as_json)


def _person_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a person fits beside each other on eighty columns."""
    since = row["activated_at"] or row["invited_at"]
    return {
        "name": row["name"],
        "email": row["email"],
        "state": row["state"],
        "since": since.date() if since else None,
        "roles": ", ".join(row["roles"]),
    }


def grant(email: str, partner: Slug, role: Role, reach: Wide = None, until: Until = None) -> None:
    """Give somebody a role.

    Example: gangway person grant ben@nordwind.example --partner nordwind --role partner_admin
    """
    found = find_partner(partner)
    now = clock.now()
    end = until.replace(tzinfo=now.tzinfo) if until else None
    with scopes.one(found.id):
        person = queries.person_of_mailbox(email)
        grant_role(person_id=person.id, role=role, reach=reach, until=end, actor=Actor.operator(), now=now)
    console.print(f"{person.name} at {found.name} now holds the role {role}.", markup=False)


def revoke(email: str, partner: Slug, role: Role) -> None:
    """Take a role from somebody, at every reach. They are signed out and come in again without it.

    Example: gangway person revoke ben@nordwind.example --partner nordwind --role partner_it
    """
    found = find_partner(partner)
    with scopes.one(found.id):
        person = queries.person_of_mailbox(email)
        held = role in {row.role for row in queries.roles_held(person.id, clock.now())}
        revoke_role(person_id=person.id, role=role, actor=Actor.operator(), now=clock.now())
    said = "no longer holds" if held else "does not hold"
    console.print(f"{person.name} at {found.name} {said} the role {role}.", markup=False)


def roles(email: str, partner: Slug, as_json: AsJson = False) -> None:
    """List what roles somebody holds now, how far they reach and until when.

    Example: gangway person roles ben@nordwind.example --partner nordwind --json
    """
    with scopes.one(find_partner(partner).id):
        person = queries.person_of_mailbox(email)
        held = queries.roles_held(person.id, clock.now())
    rows = [
        {"role": row.role, "reach": row.reach, "where": row.where, "since": row.granted_at, "until": row.until}
        for row in held
    ]
    emit(rows, as_json)


def portfolio(
    email: str,
    partner: Annotated[list[str], typer.Option("--partner", help="A partner's slug; may be given many times.")],
    remove: Annotated[bool, typer.Option("--remove", help="Nobody looks after these partners any more.")] = False,
) -> None:
    """Let somebody of your own company look after partners. Whoever did before does so no longer.

    Example: gangway person portfolio kim@acme.example --partner nordwind --partner suedstern
    """
    host = host_partner()
    if host is None:
        raise UnknownPartner(slug="host")
    with scopes.one(host.id):
        person = queries.person_of_mailbox(email)
    found = [find_partner(slug) for slug in partner]
    for row in found:
        with scopes.one(row.id):
            if not remove or person.id in looked_after_by(row.id):
                give_to(person_id=None if remove else person.id, actor=Actor.operator(), now=clock.now())
    names = ", ".join(row.name for row in found)
    verb = "no longer looks after" if remove else "now looks after"
    console.print(f"{person.name} {verb} {names}.", markup=False)


def list_partners_with_people(robots: Robots = False, as_json: AsJson = False) -> None:
    """List every partner, your own company (kind “host”) among them. `host` is the name its portal opens under.

    The shell partner, whose people are the robots of rehearsals, is left out unless --robots asks for it. The table
    leaves out what --json says: parent, host, and the state of whoever is active.

    Example: gangway partner list --json
    """
    with scopes.host():
        counts = queries.people_counts()
        managers = queries.manager_mails()
        known = list_partners()
        rows = [
            {
                "slug": row.slug,
                "name": row.name,
                "kind": row.kind,
                "host": row.host_name,
                "type": row.type,
                "tier": row.tier,
                "state": row.state,
                "parent": row.parent,
                "manager": managers.get(row.id),
                "people": counts.get(row.id, queries.PeopleCount()).here,
            }
            for row in known
            if robots or row.kind != "shell"
        ]
    emit(rows if as_json else [_partner_line(row) for row in rows], as_json)
    if len(rows) < len(known) and not as_json:
        console.print("The partners of rehearsals are left out: --robots lists them too.", markup=False)


def _partner_line(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a partner fits beside each other on eighty columns."""
    kind = row["type"] if row["kind"] == "partner" else row["kind"]
    said = [word for word in (kind, row["tier"], row["state"] if row["state"] != "active" else "") if word]
    return {
        "slug": row["slug"],
        "name": row["name"],
        "type, tier": ", ".join(said),
        "manager": row["manager"],
        "people": row["people"],
    }
