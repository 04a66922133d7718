"""Start a plan; have it looked at now."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, Refusal
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, actions, queries
from gangway.rollout.plans.views.plan import at_host
from gangway.ui import render


@require_http_methods(["GET", "POST"])
@route(right=access.SEE_PLAN)
def new_plan(request: Request) -> HttpResponse:
    """No plan runs yet: what it will look like, and the two answers it needs."""
    with at_host(request):
        if queries.current_plan() is not None:
            return redirect("plans:week")
    may_start = access.START_PLAN.allows(request.principal)
    if request.method == "POST" and may_start:
        try:
            _start(request)
        except Refusal as refusal:
            return _page(request, may_start, refusal)
        return redirect("plans:week")
    return _page(request, may_start)


@require_POST
@route(right=access.EVALUATE)
def evaluate(request: Request) -> HttpResponse:
    """Ask every criterion now."""
    actions.evaluate_plan(actor=request.principal.actor, now=clock.now())
    return redirect("plans:week")


def _start(request: Request) -> None:
    now = clock.now()
    with at_host(request):
        actions.new_plan(
            definition=queries.shipped_template("essential"),
            kickoff_on=_day(request.POST.get("kickoff_on", "")),
            zone=request.POST.get("zone", ""),
            actor=request.principal.actor,
            now=now,
        )
    actions.evaluate_plan(actor=Actor.job("plans.new"), now=now)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Invalid(
            field="kickoff_on", problem="“{text}” is no day.", mend="Write it as 2026-03-02.", text=text[:20]
        ) from wrong


def _page(request: Request, may_start: bool, refusal: Refusal | None = None) -> HttpResponse:
    typed = {"kickoff_on": request.POST.get("kickoff_on", ""), "zone": request.POST.get("zone", request.principal.zone)}
    context = {"may_start": may_start, "refusal": refusal, "typed": typed}
    return render(request, "plans/new.jinja", context, status=refusal.status if refusal else 200)
