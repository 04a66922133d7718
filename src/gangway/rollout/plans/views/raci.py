"""The RACI matrix with its complaints."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_POST

from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.people import queries as people
from gangway.rollout.plans import access, actions, queries
from gangway.rollout.plans.queries import documents
from gangway.rollout.plans.rules.raci import Holder, Letter, complaints
from gangway.rollout.plans.views.plan import at_host, raci_of, running, writing
from gangway.ui import render


@require_GET
@route(right=access.SEE_PLAN)
def raci(request: Request) -> HttpResponse:
    """Rows, cells, what is wrong, what is contested."""
    return _page(request)


@require_POST
@route(right=access.EDIT_RACI)
def set_cell(request: Request) -> HttpResponse:
    """Put somebody into a cell: a person by mailbox, a job or a group by its name."""
    typed = {name: request.POST.get(name, "") for name in ("row", "letter", "kind", "who")}
    try:
        holder = _holder(typed["kind"], typed["who"], request)
        with writing(request) as at:
            actions.set_raci_cell(
                plan_id=at.plan.id,
                row_key=typed["row"],
                letter=typed["letter"],
                **holder,
                actor=request.principal.actor,
                now=at.now,
            )
    except Refusal as refusal:
        return _page(request, refusal, typed)
    return redirect("plans:raci")


@require_POST
@route(right=access.EDIT_RACI)
def remove_cell(request: Request, cell_id: UUID) -> HttpResponse:
    """Take somebody out of a cell."""
    with writing(request) as at:
        actions.remove_raci_cell(plan_id=at.plan.id, cell_id=cell_id, actor=request.principal.actor, now=at.now)
    return redirect("plans:raci")


@require_POST
@route(right=access.CONTEST_RACI)
def contest(request: Request, row: str) -> HttpResponse:
    """Say that a line is wrong."""
    reason = request.POST.get("reason", "")
    try:
        with writing(request) as at:
            actions.contest_row(
                plan_id=at.plan.id, row_key=row, reason=reason, actor=request.principal.actor, now=at.now
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, refusal, {"contested": row, "reason": reason})
    return redirect("plans:raci")


@require_POST
@route(right=access.EDIT_RACI)
def settle(request: Request, contest_id: UUID) -> HttpResponse:
    """Decide a contested line."""
    decision = request.POST.get("decision", "")
    try:
        with writing(request) as at:
            actions.settle_contest(
                plan_id=at.plan.id,
                contest_id=contest_id,
                decision=decision,
                actor=request.principal.actor,
                now=at.now,
            )
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, refusal, {"settled": str(contest_id), "decision": decision})
    return redirect("plans:raci")


def _holder(kind: str, who: str, request: Request) -> dict[str, Any]:
    """The action's parameters for what was typed. A person is read inside what the reader may see."""
    if kind != "person":
        return {"holder": kind if kind in (Holder.JOB, Holder.GROUP) else "", "label": who}
    found = [pair for pair in people.persons_of_mailbox(who) if _visible(pair[1])]
    own = [pair for pair in found if pair[0] == request.principal.partner_id]
    if own:
        return {"holder": Holder.STAFF, "person_id": own[0][1]}
    if len(found) > 1:
        raise Invalid(field="who", problem="This mailbox has accounts at several partners.", mend="Name another one.")
    if not found:
        raise Invalid(
            field="who", problem="Nobody you can see has this mailbox.", mend="Invite them first, or name a job."
        )
    return {"holder": Holder.CONTACT, "contact_partner_id": found[0][0], "person_id": found[0][1]}


def _visible(person_id: UUID) -> bool:
    try:
        people.person(person_id)
    except NotFound:
        return False
    return True


def _page(request: Request, refusal: Refusal | None = None, typed: dict[str, str] | None = None) -> HttpResponse:
    with at_host(request):
        plan = running()
    rows = raci_of(request, plan)
    wrong = complaints(queries.matrix(rows))
    context = {
        "plan": plan,
        "rows": rows,
        "text": documents.as_markdown(documents.raci_document(plan, rows, [found.words for found in wrong])),
        "row_options": [(row.key, row.title) for row in rows],
        "letters": list(Letter),
        "complaints": wrong,
        "may_edit": access.EDIT_RACI.allows(request.principal),
        "refusal": refusal,
        "typed": typed or {},
    }
    return render(request, "plans/raci.jinja", context, status=refusal.status if refusal else 200)
