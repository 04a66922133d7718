"""C4: why is it (not) green? And vouching for it."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, actions, queries
from gangway.rollout.plans.rules.template import TRACK_WORDS, Track
from gangway.rollout.plans.rules.why import RESULT_WORDS
from gangway.rollout.plans.views.plan import at_host, owners, raci_of, running, writing
from gangway.ui import render


@require_GET
@route(right=access.SEE_PLAN)
def milestone(request: Request, key: str) -> HttpResponse:
    """The criteria in words, what was seen, as of when, what would break it, and the history."""
    return _page(request, key)


@require_POST
@route(right=access.ATTEST)
def attest(request: Request, key: str) -> HttpResponse:
    """Vouch for a milestone; what was typed stays when it is refused."""
    reason = request.POST.get("reason", "")
    try:
        with writing(request) as at:
            actions.attest(plan_id=at.plan.id, key=key, reason=reason, actor=request.principal.actor, now=at.now)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, key, refusal=refusal, reason=reason)
    return redirect("plans:milestone", key=key)


@require_POST
@route(right=access.ATTEST)
def withdraw(request: Request, key: str) -> HttpResponse:
    """Take a word back."""
    with writing(request) as at:
        actions.withdraw(plan_id=at.plan.id, key=key, actor=request.principal.actor, now=at.now)
    return redirect("plans:milestone", key=key)


def _page(request: Request, key: str, refusal: Refusal | None = None, reason: str = "") -> HttpResponse:
    with at_host(request):
        plan = running()
        row = queries.milestone(plan.id, key)
        history = queries.history(row.id)
    context = {
        "plan": plan,
        "row": row,
        "now": clock.now(),
        "track": TRACK_WORDS[Track(row.track)],
        "result_words": RESULT_WORDS,
        "may_attest": row.may_attest and not row.state.closed and access.ATTEST.allows(request.principal),
        "may_withdraw": row.attestation is not None and access.ATTEST.allows(request.principal),
        "refusal": refusal,
        "reason": reason,
        "history": history,
        "owners": owners(raci_of(request, plan)),
    }
    return render(request, "plans/milestone.jinja", context, status=refusal.status if refusal else 200)
