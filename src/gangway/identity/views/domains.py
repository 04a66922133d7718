"""The desk's page of mail domains: claim one, prove it by DNS or by a letter, give it up."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from gangway.identity import actions, queries
from gangway.identity.access import CONNECT_TEAM
from gangway.identity.queries import DomainClaimRow
from gangway.identity.rules.domains import LOOK_EVERY, MASTERS, DomainState
from gangway.kernel import clock, dns
from gangway.kernel.language import explain
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.ui import render

pages = require_http_methods(["GET", "HEAD", "POST"])


@pages
@route(right=CONNECT_TEAM)
def domains(request: Request) -> HttpResponse:
    """Which mail domains are ours, and one more."""
    typed, error, status = "", "", 200
    if request.method == "POST":
        typed = request.POST.get("domain", "")
        try:
            with scopes.one(request.principal.partner_id):
                made = actions.claim_domain(name=typed, actor=request.principal.actor, now=clock.now())
            return HttpResponseRedirect(reverse("identity:domain", args=[made]))
        except Refusal as refusal:
            error, status = explain(refusal), 422
    with scopes.one(request.principal.partner_id):
        rows = queries.domain_claims(clock.now())
    context = {"rows": rows, "sentence": _sentence(rows), "typed": typed, "error": error}
    return render(request, "identity/domains.jinja", context, status=status)


def _sentence(rows: Sequence[DomainClaimRow]) -> str:
    """ "1 of 2 domains is proven." """
    if not rows:
        return _("With a proven mail domain, your company speaks for the addresses at it.")
    proven = sum(row.state is DomainState.PROVEN for row in rows)
    words = ngettext("%(proven)s of %(n)s domain is proven.", "%(proven)s of %(n)s domains are proven.", len(rows))
    return words % {"proven": proven, "n": len(rows)}


@pages
@route(right=CONNECT_TEAM)
def domain(request: Request, claim_id: UUID) -> HttpResponse:
    """One domain: what to put where, and what was seen there."""
    own = request.principal.partner_id
    with scopes.one(own):
        row = queries.domain_claim(claim_id, clock.now())
        if request.method != "POST":
            return _page(request, row)
        try:
            return _do(request, row)
        except Refusal as refusal:
            if isinstance(refusal, NotFound):
                raise
            return _page(request, row, error=explain(refusal), field=refusal.field or "", status=refusal.status)


def _do(request: Request, row: DomainClaimRow) -> HttpResponse:
    """One of four presses: look now, send a letter, type its code, give the domain up."""
    told: dict[str, Any] = {"claim_id": row.id, "actor": request.principal.actor, "now": clock.now()}
    here = HttpResponseRedirect(reverse("identity:domain", args=[row.id]))
    match request.POST.get("do", ""):
        case "look":
            _look(row, told)
        case "send":
            actions.send_domain_code(master=request.POST.get("master", MASTERS[0]), **told)
        case "type":
            if left := actions.type_domain_code(typed=request.POST.get("code", ""), **told):
                words = _("That is not the code of the last letter. %(n)s more tries.") % {"n": left}
                return _page(request, row, error=words, field="code", status=422)
        case "give_up":
            actions.give_up_domain(**told)
            return HttpResponseRedirect(reverse("identity:domains"))
        case _:
            raise NotFound
    return here


def _look(row: DomainClaimRow, told: dict[str, Any]) -> None:
    """Ask the zone, outside of every transaction; what was seen a moment ago is not asked again."""
    if row.looked_at is not None and clock.now() - row.looked_at < LOOK_EVERY:
        return
    actions.note_look(texts=_zone(row.record), **told)


def _zone(name: str) -> tuple[str, ...] | None:
    try:
        return dns.texts(name)
    except dns.Silent:
        return None


def _page(
    request: Request, row: DomainClaimRow, *, error: str = "", field: str = "", status: int = 200
) -> HttpResponse:
    context = {
        "row": row,
        "error": error,
        "field": field,
        "masters": [(master, f"{master}@{row.name}") for master in MASTERS],
    }
    return render(request, "identity/domain.jinja", context, status=status)
