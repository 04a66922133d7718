"""The console's page of the vendor's own portal: what it is, what it signs with, what came to nothing."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from gangway.identity import actions, handover, queries
from gangway.identity.access import SET_PORTAL
from gangway.identity.queries import PortalKeyRow, PortalRow
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.handover import NotHanded
from gangway.identity.views.browser import page
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.ui import words


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=SET_PORTAL)
def vendor_portal(request: Request) -> HttpResponse:
    """How people come in from the vendor's own portal."""
    if request.method != "POST":
        return _page(request)
    try:
        return _do(request)
    except NotFound:
        raise
    except Refusal as refusal:
        return _page(request, error=explain(refusal), field=refusal.field or "", status=422)


def _do(request: Request) -> HttpResponse:
    """One of the presses: save, add a key, close one, open, turn off, look at a token."""
    told: dict[str, Any] = {"actor": request.principal.actor, "now": clock.now()}
    post, do = request.POST, request.POST.get("do", "")
    with scopes.one(request.principal.partner_id):
        match do:
            case "set":
                told |= {name: post.get(name, "").strip() for name in ("name", "issuer", "start_url")}
                actions.set_portal(**told)
            case "add_key":
                for key in handover.read_keys(post.get("key", "")):
                    actions.add_portal_key(key=key, **told)
            case "close_key":
                actions.close_portal_key(kid=post.get("kid", ""), **told)
            case "open" | "off":
                state = ConnectionState.ACTIVE if do == "open" else ConnectionState.OFF
                actions.set_portal_state(state=state, **told)
            case "look":
                return _page(request, looked=_look(post.get("token", "").strip()))
            case _:
                raise NotFound
    return HttpResponseRedirect(f"{reverse('identity:vendor_portal')}?done={do}")


def _look(token: str) -> tuple[bool, str]:
    """Whether a token would be believed, and why not; nothing is kept of it and nobody comes in."""
    portal = queries.vendor_portal()
    if portal is None:
        raise NotFound
    try:
        found = handover.verified(token, portal, queries.portal_keys(portal.id), clock.now())
    except NotHanded as reason:
        return False, f"{reason.reason.value}: {reason.detail}"
    return True, f"{found.handed.partner} · {found.handed.subject}"


def _page(
    request: Request,
    *,
    error: str = "",
    field: str = "",
    looked: tuple[bool, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    row, now = queries.vendor_portal(), clock.now()
    keys = queries.portal_keys(row.id) if row else ()
    context = {
        "row": row,
        "sentence": _sentence(row, keys),
        "light": _light(row),
        "keys": [(key, key.soon(now)) for key in keys],
        "failures": queries.portal_failures(),
        "told": {
            "name": request.POST.get("name", row.name if row else ""),
            "issuer": request.POST.get("issuer", row.issuer if row else ""),
            "start_url": request.POST.get("start_url", row.start_url if row else ""),
        },
        "error": error,
        "field": field,
        "looked": looked,
        "done": request.GET.get("done", ""),
    }
    return page(request, "vendor_portal", context, status=status)


def _sentence(row: PortalRow | None, keys: tuple[PortalKeyRow, ...]) -> str:
    if row is None:
        return _("People may come in from your own portal, without a code. It takes one page there and one key here.")
    if row.state is not ConnectionState.ACTIVE:
        return _("Nobody comes in by it.")
    used = max((key.used_at for key in keys if key.used_at), default=None)
    if used is None:
        return _("It is open, and nobody has come in by it yet.")
    return _("Somebody last came from there %(moment)s.") % {"moment": words.moment(used).striptags()}


def _light(row: PortalRow | None) -> tuple[str, str]:
    match row.state if row else None:
        case ConnectionState.ACTIVE:
            return "proven", _("open")
        case ConnectionState.OFF:
            return "failed", _("off")
        case _:
            return "unproven", _("being set up")
