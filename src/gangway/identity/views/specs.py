"""Tech specs in the console: one per partner type, read, taken along and signed for the vendor."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_POST, require_safe

from gangway.identity import actions, queries
from gangway.identity.access import SEE_SPECS, SIGN_SPECS
from gangway.identity.documents import sheets
from gangway.identity.documents import specs as documents
from gangway.identity.queries import SpecPage
from gangway.identity.rules.sheets import Standing
from gangway.identity.views.browser import page
from gangway.identity.views.signable import file_of
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route


class SeesSome(Refusal):
    code = "identity.spec.sees_some"
    status = 403
    message = "A spec is about the partners of a type all over; your role reaches only some of them."
    next_step = "Ask a programme lead whose role reaches every partner."


def _everywhere() -> None:
    if scopes.required().mode is not scopes.Mode.HOST:
        raise SeesSome


@require_safe
@route(right=SEE_SPECS)
def specs(request: Request) -> HttpResponse:
    """The types, and how the spec of each stands."""
    _everywhere()
    rows = [(one, sheets.light(one.standing), documents.sentence(one)) for one in queries.spec_pages(clock.now())]
    held = sum(1 for one, _, _ in rows if one.standing in (Standing.HOLDS, Standing.TOLD))
    return page(request, "specs", {"rows": rows, "held": held})


@require_safe
@route(right=SEE_SPECS)
def spec(request: Request, type_key: str) -> HttpResponse:
    """The spec of one type."""
    _everywhere()
    return _page(request, queries.spec_page(type_key, clock.now()))


@require_safe
@route(right=SEE_SPECS)
def spec_file(request: Request, type_key: str, form: str) -> HttpResponse:
    """The same as a file."""
    _everywhere()
    found = queries.spec_page(type_key, clock.now())
    return file_of(
        request,
        found,
        form,
        name=f"tech-spec-{found.key}",
        paper=lambda now: documents.paper(found, now),
        signed_paper=lambda: documents.signed_paper(found),
        zone=request.principal.zone,
    )


@require_POST
@route(right=SIGN_SPECS)
def sign_spec(request: Request, type_key: str) -> HttpResponse:
    """Signed by the hash of what its reader saw."""
    _everywhere()
    who, now = request.principal, clock.now()
    try:
        with scopes.one(who.partner_id):
            actions.sign_spec(
                type_key=type_key,
                digest=request.POST.get("digest", ""),
                locale=translation.get_language() or "en",
                signed_by=who.person_id,
                actor=who.actor,
                now=now,
            )
    except actions.SpecMoved as refusal:
        return _page(request, queries.spec_page(type_key, now), explain(refusal), refusal.status)
    return HttpResponseRedirect(reverse("identity:spec", args=[type_key]))


def _page(request: Request, found: SpecPage, error: str = "", status: int = 200) -> HttpResponse:
    shown = {
        "paper": documents.paper(found, clock.now()),
        "page": found,
        "moved": documents.moved(found),
        "light": sheets.light(found.standing),
        "of_type": documents.of_type(found),
        "signable": SIGN_SPECS.allows(request.principal) and found.standing is not Standing.HOLDS,
        "error": error,
    }
    return page(request, "spec", shown, status=status)
