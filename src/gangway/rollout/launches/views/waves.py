"""The list of waves, one wave in each of its states, and its receipt."""

from datetime import date, datetime
from math import ceil
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gangway.kernel import clock
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.people import queries as people
from gangway.rollout.launches import access, actions, queries
from gangway.rollout.launches.rules.nudges import Nudge
from gangway.rollout.launches.rules.states import Quiet
from gangway.rollout.launches.views import sentences
from gangway.ui import render


@require_safe
@route(right=access.SEE_LAUNCHES)
def waves(request: Request) -> HttpResponse:
    """Every wave, with a sentence: how far the launches are."""
    lines = queries.wave_lines(clock.now())
    rows = [row for row in partners.list_partners() if row.kind == "partner" and row.state == "active"]
    waiting = sum(1 for row in rows if row.launched_at is None)
    context = {
        "lines": lines,
        "sentence": sentences.of_all(lines, waiting),
        "may_send": access.SEND_WAVE.allows(request.principal),
        "any_partner": bool(rows),
    }
    return render(request, "launches/waves.jinja", context)


@require_http_methods(["GET", "HEAD", "POST"])
@route(right=access.SEND_WAVE)
def new(request: Request) -> HttpResponse:
    """Name a wave; then its partners are chosen."""
    typed = {"name": request.POST.get("name", ""), "planned_on": request.POST.get("planned_on", "")}
    refusal = None
    if request.method == "POST":
        try:
            wave_id = actions.create_wave(
                name=typed["name"],
                planned_on=day_of(typed["planned_on"]),
                actor=request.principal.actor,
                now=clock.now(),
            )
            return redirect("launches:choose", wave_id)
        except Refusal as refused:
            refusal = refused
    context = {"typed": typed, "refusal": refusal}
    return render(request, "launches/new.jinja", context, status=refusal.status if refusal else 200)


def day_of(text: str) -> date | None:
    """A day as a form sends it; None for an empty field."""
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field="planned_on", problem="The day is no date.", mend="Choose a day.") from error


@require_safe
@route(right=access.SEE_LAUNCHES)
def wave(request: Request, wave_id: UUID) -> HttpResponse:
    """Who gets what, when, who is not ready? Then the ten minutes; then who was reached and who came in."""
    return show(request, wave_id)


def show(request: Request, wave_id: UUID, refusal: Refusal | None = None) -> HttpResponse:
    """The page of a wave, with what was refused on it."""
    now = clock.now()
    page = queries.wave_page(queries.wave(wave_id), now)
    undoable = page.wave.may_undo(now)
    phase = "undoable" if undoable else page.wave.state.value
    context = {**about(page, now), "refusal": refusal, **may(request, page), "phase": phase}
    if page.wave.letters_from is not None:
        context["left"] = max(ceil((page.wave.letters_from - now).total_seconds()), 0)
        context["may_undo"] = context["may_send"] and undoable
    response = render(request, "launches/wave.jinja", context, status=refusal.status if refusal else 200)
    if request.headers.get("HX-Request") and request.GET.get("phase", phase) != phase:
        response.headers["HX-Refresh"] = "true"  # what the open page says above its countdown is over
    return response


def about(page: queries.WavePage, now: datetime) -> dict[str, Any]:
    """What every page about a wave says."""
    wave = page.wave
    named = [wave.created_by, wave.sent_by, wave.undone_by]
    named += [who for row in page.launches for who in (row.held_by, row.let_go_by)]
    with scopes.host():  # whoever plans waves is staff, whichever partners the reader looks after
        names = people.names(UUID(who) for who in sentences.staff_ids(named))
    languages = dict(settings.LANGUAGES)
    spoken = [(code, languages.get(code, code), n) for code, n in page.locales.items()]
    return {
        "page": page,
        "wave": wave,
        "sentence": sentences.of_wave(page, now),
        "why": {row.id: sentences.why(row) for row in page.launches},
        "names": {str(person_id): name for person_id, name in names.items()},
        "languages": spoken,
        "language_bars": [(name, n) for _, name, n in spoken],
        "written": set(languages),
        "first_locale": next((code for code, _, _ in spoken if code in languages), "en"),
        "untold": queries.untold_count(wave.id) if wave.ended_at and not wave.undone_at else 0,
        "nudge_words": {
            Nudge.COME_IN: gettext("reminded to come in"),
            Nudge.START: gettext("reminded to begin"),
            Nudge.LAST: gettext("reminded for the last time"),
        },
    }


def may(request: Request, page: queries.WavePage) -> dict[str, bool]:
    """What the reader may do with this wave."""
    return {
        "may_plan": access.PLAN_LAUNCHES.allows(request.principal) and page.wave.is_draft,
        "may_send": access.SEND_WAVE.allows(request.principal),
        "may_see_untold": access.SEE_UNTOLD.allows(request.principal),
    }


@require_POST
@route(right=access.SEND_WAVE)
def change(request: Request, wave_id: UUID) -> HttpResponse:
    """What the wave is called, when it is planned, whether it reminds and writes at night."""
    typed = request.POST
    try:
        actions.change_wave(
            wave_id=queries.wave(wave_id).id,
            name=typed.get("name", ""),
            planned_on=day_of(typed.get("planned_on", "")),
            nudges="nudges" in typed,
            quiet=Quiet.WAIT if "quiet" in typed else Quiet.IGNORE,
            actor=request.principal.actor,
            now=clock.now(),
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return show(request, wave_id, refusal)
    return redirect("launches:wave", wave_id)


@require_safe
@route(right=access.SEE_LAUNCHES)
def receipt(request: Request, wave_id: UUID) -> HttpResponse:
    """One calm page about a wave, to print or pin to a ticket."""
    now = clock.now()
    page = queries.wave_page(queries.wave(wave_id), now)
    return render(request, "launches/receipt.jinja", {**about(page, now), "now": now})
