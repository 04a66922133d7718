"""The first page of a new installation, for the operator's eyes."""

from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from gangway.identity import actions, queries
from gangway.identity.views.browser import device_of, let_in, page
from gangway.identity.views.doors import VISITOR
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners

FIELDS = ("company", "name", "email")


@require_http_methods(["GET", "HEAD", "POST"])
@route(public="the one-time address of the first person of staff")
def set_up(request: Request, token: str) -> HttpResponse:
    """Who are you, and which company is this?"""
    now = clock.now()
    if not queries.setup_is_open(token, now):
        done = {"state": "set_up", "at": None, "link": "", "can_ask": False, "number": "", "stuck": None}
        return page(request, "closed", done, status=410)
    host = partners.host_partner()
    typed = {field: request.POST.get(field, "") for field in FIELDS}
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        try:
            session = actions.complete_setup(link=token, **typed, device=device_of(request), actor=VISITOR, now=now)
        except Invalid as problem:
            errors.append((problem.field or "name", str(problem)))
        else:
            return let_in(request, session, "/")
    context = {"typed": typed, "errors": errors, "host_name": host.name if host else ""}
    return page(request, "set_up", context, status=400 if errors else 200)
