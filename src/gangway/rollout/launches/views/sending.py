"""Send a wave, undo it, and see whom it did not reach."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.web import Request, route
from gangway.rollout.launches import access, actions, queries
from gangway.rollout.launches.rules.states import UNDO_WINDOW
from gangway.rollout.launches.views.waves import about, show
from gangway.ui import render
from gangway.ui.listing import answer


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=access.SEND_WAVE)
def send(request: Request, wave_id: UUID) -> HttpResponse:
    """What will happen, before it does; then it happens."""
    wave = queries.wave(wave_id)
    if request.method != "POST":
        return _confirm(request, wave)
    expected = request.POST.get("letters", "")
    try:
        actions.send_wave(
            wave_id=wave.id,
            expected=int(expected) if expected.isascii() and expected.isdecimal() and len(expected) < 10 else None,
            actor=request.principal.actor,
            now=clock.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return _confirm(request, wave, refusal)
    return redirect("launches:wave", wave.id)


def _confirm(request: Request, wave: queries.WaveRow, refusal: Refusal | None = None) -> HttpResponse:
    if not wave.is_draft:
        return redirect("launches:wave", wave.id)
    now = clock.now()
    page = queries.wave_page(wave, now)
    context = {
        **about(page, now),
        "departure": queries.departure(page, now + UNDO_WINDOW),
        "letters_from": now + UNDO_WINDOW,
        "refusal": refusal,
    }
    return render(request, "launches/send.jinja", context, status=refusal.status if refusal else 200)


@require_POST
@route(right=access.SEND_WAVE)
def undo(request: Request, wave_id: UUID) -> HttpResponse:
    """Take a wave back whole."""
    wave = queries.wave(wave_id)
    try:
        actions.undo_wave(wave_id=wave.id, actor=request.principal.actor, now=clock.now())
    except NotFound:
        raise
    except Refusal as refusal:
        return show(request, wave_id, refusal)
    return redirect("launches:wave", wave.id)


@require_safe
@route(right=access.SEE_UNTOLD)
def untold(request: Request, wave_id: UUID) -> HttpResponseBase:
    """Who was not told, and why."""
    wave = queries.wave(wave_id)
    count = queries.untold_count(wave.id)
    words = ngettext("%(n)s person was not reached.", "%(n)s people were not reached.", count)
    trail = [
        (gettext("Launches"), reverse("launches:list")),
        (wave.name, reverse("launches:wave", args=[wave.id])),
        (gettext("Who was not told"), ""),
    ]
    context = {
        "crumbs": trail,
        "empty_title": gettext("Everybody was told"),
        "empty_text": gettext("No letter of this wave came back or was given up."),
    }
    return answer(
        request,
        queries.untold(wave.id),
        title=gettext("Who was not told"),
        sentence=words % {"n": count} if count else "",
        context=context,
    )
