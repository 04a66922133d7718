"""Documents to take along: RACI, plan, checklist, launch letter; as pages, Markdown and CSV."""

from django.conf import settings
from django.http import HttpResponse

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, queries
from gangway.rollout.plans.queries import documents
from gangway.rollout.plans.rules.raci import complaints
from gangway.rollout.plans.rules.slip import slip_of
from gangway.rollout.plans.rules.state import count
from gangway.rollout.plans.views.plan import at_host, owners, raci_of, running
from gangway.ui import render

KINDS = {
    "md": ("text/markdown; charset=utf-8", documents.as_markdown),
    "csv": ("text/csv; charset=utf-8", documents.as_csv),
}


@route(right=access.SEE_PLAN)
def checklist(request: Request) -> HttpResponse:
    """The final checklist: what is proven, what somebody vouches for, what is open."""
    with at_host(request):
        plan = running()
        lines = [row for row in queries.milestones(plan.id) if row.is_check]
    text = documents.as_markdown(documents.checklist_document(plan, lines))
    context = {"plan": plan, "lines": lines, "counts": count(row.state for row in lines), "text": text}
    return render(request, "plans/checklist.jinja", context)


@route(right=access.SEE_PLAN)
def letter(request: Request) -> HttpResponse:
    """The launch letter, ready to copy."""
    found = _document(request, "letter")
    return render(request, "plans/letter.jinja", {"document": found, "text": documents.as_markdown(found)})


@route(right=access.SEE_PLAN)
def document(request: Request, key: str, kind: str) -> HttpResponse:
    """A document as a file."""
    if kind not in KINDS:
        raise NotFound()
    found = _document(request, key)
    content_type, write = KINDS[kind]
    response = HttpResponse(write(found), content_type=content_type)
    response["Content-Disposition"] = f'attachment; filename="gangway-{found.key}.{kind}"'
    return response


def _document(request: Request, key: str) -> documents.Document:
    with at_host(request):
        plan = running()
        every = queries.milestones(plan.id)
    if key == "letter":
        return documents.letter_document(
            plan.template.letter, address=settings.BASE_URL, team=request.principal.partner_name
        )
    if key == "raci":
        rows = raci_of(request, plan)
        return documents.raci_document(plan, rows, [found.words for found in complaints(queries.matrix(rows))])
    if key == "checklist":
        return documents.checklist_document(plan, every)
    if key == "plan":
        slip = slip_of(queries.tasks(every), clock.now())
        return documents.plan_document(plan, every, owners(raci_of(request, plan)), slip.words)
    raise NotFound()
