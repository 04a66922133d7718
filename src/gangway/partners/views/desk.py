"""What a partner admin sets for the own company."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import access, queries
from gangway.partners.actions import limit_sessions
from gangway.partners.rules import MOST_SESSION_HOURS
from gangway.ui import render


@require_http_methods(["GET", "POST"])
@route(right=access.EDIT_OWN_PARTNER)
def signing_in(request: Request) -> HttpResponse:
    """How long colleagues stay signed in."""
    own = request.principal.partner_id
    error = ""
    if request.method == "POST":
        try:
            with scopes.one(own):
                limit_sessions(hours=request.POST.get("hours", ""), actor=request.principal.actor, now=clock.now())
            return HttpResponseRedirect(f"{reverse('partners:signing_in')}?saved=1")
        except Invalid as refusal:
            error = explain(refusal)
    hours = queries.session_hours(own)
    context = {
        "hours": request.POST.get("hours", "") if error else str(hours or ""),
        "error": error,
        "saved": "saved" in request.GET,
        "sentence": _sentence(hours or MOST_SESSION_HOURS),
        "most": MOST_SESSION_HOURS,
    }
    return render(request, "partners/signing_in.jinja", context, status=422 if error else 200)


def _sentence(hours: int) -> str:
    if hours % 24 == 0 and hours > 24:
        return gettext("Your colleagues stay signed in for %(n)s days on their own device.") % {"n": hours // 24}
    return gettext("Your colleagues stay signed in for %(n)s hours on their own device.") % {"n": hours}
