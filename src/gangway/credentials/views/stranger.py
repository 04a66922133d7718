"""P11: is it genuine? Anybody who holds a number may ask; the page names the holder only where they agreed."""

import segno
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe
from markupsafe import Markup

from gangway.credentials import queries
from gangway.credentials.queries import REASON_WORDS
from gangway.credentials.rules import read_number
from gangway.credentials.views.holder import verify_address
from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.ui import render


@require_safe
@route(public="a stranger who holds a certificate checks its number")
def verify(request: Request, number: str) -> HttpResponse:
    """What is true of this number now. An unknown one is a 404 that says so."""
    written = read_number(number)
    if written is not None and written != number:
        return HttpResponseRedirect(reverse("credentials:verify", args=[written]))
    try:
        found = queries.verify(number, clock.now())
    except NotFound:
        return _private(render(request, "credentials/unknown.jinja", {"number": number[:40]}, status=404))
    reason = found.award.revoke_reason
    context = {
        "award": found.award,
        "name": found.name,
        "renewed": found.renewed,
        "reason": gettext(REASON_WORDS[reason]) if reason else "",
        "address": verify_address(found.award.number),
        "qr": _qr(verify_address(found.award.number)),
    }
    return _private(render(request, "credentials/verify.jinja", context))


@require_safe
@route(public="a stranger types the number that stands on a certificate")
def ask(request: Request) -> HttpResponse:
    """A field for the number."""
    typed = request.GET.get("number", "").strip()[:64]
    written = read_number(typed)
    if written is not None:
        return HttpResponseRedirect(reverse("credentials:verify", args=[written]))
    return render(request, "credentials/ask.jinja", {"number": typed})


def _qr(address: str) -> Markup:
    """The address as a drawing inside the page; dark on light in every theme, because readers expect it so."""
    code = segno.make(address, error="m")
    return Markup(code.svg_inline(scale=4, border=3, dark="#000", light="#fff", lineclass=None, svgclass=None))  # noqa: S704  made of modules, no text


def _private(response: HttpResponse) -> HttpResponse:
    """Not for search engines, and always asked for anew: it may be revoked a minute later."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    return response
