"""Files of partners that were brought: who, when, what; and taking one back."""

from collections.abc import Iterable
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import listing
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.partners.access import BRING_PARTNERS
from gangway.partners.actions import UndoReport, undo_run
from gangway.partners.queries import RunRow
from gangway.people import queries as people
from gangway.ui import render

LATEST = 50


@require_GET
@route(right=BRING_PARTNERS)
def runs(request: Request) -> HttpResponse:
    """Every file that wrote something, youngest first."""
    _everywhere()
    found = partners.runs(limit=LATEST)
    words = ngettext("%(n)s file was brought.", "%(n)s files were brought.", len(found)) % {"n": len(found)}
    context = {
        "runs": found,
        "names": _names(found),
        "sentence": words if found else gettext("Nothing was brought yet."),
    }
    return render(request, "portal/partners/runs.jinja", context)


@require_GET
@route(right=BRING_PARTNERS)
def run(request: Request, run_id: UUID) -> HttpResponse:
    """What one file did, and what of it stands."""
    _everywhere()
    found = partners.run(run_id)
    partly = bool(found.undone_at and found.left)
    context = {
        "run": found,
        "who": _names([found]).get(found.actor_id, ""),
        "rows": partners.rows_of_run(run_id)[::-1][:500],
        "stays": _rehearsed(request, run_id).outcomes if partly else (),
        "sentence": _run_sentence(found),
    }
    return render(request, "portal/partners/run.jinja", context)


@require_http_methods(["GET", "POST"])
@route(right=BRING_PARTNERS)
def undo(request: Request, run_id: UUID) -> HttpResponse:
    """What taking the file back would do; a press does it."""
    _everywhere()
    found = partners.run(run_id)
    if request.method == "POST":
        done = undo_run(run_id=run_id, actor=request.principal.actor, now=clock.now())
        nothing = all(outcome.result == "stays" for outcome in done.outcomes)
        return HttpResponseRedirect(reverse("partners:undo" if nothing else "partners:run", args=[run_id]))
    report = _rehearsed(request, run_id)
    context = {"run": found, "report": report, "sentence": _undo_sentence(report)}
    return render(request, "portal/partners/undo.jinja", context)


def _everywhere() -> None:
    """Files reach every partner; whoever reaches only some finds none here."""
    if scopes.required().mode is not scopes.Mode.HOST:
        raise NotFound


def _rehearsed(request: Request, run_id: UUID) -> UndoReport:
    return undo_run(run_id=run_id, dry_run=True, actor=request.principal.actor, now=clock.now())


def _names(found: Iterable[RunRow]) -> dict[str, str]:
    """Actor id → name of the people who brought them."""
    ids = [UUID(row.actor_id) for row in found if row.actor_kind == "person"]
    return {str(person_id): name for person_id, name in people.names(ids).items()}


def _run_sentence(found: RunRow) -> str:
    if found.undone_at and not found.left:
        return gettext("Everything this file brought was taken back.")
    said = [
        (found.new, ngettext("%(n)s new", "%(n)s new", found.new)),
        (found.changed, ngettext("%(n)s changed", "%(n)s changed", found.changed)),
        (found.unchanged, ngettext("%(n)s unchanged", "%(n)s unchanged", found.unchanged)),
        (found.refused, ngettext("%(n)s refused", "%(n)s refused", found.refused)),
    ]
    parts = [words % {"n": n} for n, words in said if n] or [gettext("There are no rows in it")]
    words = gettext("%(parts)s.") % {"parts": listing(parts)}
    if found.undone_at:
        more = ngettext(
            "It was taken back, but for %(n)s row that was left standing.",
            "It was taken back, but for %(n)s rows that were left standing.",
            found.left,
        )
        return f"{words} {more % {'n': found.left}}"
    return words if found.finished_at else f"{words} {gettext('It was stopped on the way; bring the same file again.')}"


def _undo_sentence(report: UndoReport) -> str:
    gone, back, stays = (report.count(result) for result in ("removed", "restored", "stays"))
    said = [
        (gone, ngettext("%(n)s is removed", "%(n)s are removed", gone)),
        (back, ngettext("%(n)s goes back to what it was", "%(n)s go back to what they were", back)),
        (stays, ngettext("%(n)s stays as it is", "%(n)s stay as they are", stays)),
    ]
    parts = [words % {"n": n} for n, words in said if n] or [gettext("Nothing has to be taken back")]
    return gettext("%(parts)s.") % {"parts": listing(parts)}
