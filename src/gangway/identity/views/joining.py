"""Strangers join (`join`, `join_company`); a partner says how (the desk), and whoever waits is let in."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.access import ADMIT_STRANGERS, JOIN_TEAM
from gangway.identity.rules.joining import shown_access_code
from gangway.identity.views.browser import AskedFor, browser_of, device_of, let_in, page, session_cookie
from gangway.identity.views.doors import VISITOR, ask
from gangway.identity.views.qr import drawn
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.ui import render

pages = require_http_methods(["GET", "HEAD", "POST"])
TYPED = ("name", "email", "access_code")


# ---------------------------------------------------------------- strangers


@require_GET
@route(public="the link on a printed sheet with an access code")
def join_by_link(request: Request, code: str) -> HttpResponse:
    """Leads to the form with the code typed in; looks nothing up."""
    return HttpResponseRedirect(f"{reverse('identity:join')}?{urlencode({'code': code[:40]})}")


@pages
@route(public="strangers who have no account yet")
def join(request: Request) -> HttpResponse:
    """Name and address, and an access code if there is one; then always the page for the code from the mail."""
    if request.method != "POST":
        return _form(request, {"access_code": request.GET.get("code", "")[:40]})
    typed = {name: request.POST.get(name, "").strip()[:254] for name in TYPED}
    try:
        word = actions.word_of_stranger(
            name=typed["name"],
            email=typed["email"],
            code=typed["access_code"],
            locale=translation.get_language() or "en",
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, typed, error=explain(refusal), field=refusal.field or "", status=refusal.status)
    return ask(request, AskedFor(shown=typed["email"], typed=typed["email"], joining=word))


def _form(
    request: HttpRequest, typed: dict[str, str], *, error: str = "", field: str = "", status: int = 200
) -> HttpResponse:
    context = {"typed": typed, "error": error, "field": field or ("name" if error else "")}
    return page(request, "join", context, status=status)


@pages
@route(public="choosing a company after a stranger's mailbox was proven in this browser")
def join_company(request: Request) -> HttpResponse:
    """Whose door is open? One press goes in; where none is, one press asks to be let in."""
    browser = browser_of(request)
    found = queries.joining(browser, clock.now())
    if found is None:
        return HttpResponseRedirect(reverse("identity:join"))
    if request.method != "POST":
        return page(request, "join_company", {"found": found})
    if "wait" in request.POST:
        actions.wait_to_join(browser=browser, actor=VISITOR, now=clock.now())
        return page(request, "join_waiting", {"declined_at": found.declined_at, "code": found.code})
    try:
        session = actions.join(
            browser=browser,
            partner_id=_uuid(request.POST.get("partner", "")),
            device=device_of(request),
            replaces=session_cookie(request),
            actor=VISITOR,
            now=clock.now(),
        )
    except (actions.DoorClosed, actions.JoinedAlready, actions.OwnSignIn) as refusal:
        again = queries.joining(browser, clock.now()) or found
        return page(request, "join_company", {"found": again, "error": explain(refusal)}, status=refusal.status)
    return let_in(request, session, "/")


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound from error


# ---------------------------------------------------------------- the desk


@pages
@route(right=JOIN_TEAM)
def joining(request: Request) -> HttpResponse:
    """How do colleagues join by themselves, and who waits?"""
    if request.method == "POST":
        with scopes.one(request.principal.partner_id):
            by_domain = request.POST.get("by_domain") == "on"
            actions.set_join_policy(by_domain=by_domain, actor=request.principal.actor, now=clock.now())
        return HttpResponseRedirect(f"{reverse('identity:joining')}?done=policy")
    return _joining(request)


def _joining(
    request: Request, typed: dict[str, str] | None = None, error: str = "", field: str = "", status: int = 200
) -> HttpResponse:
    own = request.principal.partner_id
    with scopes.one(own):
        waiting = queries.waiting_to_join(own)
        context = {
            "by_domain": queries.lets_in_by_domain(own),
            "domains": [row.name for row in partners.domains(own)],
            "codes": queries.access_codes(clock.now()),
            "ledger": queries.seats_taken(),
            "waiting": waiting,
        }
    said = {"typed": typed or {"seats": "25", "days": "90"}, "error": error, "field": field}
    context |= said | {"done": request.GET.get("done", ""), "sentence": _sentence(len(waiting))}
    return render(request, "identity/joining.jinja", context, status=status)


def _sentence(waiting: int) -> str:
    if not waiting:
        return _("Nobody waits to be let in.")
    return ngettext("%(n)s person waits to be let in.", "%(n)s people wait to be let in.", waiting) % {"n": waiting}


@require_POST
@route(right=JOIN_TEAM)
def make_code(request: Request) -> HttpResponse:
    """A new code, shown once, on a sheet to print."""
    typed = {name: request.POST.get(name, "").strip() for name in ("label", "seats", "days")}
    try:
        with scopes.one(request.principal.partner_id):
            made = actions.make_access_code(
                label=typed["label"],
                seats=_number(typed["seats"], "seats"),
                days=_number(typed["days"], "days"),
                actor=request.principal.actor,
                now=clock.now(),
            )
    except Invalid as refusal:
        return _joining(request, typed, explain(refusal), refusal.field or "label", 422)
    link = f"{settings.BASE_URL}{reverse('identity:join_by_link', args=[shown_access_code(made.code)])}"
    context = {
        "label": typed["label"],
        "seats": int(typed["seats"]),
        "code": shown_access_code(made.code),
        "link": link,
        "drawn": drawn(link),
        "partner_name": request.principal.partner_name,
    }
    response = render(request, "identity/access_code.jinja", context)
    response["Cache-Control"] = "no-store"
    return response


def _number(text: str, field: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise Invalid(field=field, problem="That is no number.", mend="Use digits, for example 25.")
    return int(text)


@require_POST
@route(right=JOIN_TEAM)
def close_code(request: Request, code_id: UUID) -> HttpResponse:
    """Nobody comes in by it any more."""
    with scopes.one(request.principal.partner_id):
        actions.close_access_code(code_id=code_id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(f"{reverse('identity:joining')}?done=closed")


@require_POST
@route(right=JOIN_TEAM)
def answer_joining(request: Request, join_id: UUID, answer: str) -> HttpResponse:
    """Let in who waits at the own company, or do not."""
    own = request.principal.partner_id
    queries.join_request(join_id, own)
    _answer(request, join_id, answer, own)
    return HttpResponseRedirect(f"{reverse('identity:joining')}?done={answer}")


def _answer(request: Request, join_id: UUID, answer: str, partner_id: UUID) -> None:
    verbs = {"admit": actions.admit_stranger, "decline": actions.decline_stranger}
    if answer not in verbs:
        raise NotFound
    with scopes.one(partner_id):
        verbs[answer](request_id=join_id, actor=request.principal.actor, now=clock.now())


# ---------------------------------------------------------------- the console


@require_GET
@route(right=ADMIT_STRANGERS)
def strangers(request: Request) -> HttpResponse:
    """Who waits, and nobody knows whose they are?"""
    return _strangers(request)


def _strangers(request: Request, error: str = "", at: UUID | None = None, typed: str = "") -> HttpResponse:
    waiting = queries.waiting_to_join(None)
    context = {
        "waiting": waiting,
        "sentence": _sentence(len(waiting)),
        "error": error,
        "at": at,
        "typed": typed,
        "done": request.GET.get("done", ""),
    }
    return render(request, "identity/strangers.jinja", context, status=422 if error else 200)


@require_POST
@route(right=ADMIT_STRANGERS)
def answer_stranger(request: Request, join_id: UUID, answer: str) -> HttpResponse:
    """Let them into the partner that is named, or do not."""
    queries.join_request(join_id, None)
    typed = request.POST.get("partner", "").strip()
    try:
        home = partners.get_partner(typed).id if answer == "admit" else partners.host_id()
        _answer(request, join_id, answer, home)
    except Refusal as refusal:
        if isinstance(refusal, NotFound) and answer != "admit":
            raise
        words = _("There is no partner “%(key)s” in your reach.") % {"key": typed}
        return _strangers(request, words if isinstance(refusal, NotFound) else explain(refusal), join_id, typed)
    return HttpResponseRedirect(f"{reverse('identity:strangers')}?done={answer}")
