"""`gangway partner apply`, `runs`, `undo`. (`gangway partner list` counts people too: it stands in people.)"""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from django.conf import settings

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.console import console, emit
from gangway.kernel.refusal import NotFound
from gangway.kernel.sheets import Outcome, Result
from gangway.kernel.tenancy import scopes
from gangway.partners import queries
from gangway.partners.actions import ApplyReport, UndoReport, apply_partners, undo_run
from gangway.partners.actions.runs import REMOVED, RESTORED, STAYS
from gangway.partners.forms import read_partner_file

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A .csv, .yaml or .yml file of partners.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def apply(file: File, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Make the partners what a file says. Running it twice changes nothing more.

    Columns: slug, name, kind, parent, type, tier, zone, locale, accent, host, parent_sees, contact_name, contact_email,
    display_name, session_hours. An empty cell leaves what is there, “-” takes it away. Without a host partner (your own
    company), one is made first: from a row of kind “host”, else with the name in GANGWAY_HOST_NAME. What is written can
    be taken back: see `gangway partner runs`.

    Example: gangway partner apply partners.csv --dry-run
    """
    content = read_partner_file(file)
    report = apply_partners(
        rows=content.rows,
        types=content.types,
        tiers=content.tiers,
        host_name=settings.ENV.host_name,
        source=file.name,
        dry_run=dry_run,
        actor=Actor.operator(),
        now=clock.now(),
    )
    emit(report.as_dict(), as_json, lambda: _say(report))
    if report.count(Result.REFUSED):
        raise typer.Exit(1)


def _say(report: ApplyReport) -> None:
    if report.host:
        verb = "would be created" if report.dry_run else "was created"
        console.print(f"Your own company “{report.host}” {verb} as the host partner.", markup=False)
    for outcome in report.outcomes:
        if outcome.result is not Result.UNCHANGED:
            console.print(_sentence(outcome), markup=False)
    counts = ", ".join(f"{report.count(result)} {result}" for result in Result)
    console.print(f"{'Rehearsal, nothing written: ' if report.dry_run else ''}{counts}.", markup=False)
    if report.run:
        console.print(f"Take it back with: gangway partner undo {report.run}", markup=False)


def _sentence(outcome: Outcome) -> str:
    what = outcome.reason or ", ".join(outcome.fields)
    return f"line {outcome.line}  {outcome.key or '?'}  {outcome.result}{': ' + what if what else ''}"


def runs(as_json: AsJson = False) -> None:
    """List the partner files that wrote something, newest first. `left`: rows that can still be taken back.

    Example: gangway partner runs --json
    """
    with scopes.host():
        found = [
            {
                "run": row.id,
                "started_at": row.started_at,
                "by": f"{row.actor_kind} {row.actor_id}",
                "file": row.source or "pasted",
                "new": row.new,
                "changed": row.changed,
                "unchanged": row.unchanged,
                "refused": row.refused,
                "left": row.left,
                "undone_at": row.undone_at,
            }
            for row in queries.runs()
        ]
    emit(found, as_json)


def undo(
    run: Annotated[str, typer.Argument(help="The run, as `gangway partner runs` lists it.")],
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Take back what a partner file wrote: partners it made go, columns it changed are as before.

    What was changed since, or is in use by now, stays and is listed; exit status 1 says that something stays.

    Example: gangway partner undo 0195a1c0-0000-7000-8000-000000000001 --dry-run
    """
    report = undo_run(run_id=_run_id(run), dry_run=dry_run, actor=Actor.operator(), now=clock.now())
    emit(report.as_dict(), as_json, lambda: _say_undo(report))
    if report.count(STAYS):
        raise typer.Exit(1)


def _run_id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


def _say_undo(report: UndoReport) -> None:
    for outcome in report.outcomes:
        what = outcome.reason or ", ".join(outcome.fields)
        place = f"line {outcome.line}" if outcome.line else "defined"
        console.print(f"{place}  {outcome.key}  {outcome.result}{': ' + what if what else ''}", markup=False)
    counts = ", ".join(f"{report.count(result)} {result}" for result in (REMOVED, RESTORED, STAYS))
    console.print(f"{'Rehearsal, nothing written: ' if report.dry_run else ''}{counts}.", markup=False)
