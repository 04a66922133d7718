"""C5 gates: go, extend or hold; and the kickoff, who attended."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, actions, queries
from gangway.rollout.plans.rules.raci import Letter
from gangway.rollout.plans.views.plan import at_host, running, writing
from gangway.ui import render


@require_GET
@route(right=access.SEE_PLAN)
def gates(request: Request) -> HttpResponse:
    """Each gate with its rule, what the evidence says, what is missing, and what was decided."""
    return _gates(request)


@require_POST
@route(right=access.DECIDE)
def decide(request: Request, gate: str) -> HttpResponse:
    """The accountable person decides."""
    choice, reason = request.POST.get("choice", ""), request.POST.get("reason", "")
    try:
        with writing(request) as at:
            actions.decide_gate(
                plan_id=at.plan.id,
                gate=gate,
                choice=choice,
                reason=reason,
                actor=request.principal.actor,
                now=at.now,
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _gates(request, refusal=refusal, at_gate=gate, typed={"choice": choice, "reason": reason})
    return redirect("plans:gates")


@require_http_methods(["GET", "POST"])
@route(right=access.CONFIRM_KICKOFF)
def kickoff(request: Request) -> HttpResponse:
    """Agenda, who confirmed, and one button: I was there."""
    if request.method == "POST":
        with writing(request) as at:
            actions.confirm_attendance(plan_id=at.plan.id, actor=request.principal.actor, now=at.now)
        return redirect("plans:kickoff")
    with at_host(request):
        plan = running()
        present = queries.attendance(plan.id)
        raci = queries.raci(plan.id)
        row = queries.milestone(plan.id, "kickoff") if _has_kickoff(plan) else None
    accountable = {cell.person_id for line in raci for cell in line.of(Letter.ACCOUNTABLE) if cell.person_id}
    return render(
        request,
        "plans/kickoff.jinja",
        {
            "plan": plan,
            "row": row,
            "present": present,
            "accountable": accountable,
            "raci": raci,
            "mine": request.principal.person_id in {line.person_id for line in present},
            "ahead": plan.today(clock.now()) < plan.kickoff_on,
        },
    )


def _has_kickoff(plan: queries.PlanRow) -> bool:
    return any(line.key == "kickoff" for line in plan.template.milestones)


def _gates(
    request: Request, refusal: Refusal | None = None, at_gate: str = "", typed: dict[str, str] | None = None
) -> HttpResponse:
    now = clock.now()
    with at_host(request):
        plan = running()
        every = queries.milestones(plan.id)
        rows = queries.gates(plan, {row.key: row.state for row in every})
        raci = {row.key: row for row in queries.raci(plan.id)}
    today = plan.today(now)
    context = {
        "plan": plan,
        "gates": rows,
        "milestones": {row.key: row for row in every},
        "raci": raci,
        "next": next((row for row in rows if row.decision is None or row.decision.choice != "go"), None),
        "today": today,
        "deciding": {row.line.key for row in rows if _answers(raci.get(row.line.accountable), request)},
        "refusal": refusal,
        "at_gate": at_gate,
        "typed": typed or {},
    }
    return render(request, "plans/gates.jinja", context, status=refusal.status if refusal else 200)


def _answers(row: queries.RaciRowRow | None, request: Request) -> bool:
    """Whether the reader holds the A of this row."""
    return row is not None and request.principal.person_id in {cell.person_id for cell in row.of(Letter.ACCOUNTABLE)}
