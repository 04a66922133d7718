"""Coming in with a factor: after the mailbox was proven, or by a passkey alone. Only passkeys need script."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.queries import FactorAsked
from gangway.identity.rules import State, safe_next, typed_code
from gangway.identity.rules.factors import Factor, Standing, typed_recovery_code
from gangway.identity.views.browser import browser_of, device_of, let_in, own, page, session_cookie
from gangway.identity.views.doors import VISITOR, sign_in_page
from gangway.kernel import clock, secrets
from gangway.kernel.web import Request, route

PROVES = (  # field of the form, what it proves with, and how what was typed is read
    ("credential", Factor.PASSKEY, lambda text: text),
    ("recovery", Factor.RECOVERY, typed_recovery_code),
    ("code", Factor.APP, typed_code),
)


@require_http_methods(["GET", "HEAD", "POST"])
@route(public="the second proof, in the browser that proved the mailbox")
def factor(request: Request) -> HttpResponse:
    """What do you hold beside your mailbox? There is no session before it is shown."""
    asked = queries.factor_asked(browser_of(request), clock.now())
    if asked is None:
        return HttpResponseRedirect("/sign-in")
    if asked.standing is not Standing.OPEN:
        return _over(request, asked.standing)
    if request.method != "POST":
        return _factor_page(request, asked)
    given = next(((kind, read(request.POST[name])) for name, kind, read in PROVES if request.POST.get(name)), None)
    if given is None or not given[1]:  # nothing that could be one: no try
        return _factor_page(request, asked, _("That cannot be a code. An app's code has six digits."))
    done = actions.prove_factor(
        browser=browser_of(request),
        factor=given[0],
        answer=given[1],
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=clock.now(),
    )
    if done.session is not None:
        return let_in(request, done.session, done.next_path)
    if done.state is State.OPEN:
        return _factor_page(request, asked, _wrong(given[0]) % {"n": done.tries_left})
    return _over(request, Standing.LOCKED if done.state is State.LOCKED else Standing.OVER)


def _wrong(kind: Factor) -> str:
    match kind:
        case Factor.APP:
            return _("That is not the code the app shows now, or it was used. %(n)s more tries.")
        case Factor.RECOVERY:
            return _("That is none of your unused recovery codes. %(n)s more tries.")
        case Factor.PASSKEY:
            return _("This passkey did not fit. %(n)s more tries.")


def _factor_page(request: HttpRequest, asked: FactorAsked, error: str = "") -> HttpResponse:
    context = {"asked": asked, "error": error, "party": queries.party(), "vendor": queries.vendor()}
    return page(request, "factor", context, status=400 if error else 200)


def _over(request: HttpRequest, standing: Standing) -> HttpResponse:
    return page(request, "factor_over", {"locked": standing is Standing.LOCKED}, status=410)


@require_POST
@route(public="what the browser asks a passkey, after the mailbox was proven in it")
def factor_question(request: Request) -> HttpResponse:
    """The question for the passkeys of the person who is asked here, as JSON."""
    options = actions.ask_for_factor(browser=browser_of(request), actor=VISITOR, now=clock.now())
    return _json(options)


@require_POST
@route(public="what any browser asks a passkey; it names nobody")
def passkey_question(request: Request) -> HttpResponse:
    """The question for a passkey that is the whole sign-in, as JSON, and the cookie it belongs to."""
    browser = browser_of(request) or secrets.token()
    return own(_json(actions.ask_to_come_in(browser=browser, actor=VISITOR, now=clock.now())), browser)


@require_POST
@route(public="the way in with a passkey")
def by_passkey(request: Request) -> HttpResponse:
    """P1 with a passkey: one touch, and in. Whatever is wrong, the answer is the same."""
    next_path = safe_next(request.POST.get("next"))
    done = actions.sign_in_by_passkey(
        browser=browser_of(request),
        answer=request.POST.get("credential", ""),
        next_path=next_path,
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=clock.now(),
    )
    if done.session is None:
        return sign_in_page(request, next_path, refused=True, status=400)
    return let_in(request, done.session, done.next_path)


def _json(options: object) -> HttpResponse:
    response = JsonResponse(options, safe=False)
    response["Cache-Control"] = "no-store"
    return response
