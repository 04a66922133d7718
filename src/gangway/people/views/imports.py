"""The list of imports, one of them as a receipt, and taking imports back; at the desk imports are looked at."""

from collections.abc import Sequence
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.kernel import clock
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import partner_by_id
from gangway.people import access, actions, queries
from gangway.people.access import CONSOLE, DESK, Place
from gangway.people.queries.import_runs import IMPORT_LIST, OWN_IMPORTS, ImportRow
from gangway.people.queries.sheets import undo_under_way
from gangway.people.rules import RunState, Why
from gangway.people.views import import_words as words
from gangway.ui import render
from gangway.ui.listing import answer

PREVIEWED = 5_000  # people of an import whose undo is looked at before it is pressed
NAMED = 100  # people who stay, by name


@require_GET
@route(right=access.SEE_PEOPLE)
def imports(request: Request) -> HttpResponseBase:
    """Every import at the partners in reach, the latest first."""
    return _imports(request, CONSOLE, access.BRING_PEOPLE.allows(request.principal))


@require_GET
@route(right=access.SEE_TEAM)
def imports_team(request: Request) -> HttpResponseBase:
    """Every import at the own partner, whoever brought it."""
    return _imports(request, DESK, access.EDIT_TEAM.allows(request.principal))


def _imports(request: Request, place: Place, may_bring: bool) -> HttpResponseBase:
    context = {
        "may_bring": may_bring,
        "place": place,
        "empty_title": gettext("Nothing was brought yet"),
        "empty_text": gettext("Each file of people stands here with what it did, and can be undone for a month."),
    }
    return answer(
        request,
        IMPORT_LIST if place is CONSOLE else OWN_IMPORTS,
        title=gettext("Imports"),
        sentence=gettext("Files and pasted rows of people, the latest first, with what became of their rows."),
        shell=place.shell,
        template="people/imports.jinja",
        context=context,
    )


@require_GET
@route(right=access.SEE_PEOPLE)
def receipt(request: Request, run_id: UUID) -> HttpResponse:
    """One import at one partner: what it did, and its undo."""
    run = queries.import_run(run_id)
    return _receipt(request, CONSOLE, run, has_undo(run) and access.BRING_PEOPLE.allows(request.principal))


@require_GET
@route(right=access.SEE_TEAM)
def receipt_team(request: Request, run_id: UUID) -> HttpResponse:
    """One import at the own partner, to look at: what was brought at the desk is undone on its own page."""
    with scopes.one(request.principal.partner_id):
        run = queries.import_run(run_id)
    return _receipt(request, DESK, run, undoable=False)


def _receipt(request: Request, place: Place, run: ImportRow, undoable: bool) -> HttpResponse:
    context = {
        "place": place,
        "run": run,
        "partner": partner_by_id(run.partner_id),
        "kept": _who_stay(run.kept_rows),
        "busy": run.state == RunState.UNDOING and not undo_stands(run),
        "undoable": undoable,
        "states": words.run_words(run),
        "sentence": words.became([run]),
    }
    response = render(request, "people/import.jinja", context)
    if request.headers.get("HX-Request") and not context["busy"]:
        response.headers["HX-Refresh"] = "true"
    return response


@require_http_methods(["GET", "POST"])
@route(right=access.BRING_PEOPLE)
def undo(request: Request, run_id: UUID) -> HttpResponse:
    """Take one import back, after one look at what that means."""
    run = queries.import_run(run_id)
    runs = [run] if has_undo(run) else []
    return undo_runs(request, CONSOLE, runs, run.called, CONSOLE.url("people:import", run.id))


def undo_runs(request: Request, place: Place, runs: Sequence[ImportRow], title: str, back_to: str) -> HttpResponse:
    """The look at what an undo would do, or the undo itself: a worker begins with it."""
    who, now = request.principal, clock.now()
    if request.method == "POST" and runs:
        for run in runs:
            with scopes.one(run.partner_id):
                actions.ask_undo(run_id=run.id, by=who.person_id, actor=who.actor, now=now)
        return HttpResponseRedirect(back_to)
    preview = None
    if runs and sum(run.new + run.changed for run in runs) <= PREVIEWED:
        preview = actions.UndoReport(dry_run=True)
        for run in runs:
            with scopes.one(run.partner_id):
                preview.add(actions.undo_import(run_id=run.id, dry_run=True, actor=who.actor, now=now))
    context = {
        "place": place,
        "title": title,
        "preview": preview,
        "kept": _who_stay([(str(person), str(why)) for person, why in preview.kept]) if preview else [],
        "runs": runs,
        "people": sum(run.new + run.changed for run in runs),
        "back_to": back_to,
    }
    return render(request, "people/undo_import.jinja", context)


def has_undo(run: ImportRow) -> bool:
    """Whether an import changed anybody, and was not taken back. What stopped on the way can be taken back too."""
    return undo_stands(run) or (
        run.state in (RunState.RUNNING, RunState.DONE, RunState.FAILED) and bool(run.new or run.changed)
    )


def undo_stands(run: ImportRow) -> bool:
    """Whether an undo began and no worker goes on with it."""
    return run.state == RunState.UNDOING and not undo_under_way(run.id)


def _who_stay(rows: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Name and reason of the first who stay as they are."""
    shown = rows[:NAMED]
    names = queries.names(UUID(person) for person, _ in shown)
    return [(names.get(UUID(person), ""), words.why(Why(why))) for person, why in shown]
