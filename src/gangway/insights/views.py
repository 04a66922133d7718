"""C14: what changed, is it real? Sentences first, the funnel and the cohorts with n below."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from gangway.insights import access, queries
from gangway.insights.actions import set_baseline
from gangway.insights.forms import BaselineForm
from gangway.insights.queries import VERDICT_WORDS, Figures, KpiRow, Verdict
from gangway.kernel import clock
from gangway.kernel.language import clauses, explain, say
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.ui import render
from gangway.ui.words import percent

COHORTS_SHOWN = 12
SHAPES = {
    Verdict.MET: "proven",
    Verdict.ON_TRACK: "unproven",
    Verdict.AT_RISK: "failed",
    Verdict.NOT_MEASURABLE: "unmeasurable",
}


@require_GET
@route(right=access.SEE_FIGURES)
def figures(request: Request) -> HttpResponse:
    """The figures of the partners the visitor reaches."""
    return _page(request, {})


@require_POST
@route(right=access.SET_BASELINE)
def baseline(request: Request) -> HttpResponse:
    """Record what a KPI was before the programme; it speaks of everybody, so it is kept at the host."""
    try:
        form = BaselineForm.read(request.POST)
        with scopes.one(request.principal.partner_id):
            set_baseline(
                kpi_key=form.kpi,
                value=form.value,
                taken_on=form.taken_on,
                source=form.source,
                actor=request.principal.actor,
                now=clock.now(),
            )
    except Invalid as refusal:
        return _page(request, {"typed": request.POST, "errors": {refusal.field: explain(refusal)}}, 400)
    return HttpResponseRedirect(reverse("insights:figures") + "#baselines")


def _page(request: Request, form: dict[str, Any], status: int = 200) -> HttpResponse:
    found = queries.figures(clock.now())
    context = {
        "sentence": _sentence(found),
        "figures": found,
        "kpis": [_said(row) for row in found.kpis],
        "funnel": _funnel(found),
        "cohorts": found.cohorts[:COHORTS_SHOWN],
        "older": max(0, len(found.cohorts) - COHORTS_SHOWN),
        "partners": _partners(),
        "choices": [(kpi.key, gettext(kpi.title)) for kpi in queries.KPIS],
        "may_set": access.SET_BASELINE.allows(request.principal),
        "typed": {},
        "errors": {},
        **form,
    }
    return render(request, "insights/figures.jinja", context, status=status)


def _sentence(found: Figures) -> str:
    """Who came in and who did not, as one sentence."""
    return gettext("%(parts)s.") % {"parts": clauses([say(part) for part in found.funnel_parts]).rstrip(".")}


def _said(row: KpiRow) -> dict[str, Any]:
    """A KPI in words. A value without a target has no state."""
    return {
        "title": gettext(row.kpi.title),
        "words": gettext(row.kpi.words),
        "sentence": say(row.sentence),
        "state": SHAPES[row.verdict] if row.verdict else "",
        "verdict": say(VERDICT_WORDS[row.verdict]) if row.verdict else "",
        "target": _percent(row.kpi.target) if row.kpi.target is not None else "",
        "low": row.interval.low if row.interval and row.kpi.unit == "share" else None,
        "high": row.interval.high if row.interval and row.kpi.unit == "share" else None,
        "value": row.value if row.kpi.unit == "share" else None,
        "row": row,
        "baseline": _baseline(row),
    }


def _baseline(row: KpiRow) -> str:
    known = row.baseline
    if known is None:
        return ""
    return _percent(known.value) if row.kpi.unit == "share" else say(said("{n} day", "{n} days", n=round(known.value)))


def _percent(share: float) -> str:
    return percent(share)


def _funnel(found: Figures) -> list[tuple[str, int]]:
    funnel = found.funnel
    sent = [(gettext("Mail taken by their server"), funnel.sent)] if funnel.sent else []
    return [
        (gettext("Invited"), funnel.invited),
        *sent,
        (gettext("Came in"), funnel.came_in),
        (gettext("Started learning"), funnel.started),
        (gettext("Completed a required course"), funnel.completed),
        (gettext("Certified"), funnel.certified),
    ]


def _partners() -> list[tuple[str, Any]]:
    """(name, funnel) of every partner in scope that invited somebody, the least active first; at most thirty."""
    funnels = queries.funnels_of_partners()
    names = {partner.id: partner.name for partner in partners.list_partners()}
    rows = sorted(funnels.items(), key=lambda item: (item[1].came_in / item[1].invited, names[item[0]]))
    return [(names[partner_id], funnel) for partner_id, funnel in rows[:30]]
