"""Being in: the welcome (P3), one's own sign-ins, signing out."""

from uuid import UUID
from zoneinfo import available_timezones

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.access import OWN_SESSIONS
from gangway.identity.rules import safe_next
from gangway.identity.views.browser import page
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.people.access import EDIT_PEOPLE, EDIT_TEAM


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=OWN_SESSIONS, private=True, opens_early=True)
def welcome(request: Request) -> HttpResponse:
    """P3: is this me, and who sees what? Shown until it was answered once."""
    me = request.principal
    next_path = safe_next(request.POST.get("next") or request.GET.get("next"))
    typed = {"name": me.name, "locale": me.locale, "zone": me.zone}
    errors: list[tuple[str, str]] = []
    if request.method == "POST":
        typed = {name: request.POST.get(name, "") for name in typed}
        try:
            actions.accept_welcome(person_id=me.person_id, **typed, actor=me.actor, now=clock.now())
        except Invalid as problem:
            errors.append((problem.field or "name", str(problem)))
        else:
            return HttpResponseRedirect(next_path)
    vendor = partners.brand_for()
    context = {
        "typed": typed,
        "errors": errors,
        "next": next_path,
        "languages": settings.LANGUAGES,
        "zones": [(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        "partner_name": me.partner_name,
        "vendor_name": vendor.name if vendor else me.partner_name,
        "staff": me.staff,
    }
    return page(request, "welcome", context, status=400 if errors else 200)


@require_POST
@route(right=OWN_SESSIONS, opens_early=True)
def sign_out(request: Request) -> HttpResponse:
    """End this session."""
    me = request.principal
    if me.session_id is not None:
        actions.end_session(session_id=me.session_id, actor=me.actor, now=clock.now())
    response = HttpResponseRedirect("/sign-in")
    response.delete_cookie(settings.SESSION_COOKIE)
    return response


@require_http_methods(["GET", "HEAD"])
@route(right=OWN_SESSIONS, private=True, opens_early=True)
def sessions(request: Request) -> HttpResponse:
    """Where am I signed in?"""
    me = request.principal
    rows = queries.open_sessions(me.person_id, me.access_epoch, clock.now())
    return page(request, "sessions", {"sessions": rows, "own_id": me.session_id})


@require_POST
@route(right=OWN_SESSIONS, opens_early=True)
def end_others(request: Request) -> HttpResponse:
    """Sign out everywhere else."""
    me = request.principal
    if me.session_id is not None:
        actions.end_other_sessions(session_id=me.session_id, actor=me.actor, now=clock.now())
    return HttpResponseRedirect("/account/sessions")


@require_POST
@route(right=EDIT_PEOPLE)
def end_of_people(request: Request) -> HttpResponse:
    """Staff sign people of partners in reach out everywhere."""
    return _end_of(request, "people:list")


@require_POST
@route(right=EDIT_TEAM)
def end_of_team(request: Request) -> HttpResponse:
    """A partner's admin signs their own people out everywhere."""
    return _end_of(request, "people:team")


def _end_of(request: Request, back: str) -> HttpResponse:
    """People by `ids`, as lists and pages of a person send them; back to the page that asked, or to the list."""
    found = [people.person(person_id) for person_id in chosen(request)]
    for person in found:
        with scopes.one(person.partner_id):
            actions.end_sessions_of(person_id=person.id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(safe_next(request.POST.get("next"), reverse(back)))


def chosen(request: Request) -> list[UUID]:
    """The ids a form sent; what is no id names nobody: NotFound."""
    try:
        return [UUID(text) for text in request.POST.getlist("ids")[:500]]
    except ValueError as error:
        raise NotFound from error


@require_POST
@route(right=OWN_SESSIONS, opens_early=True)
def end_session(request: Request, session_id: UUID) -> HttpResponse:
    """End one of my sessions, on whatever device it is."""
    me = request.principal
    actions.end_session(session_id=session_id, actor=me.actor, now=clock.now())
    return HttpResponseRedirect("/account/sessions" if session_id != me.session_id else "/sign-in")
