"""Bring partners: pasted rows or a file, first as what would change, then for good."""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import explain, listing
from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Outcome, Result
from gangway.kernel.web import Request, route
from gangway.partners import access, queries
from gangway.partners.actions import ApplyReport, apply_partners
from gangway.partners.forms import BringForm
from gangway.partners.rules import COLUMNS
from gangway.partners.views.reach import everywhere
from gangway.ui import render

SHOWN = 500  # rows of a diff; the counts always cover all of them
ORDER = (Result.REFUSED, Result.NEW, Result.CHANGED, Result.UNCHANGED)


@require_http_methods(["GET", "POST"])
@route(right=access.BRING_PARTNERS)
def bring(request: Request) -> HttpResponse:
    """Paste or upload → what would change → bring. Nothing is written before the second press."""
    everywhere()
    if request.method == "GET":
        return _page(request, BringForm())
    try:
        form = BringForm.read(request.POST.dict(), request.FILES.dict())
    except Invalid as refusal:
        return _refused(request, BringForm(request.POST.get("rows", "")), refusal)
    try:
        if request.POST.get("do") == "bring":
            return _bring(request, form)
        return _page(request, form, report=_apply(request, form, dry_run=True))
    except Invalid as refusal:
        return _refused(request, form, refusal)


def _bring(request: Request, form: BringForm) -> HttpResponse:
    report = _apply(request, form, dry_run=False)
    if report.run is None:  # nothing to write: everything was so already, or refused
        return _page(request, form, report=report)
    return HttpResponseRedirect(reverse("partners:run", args=[report.run]))


def _apply(request: Request, form: BringForm, *, dry_run: bool) -> ApplyReport:
    content = form.content()
    return apply_partners(
        rows=content.rows,
        types=content.types,
        tiers=content.tiers,
        host_name=settings.ENV.host_name,
        source=form.source,
        dry_run=dry_run,
        actor=request.principal.actor,
        now=clock.now(),
    )


def _refused(request: Request, form: BringForm, refusal: Invalid) -> HttpResponse:
    place = "file" if form.source or request.FILES else "rows"
    return _page(request, form, errors={place: explain(refusal)}, status=422)


def _page(
    request: Request,
    form: BringForm,
    *,
    report: ApplyReport | None = None,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "errors": errors or {},
        "report": report,
        "sentence": _sentence(report) if report else _before(),
        "writes": report.count(Result.NEW) + report.count(Result.CHANGED) if report else 0,
        "refused": report.count(Result.REFUSED) if report else 0,
        "groups": _groups(report.outcomes) if report else (),
        "left_out": max(len(report.outcomes) - SHOWN, 0) if report else 0,
        "columns": ", ".join(COLUMNS),
        "types": queries.types(),
        "tiers": queries.tiers(),
        "runs": queries.runs(limit=5),
    }
    return render(request, "partners/bring.jinja", context, status=status)


def _groups(outcomes: Sequence[Outcome]) -> list[tuple[str, int, list[Outcome]]]:
    """What becomes of rows, of how many, and the rows: those that need a human first."""
    kept = sorted(outcomes, key=lambda outcome: (ORDER.index(outcome.result), outcome.line))[:SHOWN]
    counts = Counter(outcome.result for outcome in outcomes)
    return [
        (str(result), counts[result], list(rows)) for result, rows in groupby(kept, key=lambda outcome: outcome.result)
    ]


def _before() -> str:
    n = len(queries.partner_ids())
    words = ngettext("%(n)s partner is here.", "%(n)s partners are here.", n) % {"n": n}
    return f"{words} {gettext('Copy the rows of your sheet with their head, and paste them below.')}"


def _sentence(report: ApplyReport) -> str:
    counts = {str(result): report.count(result) for result in Result}
    said = [
        (counts["new"], ngettext("%(n)s partner is new", "%(n)s partners are new", counts["new"])),
        (counts["changed"], ngettext("%(n)s changes", "%(n)s change", counts["changed"])),
        (counts["unchanged"], ngettext("%(n)s stays as it is", "%(n)s stay as they are", counts["unchanged"])),
        (counts["refused"], ngettext("%(n)s is refused", "%(n)s are refused", counts["refused"])),
    ]
    parts = [words % {"n": n} for n, words in said if n] or [gettext("There are no rows in it")]
    return (
        gettext("%(parts)s. Nothing is written yet.") % {"parts": listing(parts)}
        if report.dry_run
        else (gettext("%(parts)s. Nothing had to be written.") % {"parts": listing(parts)})
    )
