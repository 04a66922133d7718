"""Certificates kept by a private mailbox: proving it while one may sign in, and reaching them by it afterwards."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gangway.credentials import access, queries
from gangway.credentials.actions import ask_for_kept, ask_to_keep, let_mailbox_go, prove_mailbox
from gangway.credentials.rules import Proven, Status
from gangway.credentials.views.certificate import Holder
from gangway.credentials.views.holder import paper, verify_address
from gangway.kernel import clock
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.ui import render

STRANGER = Actor(ActorKind.LINK, "kept certificates", "web")


@require_http_methods(["GET", "POST"])
@route(right=access.SEE_OWN)
def keep(request: Request) -> HttpResponse:
    """Which mailbox? A code goes there; the same page asks for it."""
    if request.method == "GET":
        return _page(request)
    typed = request.POST.get("address", "").strip()
    try:
        ask_to_keep(
            person_id=request.principal.person_id, address=typed, actor=request.principal.actor, now=clock.now()
        )
    except Refusal as refused:
        return _page(request, typed=typed, error=explain(refused), status=refused.status)
    return HttpResponseRedirect(reverse("credentials:keep"))


@require_POST
@route(right=access.SEE_OWN)
def prove(request: Request) -> HttpResponse:
    """The code of the letter keeps what the person holds, and what they will earn."""
    proven = prove_mailbox(
        person_id=request.principal.person_id,
        code=request.POST.get("code", ""),
        actor=request.principal.actor,
        now=clock.now(),
    )
    if proven is Proven.KEPT:
        return HttpResponseRedirect(reverse("credentials:mine"))
    said = {
        Proven.WRONG: _("That is not the code of the last letter. Compare it, and type it again."),
        Proven.VOID: _("No code is open any more: used, too old, or mistyped too often. Send a new one."),
    }
    return _page(request, code_error=said[proven], status=422)


@require_POST
@route(right=access.SEE_OWN)
def let_go(request: Request) -> HttpResponse:
    """Keep them by that mailbox no more."""
    let_mailbox_go(person_id=request.principal.person_id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("credentials:keep"))


def _page(
    request: Request, *, typed: str = "", error: str = "", code_error: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "keeping": queries.keeping(request.principal.person_id, clock.now()),
        "typed": typed,
        "error": error,
        "code_error": code_error,
    }
    return render(request, "credentials/keep.jinja", context, status=status)


# ---------------------------------------------------------------- for who has left


@require_http_methods(["GET", "POST"])
@route(public="somebody who has left asks for a link to what their own mailbox keeps")
def ask_kept(request: Request) -> HttpResponse:
    """A field for the mailbox; the answer is the same for every address."""
    if request.method == "GET":
        return _private(render(request, "credentials/ask_kept.jinja", {}))
    typed = request.POST.get("address", "").strip()
    try:
        ask_for_kept(address=typed, actor=STRANGER, now=clock.now())
    except Invalid as refused:
        context = {"typed": typed, "error": explain(refused)}
        return _private(render(request, "credentials/ask_kept.jinja", context, status=refused.status))
    return _private(render(request, "credentials/ask_kept.jinja", {"asked": typed}))


@require_safe
@route(public="who holds a link from their own mailbox sees what it keeps")
def kept(request: Request, token: str) -> HttpResponse:
    """What the mailbox keeps. Looking spends nothing, so a scanner of mail spoils nothing."""
    try:
        found = queries.kept_by_link(token, clock.now())
    except NotFound:
        return _private(render(request, "credentials/kept_ended.jinja", {}, status=404))
    addresses = {one.award.id: verify_address(one.award.number) for one in found}
    return _private(render(request, "credentials/kept.jinja", {"kept": found, "addresses": addresses, "token": token}))


@require_safe
@route(public="who holds a link from their own mailbox opens a certificate that it keeps")
def kept_certificate(request: Request, token: str, number: str) -> HttpResponse:
    """The PDF of one of them, in the holder's own language."""
    found = queries.kept_by_link(token, clock.now())
    one = next((kept for kept in found if kept.award.number == number), None)
    if one is None or one.award.status is Status.REVOKED:
        raise NotFound
    return _private(paper(one.award, Holder(one.holder.name, one.holder.locale, one.holder.zone)))


def _private(response: HttpResponse) -> HttpResponse:
    """Neither kept on the way nor told to the next page: the address itself is the key."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
