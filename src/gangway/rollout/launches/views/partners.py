"""Which partners are in a wave, who is held back, who is let go."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from gangway.kernel import clock
from gangway.kernel.lists import chosen
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.partners.queries import PartnerRow
from gangway.rollout.launches import access, actions, queries
from gangway.rollout.launches.rules.states import PARTNERS_IN_A_WAVE
from gangway.rollout.launches.views.waves import show
from gangway.ui import render


@require_safe
@route(right=access.PLAN_LAUNCHES)
def choose(request: Request, wave_id: UUID) -> HttpResponse:
    """Partners that wait for their launch, to be put into this wave."""
    return _choose(request, wave_id)


def _choose(request: Request, wave_id: UUID, refusal: Refusal | None = None) -> HttpResponse:
    wave = queries.wave(wave_id)
    asked = {name: request.GET.get(name, "") for name in ("type", "tier", "mine", "launched")}
    rows = _waiting(request, asked)[:PARTNERS_IN_A_WAVE]
    ready = queries.readiness(rows, clock.now())
    context = {
        "wave": wave,
        "rows": rows,
        "ready": ready,
        "all_ready": [row for row in rows if not ready[row.id].automatic],
        "asked": asked,
        "types": [("", gettext("Every type")), *_held(lambda row: (row.type, row.type_name))],
        "tiers": [("", gettext("Every tier")), *_held(lambda row: (row.tier, row.tier_name))],
        "mine": [("", gettext("All partners")), ("yes", gettext("My partners"))],
        "launched": [("", gettext("Not launched yet")), ("yes", gettext("Launched before"))],
        "refusal": refusal,
    }
    return render(request, "launches/choose.jinja", context, status=refusal.status if refusal else 200)


def _held(named: Callable[[PartnerRow], tuple[str | None, str | None]]) -> list[tuple[str, str]]:
    """Types or tiers, key and name, that partners of the open scope hold."""
    pairs = {named(row) for row in partners.list_partners()}
    return sorted((key, name) for key, name in pairs if key and name)


def _waiting(request: Request, asked: dict[str, str]) -> list[PartnerRow]:
    """Partners of the open scope in no open wave, narrowed as asked."""
    taken = queries.open_wave_names()
    mine = None
    if asked["mine"]:
        with scopes.portfolio(request.principal.person_id):
            mine = {row.id for row in partners.list_partners()}
    return [
        row
        for row in partners.list_partners()
        if row.kind == "partner"
        and row.state != "closed"
        and row.id not in taken
        and (mine is None or row.id in mine)
        and asked["type"] in ("", row.type)
        and asked["tier"] in ("", row.tier)
        and (row.launched_at is not None) == bool(asked["launched"])
    ]


@require_POST
@route(right=access.PLAN_LAUNCHES)
def add(request: Request, wave_id: UUID) -> HttpResponse:
    """Put the chosen partners into the wave."""
    wave = queries.wave(wave_id)
    try:
        for partner_id in _ticked(request):
            _at(partner_id, partial(actions.add_partner, wave_id=wave.id, **_told(request)))
    except NotFound:
        raise
    except Refusal as refusal:
        return _choose(request, wave_id, refusal)
    return redirect("launches:wave", wave_id)


def _ticked(request: Request) -> Sequence[UUID]:
    return chosen(
        request.POST.getlist("ids"),
        none="No partner was chosen.",
        many="That is more than a wave holds.",
        mend="Tick the partners that this wave launches.",
        most=PARTNERS_IN_A_WAVE,
    )


def _at(partner_id: UUID, write: Callable[[], object]) -> None:
    """Write in the scope of a partner that the reader's scope reaches; NotFound otherwise."""
    with scopes.one(partners.partner_by_id(partner_id).id):
        write()


@require_POST
@route(right=access.PLAN_LAUNCHES)
def remove(request: Request, wave_id: UUID, partner_id: UUID) -> HttpResponse:
    """Take a partner out of a wave."""
    return _change(request, wave_id, partner_id, actions.remove_partner)


@require_POST
@route(right=access.PLAN_LAUNCHES)
def hold(request: Request, wave_id: UUID, partner_id: UUID) -> HttpResponse:
    """Hold a partner back, with a reason."""
    return _change(request, wave_id, partner_id, partial(actions.hold, reason=request.POST.get("reason", "")))


@require_POST
@route(right=access.PLAN_LAUNCHES)
def let_go(request: Request, wave_id: UUID, partner_id: UUID) -> HttpResponse:
    """Let a partner go in spite of what holds it, with a reason."""
    return _change(request, wave_id, partner_id, partial(actions.let_go, reason=request.POST.get("reason", "")))


def _change(request: Request, wave_id: UUID, partner_id: UUID, write: Callable[..., object]) -> HttpResponse:
    queries.wave(wave_id)
    try:
        _at(partner_id, partial(write, wave_id=wave_id, **_told(request)))
    except NotFound:
        raise
    except Refusal as refusal:
        return show(request, wave_id, refusal)
    return redirect("launches:wave", wave_id)


def _told(request: Request) -> dict[str, Any]:
    """Who acts, and when."""
    return {"actor": request.principal.actor, "now": clock.now()}
