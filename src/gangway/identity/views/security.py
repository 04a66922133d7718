"""Account, Security: what I hold beside my mailbox; and for those who may, what others lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.access import OWN_FACTORS, RESET_FACTORS, SET_FACTOR_POLICY
from gangway.identity.rules import safe_next, typed_code
from gangway.identity.rules.factors import ADMINS, Policy
from gangway.identity.views.browser import page
from gangway.identity.views.qr import drawn
from gangway.kernel import clock
from gangway.kernel.access import Principal
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.people import queries as people

pages = require_http_methods(["GET", "HEAD", "POST"])


@require_http_methods(["GET", "HEAD"])
@route(right=OWN_FACTORS, private=True, opens_early=True)
def security(request: Request) -> HttpResponse:
    """What do I need to come in, and what if I lose it?"""
    return _security(request)


def _security(request: Request, error: str = "", status: int = 200) -> HttpResponse:
    me, now = request.principal, clock.now()
    may_set = SET_FACTOR_POLICY.allows(me)
    with scopes.one(me.partner_id):
        context = {
            "factors": queries.factors_of(me.person_id),
            "fresh": _fresh(request),
            "party": queries.party(),
            "policy": queries.policy_for_admins().value if may_set else "",
        }
    context |= {"error": error, "must": bool(me.must_first), "next": safe_next(request.GET.get("next"), "")}
    return _page(request, "security", context | {"partner_name": me.partner_name, "now": now}, status)


def _fresh(request: Request) -> bool:
    me = request.principal
    return me.session_id is not None and queries.is_fresh(me.session_id, me.person_id, clock.now())


def _page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> HttpResponse:
    """In the shell this person works in."""
    return page(request, template, {**context, "kind": _shell_of(request.principal)}, status)


def _shell_of(me: Principal) -> str:
    if me.staff:
        return "console"
    return "portal" if ADMINS.isdisjoint(me.roles()) else "desk"


def _own(request: Request) -> dict[str, Any]:
    """Whose factors, in which session, by whom, when: what each of these actions is told."""
    me = request.principal
    return {"person_id": me.person_id, "session_id": me.session_id, "actor": me.actor, "now": clock.now()}


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("identity:security"))


@require_POST
@route(right=OWN_FACTORS, private=True, opens_early=True)
def sign_in_again(request: Request) -> HttpResponse:
    """End this session and come back here by a new one."""
    me = request.principal
    if me.session_id is not None:
        actions.end_session(session_id=me.session_id, actor=me.actor, now=clock.now())
    return HttpResponseRedirect(f"{reverse('identity:sign_in')}?next={reverse('identity:security')}")


# ---------------------------------------------------------------- passkeys


@require_POST
@route(right=OWN_FACTORS, private=True, opens_early=True)
def new_passkey_question(request: Request) -> HttpResponse:
    """What the browser asks the authenticator to make, as JSON."""
    me = request.principal
    if me.session_id is None:
        raise NotFound
    options = actions.ask_to_add(person_id=me.person_id, session_id=me.session_id, actor=me.actor, now=clock.now())
    response = JsonResponse(options)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@route(right=OWN_FACTORS, private=True, opens_early=True)
def add_passkey(request: Request) -> HttpResponse:
    """Keep what the authenticator made, under a name."""
    name = request.POST.get("passkey_name", "").strip() or _("Passkey")
    try:
        actions.add_passkey(answer=request.POST.get("credential", ""), name=name, **_own(request))
    except (Invalid, actions.NotAdded, actions.TooMany) as problem:
        return _security(request, explain(problem), problem.status)
    return _back()


@pages
@route(right=OWN_FACTORS, private=True, opens_early=True)
def remove_passkey(request: Request, passkey_id: UUID) -> HttpResponse:
    """Ask once, then forget it."""
    held = queries.factors_of(request.principal.person_id)
    row = next((row for row in held.passkeys if row.id == passkey_id), None)
    if row is None:
        raise NotFound
    if request.method != "POST":
        context = {"what": "passkey", "name": row.name, "last": held.held == 1, "fresh": _fresh(request)}
        return _page(request, "factor_remove", context)
    actions.remove_passkey(passkey_id=passkey_id, **_own(request))
    return _back()


# ---------------------------------------------------------------- the authenticator app


@require_POST
@route(right=OWN_FACTORS, private=True, opens_early=True)
def begin_app(request: Request) -> HttpResponse:
    """Make a key, and show it."""
    actions.begin_app(**_own(request))
    return HttpResponseRedirect(reverse("identity:app"))


@pages
@route(right=OWN_FACTORS, private=True, opens_early=True)
def app(request: Request) -> HttpResponse:
    """The key as a picture and in words, and the field for the code that shows it arrived."""
    shown = queries.app_to_confirm(request.principal.person_id)
    if shown is None:
        return _back()
    if request.method != "POST":
        return _app_page(request, shown)
    code = typed_code(request.POST.get("code", ""))
    if code is None:
        return _app_page(request, shown, _("The code has six digits. The app shows it."))
    try:
        actions.confirm_app(code=code, **_own(request))
    except Invalid:
        words = _("That is not the code the app shows now. Wait for the next one; is the clock of the phone right?")
        return _app_page(request, shown, words)
    return _back()


def _app_page(request: Request, shown: queries.AppToConfirm, error: str = "") -> HttpResponse:
    context = {"shown": shown, "drawn": drawn(shown.address), "error": error}
    return _page(request, "app", context, status=400 if error else 200)


@pages
@route(right=OWN_FACTORS, private=True, opens_early=True)
def remove_app(request: Request) -> HttpResponse:
    """Ask once, then forget it."""
    held = queries.factors_of(request.principal.person_id)
    if request.method == "POST":
        actions.remove_app(**_own(request))
        return _back()
    if held.app is None:
        raise NotFound
    context = {"what": "app", "name": "", "last": held.held == 1, "fresh": _fresh(request)}
    return _page(request, "factor_remove", context)


# ---------------------------------------------------------------- recovery codes, the policy, the lost ones


@require_POST
@route(right=OWN_FACTORS, private=True, opens_early=True)
def recovery_codes(request: Request) -> HttpResponse:
    """Ten codes, on this one page only."""
    codes = actions.make_recovery_codes(**_own(request))
    return _page(request, "recovery_codes", {"codes": codes, "at": clock.now()})


@require_POST
@route(right=SET_FACTOR_POLICY, opens_early=True)
def factor_policy(request: Request) -> HttpResponse:
    """What my company asks of its admins."""
    try:
        policy = Policy(request.POST.get("admins", ""))
    except ValueError as error:
        raise Invalid(field="admins", problem="That is no such rule.", mend="Choose one of the two.") from error
    me = request.principal
    with scopes.one(me.partner_id):
        actions.set_admin_policy(policy=policy, actor=me.actor, now=clock.now())
    return _back()


@pages
@route(right=RESET_FACTORS)
def reset_factors(request: Request, person_id: UUID) -> HttpResponse:
    """Somebody lost what they hold: ask once, then take it away, so that the mailbox alone lets them in again."""
    person = people.person(person_id)
    with scopes.one(person.partner_id):
        held = queries.factors_of(person_id)
        if request.method == "POST":
            actions.reset_factors(person_id=person_id, actor=request.principal.actor, now=clock.now())
            return HttpResponseRedirect(reverse("people:list"))
    return _page(request, "factor_reset", {"person": person, "factors": held})
