"""Bringing people from a file or by paste: judged, shown, started, followed. At the desk for one's own team, in the
console for one partner or, by a column, for many."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, placed
from gangway.partners.queries import PartnerRow, get_partner, list_partners, partner_by_id
from gangway.people import access, actions
from gangway.people.access import CONSOLE, DESK, Place
from gangway.people.forms import CHOICES, BringForm, body_of
from gangway.people.queries.import_runs import PASTED, ImportRow
from gangway.people.queries.sheets import SheetRow, brought_lately, look_at, look_of, runs_of, under_way
from gangway.people.queries.sheets import sheet as find_sheet
from gangway.people.rules import COLUMNS, LOOKS, ROWS_A_PAGE, RunState, SheetState
from gangway.people.views import import_words as words
from gangway.people.views.imports import has_undo, undo_runs, undo_stands
from gangway.ui import render

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

PARTNERS_SHOWN = 200


def _bring(request: Request, place: Place) -> HttpResponse:
    """Bring people: of one partner, or of every partner that a column names; at the desk of the own team, whatever a
    column says."""
    form = BringForm(partner=request.GET.get("partner", "")[:100])
    if request.method == "POST":
        file = request.FILES.get("file")
        form = BringForm.read(request.POST.dict(), file)
        try:
            return HttpResponseRedirect(_keep(request, place, form, file))
        except Refusal as refusal:
            known = refusal.field in ("partner", "file", "rows")
            field = refusal.field if known and refusal.field else "file" if file else "rows"
            form = replace(form, errors={field: explain(refusal)})
    who = request.principal
    with scopes.one(who.partner_id):
        lately = brought_lately(place=place.shell, by=who.person_id)
    context = {
        "form": form,
        "place": place,
        "columns": [column for column in COLUMNS if place is CONSOLE or column != "partner"],
        "partners": _choices() if place is CONSOLE else None,
        "lately": lately,
        "words": words.state_words(),
        "megabytes": actions.LARGEST // 1024 // 1024,
    }
    return render(request, "people/bring.jinja", context, status=422 if form.errors else 200)


bring = require_http_methods(["GET", "POST"])(placed(_bring, CONSOLE, right=access.BRING_PEOPLE))
bring_team = require_http_methods(["GET", "POST"])(placed(_bring, DESK, right=access.EDIT_TEAM))


def _choices() -> list[tuple[str, str]] | None:
    """The partners a file may be about, in reach; None where they are too many for a list."""
    found = [(row.slug, row.name) for row in list_partners() if row.kind != "host"]
    return [("", gettext("The file says it: column “partner”")), *found] if len(found) <= CHOICES else None


def _keep(request: Request, place: Place, form: BringForm, file: "UploadedFile[Any] | None") -> str:
    """Store what was brought and, where it is small, judge it at once; the address of its page."""
    who, now = request.principal, clock.now()
    target = who.partner_id if place is DESK else _target(form.partner)
    with scopes.one(who.partner_id):
        sheet_id = actions.bring_sheet(
            body=body_of(form, file),
            file_name=form.file_name or PASTED,
            target_id=target,
            place=place.shell,
            brought_by=who.person_id,
            actor=who.actor,
            now=now,
        )
        if find_sheet(sheet_id, place=place.shell).size <= actions.AT_ONCE:
            within = access.BRINGING[place.shell].scope(who)
            actions.check_sheet(sheet_id=sheet_id, within=within, actor=who.actor, now=now)
    return place.url("people:sheet", sheet_id)


def _target(slug: str) -> UUID | None:
    """The partner that was chosen; None: the file says it. Nobody is brought to the host."""
    if not slug:
        return None
    try:
        if (found := get_partner(slug)).kind == "host":
            raise NotFound
    except (NotFound, ValueError) as error:
        raise Invalid(field="partner", problem="There is no such partner.", mend="Choose one of the list.") from error
    return found.id


def _mine(request: Request, place: Place, sheet_id: UUID) -> SheetRow:
    """The file, if it was brought here; in the console by the visitor themselves, since reaches differ."""
    who = request.principal
    with scopes.one(who.partner_id):
        return find_sheet(sheet_id, place=place.shell, by=who.person_id if place is CONSOLE else None)


def _sheet(request: Request, place: Place, sheet_id: UUID) -> HttpResponse:
    """What a file would do, how far its reading is, or what became of it."""
    found = _mine(request, place, sheet_id)
    runs = runs_of(sheet_id)
    at_work = under_way(sheet_id)
    works = found.state in (SheetState.CHECKING, SheetState.READING)
    busy = (works and at_work) or any(run.state == RunState.UNDOING and not undo_stands(run) for run in runs)
    target = partner_by_id(found.target_id) if found.target_id else None
    context = {
        "sheet": found,
        "place": place,
        "runs": runs[:PARTNERS_SHOWN],
        "busy": busy,
        "stopped": works and not at_work,
        "undo_stopped": any(undo_stands(run) for run in runs),
        "undone": bool(runs) and all(run.state == RunState.UNDONE for run in runs),
        "undoable": not busy and any(has_undo(run) for run in runs),
        "target": target,
        "sentence": words.sentence(found, runs),
        "problem": words.problem(found),
        "partner_names": _names(runs[:PARTNERS_SHOWN], target),
        "choices": words.letter_choices(target),
        "words": words.state_words(),
        "press": words.press(found),
        "kinds": _kinds(request, found),
        "n": _page(request),
    }
    response = render(request, "people/sheet.jinja", context)
    if request.headers.get("HX-Request") and not busy:
        response.headers["HX-Refresh"] = "true"  # the work is done: the page is another one now
    return response


sheet = require_GET(placed(_sheet, CONSOLE, right=access.BRING_PEOPLE))
sheet_team = require_GET(placed(_sheet, DESK, right=access.EDIT_TEAM))


def _names(runs: Sequence[ImportRow], target: PartnerRow | None) -> dict[UUID, str]:
    if target is not None:
        return {target.id: target.name}
    return {row.id: row.name for row in list_partners()} if runs else {}


def _kinds(request: Request, found: SheetRow) -> list[words.Kind]:
    """What to show of the rows: the first of each kind, or one page of the kind that was asked for."""
    chosen = request.GET.get("rows", "")
    if chosen in LOOKS:
        rows = look_at(request.principal.partner_id, found.id, LOOKS[chosen], _page(request) - 1)
        return [words.kind(found, chosen, rows, first=(_page(request) - 1) * ROWS_A_PAGE, whole=True)]
    shown = [words.kind(found, result, words.shown(found, kind)) for result, kind in LOOKS.items()]
    return [kind for kind in shown if kind.rows and kind.key != "unchanged"]


def _page(request: Request) -> int:
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdecimal() and 0 < len(asked) < 6 and int(asked) else 1


def _start(request: Request, place: Place, sheet_id: UUID) -> HttpResponse:
    """Bring these people."""
    found = _mine(request, place, sheet_id)
    letters = request.POST.get("letters") == "now"
    with scopes.one(request.principal.partner_id):
        actions.start_sheet(sheet_id=found.id, letters=letters, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:sheet", found.id))


start_sheet = require_POST(placed(_start, CONSOLE, right=access.BRING_PEOPLE))
start_sheet_team = require_POST(placed(_start, DESK, right=access.EDIT_TEAM))


def _go_on(request: Request, place: Place, sheet_id: UUID) -> HttpResponse:
    """Go on with a file whose reading stopped."""
    found = _mine(request, place, sheet_id)
    with scopes.one(request.principal.partner_id):
        actions.go_on(sheet_id=found.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(place.url("people:sheet", found.id))


go_on = require_POST(placed(_go_on, CONSOLE, right=access.BRING_PEOPLE))
go_on_team = require_POST(placed(_go_on, DESK, right=access.EDIT_TEAM))


def _rows(request: Request, place: Place, sheet_id: UUID) -> HttpResponseBase:
    """Every row with what becomes of it, as a file."""
    found = _mine(request, place, sheet_id)
    body = look_of(request.principal.partner_id, found.id)
    response = StreamingHttpResponse(body, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="people-rows.csv"'
    return response


sheet_rows = require_GET(placed(_rows, CONSOLE, right=access.BRING_PEOPLE))
sheet_rows_team = require_GET(placed(_rows, DESK, right=access.EDIT_TEAM))


def _undo(request: Request, place: Place, sheet_id: UUID) -> HttpResponse:
    """Take the import back, at every partner it reached, after one look at what that means."""
    found = _mine(request, place, sheet_id)
    runs = [run for run in runs_of(found.id) if has_undo(run)]
    if request.method == "POST" and runs and not under_way(found.id):
        with scopes.one(request.principal.partner_id):
            actions.stop_sheet(sheet_id=found.id, actor=request.principal.actor, now=clock.now())
    return undo_runs(request, place, runs, found.called, place.url("people:sheet", found.id))


undo_sheet = require_http_methods(["GET", "POST"])(placed(_undo, CONSOLE, right=access.BRING_PEOPLE))
undo_sheet_team = require_http_methods(["GET", "POST"])(placed(_undo, DESK, right=access.EDIT_TEAM))
