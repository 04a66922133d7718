"""The connection sheet on the desk, in the console and behind IT's link: read, taken along, signed, and what moved."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_http_methods, require_safe

from gangway.identity import actions, queries
from gangway.identity.access import CONNECT_TEAM, SEE_CONNECTIONS
from gangway.identity.documents import sheets as documents
from gangway.identity.rules.sheets import Standing
from gangway.identity.views.browser import page
from gangway.identity.views.it import BY_LINK, link_actor, open_link
from gangway.identity.views.signable import file_of
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import partner_by_id

# ---------------------------------------------------------------- the desk


@require_safe
@route(right=CONNECT_TEAM)
def sheet(request: Request) -> HttpResponse:
    """The own company's sheet."""
    with scopes.one(request.principal.partner_id):
        return _page(request, "desk", {"file": "identity:sheet_file", "given": {}})


@require_safe
@route(right=CONNECT_TEAM)
def sheet_file(request: Request, form: str) -> HttpResponse:
    """The same as a file."""
    with scopes.one(request.principal.partner_id):
        return _file(request, form)


# ---------------------------------------------------------------- the console


@require_safe
@route(right=SEE_CONNECTIONS)
def sheet_of(request: Request, partner_id: UUID) -> HttpResponse:
    """A partner's sheet, as those who look after it see it."""
    partner = partner_by_id(partner_id)
    with scopes.one(partner.id):
        given = {"partner_id": partner.id}
        return _page(request, "console", {"file": "identity:sheet_of_file", "given": given, "partner": partner})


@require_safe
@route(right=SEE_CONNECTIONS)
def sheet_of_file(request: Request, partner_id: UUID, form: str) -> HttpResponse:
    """The same as a file."""
    with scopes.one(partner_by_id(partner_id).id):
        return _file(request, form)


# ---------------------------------------------------------------- behind IT's link


@require_http_methods(["GET", "HEAD", "POST"])
@route(public=BY_LINK)
def it_sheet(request: Request, token: str) -> HttpResponse:
    """What the partner's IT agrees to, and signs by name. Opening it acts on nothing."""
    link = open_link(token)
    context = {"file": "identity:it_sheet_file", "given": {"token": token}, "link": link, "token": token}
    with scopes.one(link.partner_id):
        if request.method != "POST":
            return _page(request, "plain", context)
        try:
            actions.sign_sheet(
                digest=request.POST.get("digest", ""),
                signer=request.POST.get("signer", ""),
                locale=translation.get_language() or "en",
                link_id=link.id,
                actor=link_actor(link),
                now=clock.now(),
            )
        except Refusal as refusal:
            typed = {"error": explain(refusal), "signer": request.POST.get("signer", "")}
            return _page(request, "plain", {**context, **typed}, status=refusal.status)
    return HttpResponseRedirect(reverse("identity:it_sheet", args=[token]))


@require_safe
@route(public=BY_LINK)
def it_sheet_file(request: Request, token: str, form: str) -> HttpResponse:
    """The same as a file."""
    with scopes.one(open_link(token).partner_id):
        return _file(request, form)


# ---------------------------------------------------------------- in each of its forms


def _page(request: Request, shell: str, context: dict[str, object], status: int = 200) -> HttpResponse:
    now = clock.now()
    found = queries.sheet_page(now)
    shown = {
        "shell_kind": shell,
        "paper": documents.paper(found, now),
        "page": found,
        "moved": documents.moved(found),
        "light": documents.light(found.standing),
        "signable": shell == "plain" and found.standing is not Standing.HOLDS,
        "error": "",
        "signer": "",
    }
    return page(request, "sheet", {**shown, **context}, status=status)


def _file(request: Request, form: str) -> HttpResponse:
    found = queries.sheet_page(clock.now())
    return file_of(
        request,
        found,
        form,
        name=f"connection-sheet-{found.live.key}",
        paper=lambda now: documents.paper(found, now),
        signed_paper=lambda: documents.signed_paper(found),
        zone=partner_by_id(scopes.writer()).zone,
    )
