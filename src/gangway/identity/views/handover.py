"""The vendor's own portal hands somebody over: the browser leaves with a nonce, and comes back with a signed token.

The portal makes the browser post the token from another site, and such a POST brings no cookie of ours. So it only
leaves the token here and is sent on to a page of ours; the cookie comes with that, and there the session begins, in the
browser that was sent and in no other. A token that answers nothing begins a hand-over of its own; a link signs nobody
in.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from gangway.identity import actions, handover, queries
from gangway.identity.queries import PortalRow
from gangway.identity.rules import Step, shown_number
from gangway.identity.rules.handover import CIRCLES, START_LIFE, NotHanded, PortalReason, own_page
from gangway.identity.views.browser import AskedFor, device_of, keep, let_in, own, page, remember, session_cookie
from gangway.kernel import clock, secrets
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.web import Request, route

VISITOR = Actor(ActorKind.LINK, "vendor's portal", "web")
TRAVELLER = "gangway_handover"
SECONDS = int(START_LIFE.total_seconds())


def _traveller(request: HttpRequest) -> str:
    return request.COOKIES.get(TRAVELLER, "")[:64]


@require_safe
@route(public="the way to the vendor's own portal")
def start_handover(request: Request) -> HttpResponse:
    """Send the browser to the portal, with what its token must say."""
    portal, now = queries.open_portal(), clock.now()
    traveller = _traveller(request) or secrets.token()  # who comes in in two windows is one browser
    return_to = own_page(request.GET.get("return_to"))
    if queries.started_lately(traveller, now) >= CIRCLES:
        return _failed(request, portal, PortalReason.CIRCLES)
    nonce = actions.start_handover(browser=traveller, next_path=return_to, actor=VISITOR, now=now)
    parts = urlsplit(portal.start_url)
    asked = urlencode({"nonce": nonce, "return_to": return_to})
    away = urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, asked])), fragment=""))
    response = HttpResponseRedirect(away)
    keep(response, TRAVELLER, traveller, path="/handover", max_age=SECONDS)
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # a form of the portal, on its site; what it holds is signed, and answers a start of ours
@require_http_methods(["GET", "HEAD", "POST"])
@route(public="where the vendor's own portal posts its token")
def hand_over(request: Request) -> HttpResponse:
    """Keep what the token says, or why it proves nothing, for the browser that was sent.

    A link (GET), and a token that answers no start of ours, begin a hand-over; what they carried is not looked at.
    """
    portal, now = queries.open_portal(), clock.now()
    if request.method != "POST":
        return _start(request.GET.get("return_to"))
    token = request.POST.get("token", "")
    try:
        found = handover.verified(token, portal, queries.portal_keys(portal.id), now)
        if not queries.was_sent(found.handed.nonce):
            return _start(found.handed.return_to)
        handle = actions.take_handover(handed=found.handed, kid=found.kid, actor=VISITOR, now=now)
    except actions.HandedBefore:
        return _failed(request, portal, PortalReason.REPLAYED)
    except NotHanded as reason:
        handle = actions.refuse_handover(nonce=handover.nonce_of(token), found=reason, actor=VISITOR, now=now)
        if not handle:
            return _start(request.POST.get("return_to"))
    return _see_other(f"{reverse('identity:handover_arrive')}?{urlencode({'answer': handle})}")


@require_safe
@route(public="where a browser fetches what the vendor's own portal sent")
def handover_arrive(request: Request) -> HttpResponse:
    """In, for the browser that was sent; for any other, or too late, a hand-over of its own."""
    portal, now = queries.open_portal(), clock.now()
    handle = request.GET.get("answer", "")[:200]
    found = actions.fetch_handover(handle=handle, browser=_traveller(request), actor=VISITOR, now=now)
    if found is None and _traveller(request):
        return _start(None)
    if found is None:  # it keeps no cookies: sent once more, it would come back the same
        return _failed(request, portal, PortalReason.BROWSER)
    if found.handed is None:
        assert found.reason is not None
        return _failed(request, portal, found.reason, found.detail, found.next_path)
    browser = secrets.token()
    done = actions.enter_by_portal(
        handed=found.handed,
        browser=browser,
        next_path=found.next_path,
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=now,
    )
    if done.session is not None:
        return let_in(request, done.session, found.next_path)
    if done.asks_factor:
        return own(HttpResponseRedirect(reverse("identity:factor")), browser)
    if done.proving:
        asked = AskedFor(shown=done.proving, next_path=found.next_path)
        return remember(HttpResponseRedirect(reverse("identity:code")), browser, asked)
    assert done.step is not None
    return _stuck(request, portal, done.step, done.number, found.next_path)


def _failed(
    request: Request, portal: PortalRow, reason: PortalReason, detail: str = "", next_path: str = "/"
) -> HttpResponse:
    """It proved nothing: kept for those who help, and shown with its number and the way on."""
    number = actions.note_handover_failure(reason=reason, detail=detail, actor=VISITOR, now=clock.now())
    return _stuck(request, portal, Step.PORTAL_FOREIGN, number, next_path, reason)


def _stuck(
    request: Request,
    portal: PortalRow,
    step: Step,
    number: str,
    next_path: str,
    reason: PortalReason | None = None,
) -> HttpResponse:
    context = {"portal": portal, "step": step.value, "number": shown_number(number), "next": own_page(next_path)}
    context["reason"] = reason.name.lower() if reason else ""
    return page(request, "portal_stuck", context, status=403)


def _start(return_to: str | None) -> HttpResponse:
    return _see_other(f"{reverse('identity:start_handover')}?{urlencode({'return_to': own_page(return_to)})}")


def _see_other(path: str) -> HttpResponse:
    """Go on by GET, which takes the cookies along."""
    response = HttpResponseRedirect(path, status=303)
    response["Cache-Control"] = "no-store"
    return response
