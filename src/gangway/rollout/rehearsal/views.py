"""What rehearsals came to, what the robot saw, and the buttons that send them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _
from django.views.decorators.http import require_POST, require_safe

from gangway.kernel.jobs.queries import is_under_way
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.rollout.rehearsal import access, queries
from gangway.rollout.rehearsal.documents import draw
from gangway.rollout.rehearsal.queries import RunRow
from gangway.rollout.rehearsal.rules import STEP_WORDS, Cause
from gangway.ui import render

REHEARSE = "gangway.rollout.rehearsal.jobs.rehearse"
CAUSE_WORDS: Mapping[Cause, str] = {
    Cause.COMMAND: _("by command"),
    Cause.PAGE: _("by button"),
    Cause.NIGHT: _("by night"),
}


@require_safe
@route(right=access.SEE_REHEARSAL)
def rehearsal(request: Request) -> HttpResponse:
    """The rehearsals of the last weeks, one of them step by step (`run`, else the youngest), and looks at award pages.
    The robots' rows belong to shell partners, which staff may see."""
    shown, under_way = _shown(request), is_under_way(REHEARSE)
    newest = "run" not in request.GET
    context = {
        "shown": shown,
        "sentence": gettext("A rehearsal is under way.") if under_way and newest else _sentence(shown),
        "wanted": _wanted(shown),
        "steps": _steps(shown),
        "runs": [(row, gettext(CAUSE_WORDS[row.cause]), _sentence(row)) for row in queries.runs()],
        "rows": queries.checks(),
        "may_send": access.SEND_ROBOT.allows(request.principal),
        "types": [("", gettext("No type")), *partners.types()],
        "under_way": under_way,
        "watched": under_way and newest,
        "sent": "sent" in request.GET,
    }
    return render(request, "rehearsal/rehearsal.jinja", context)


@require_safe
@route(right=access.SEE_REHEARSAL)
def as_json(request: Request) -> JsonResponse:
    """The rehearsals of the last weeks for machines, the youngest first, as `gangway rehearse --json` prints each."""
    return JsonResponse({"runs": [row.as_dict() for row in queries.runs()]})


@require_safe
@route(right=access.SEE_REHEARSAL)
def as_pdf(request: Request) -> HttpResponse:
    """One rehearsal as a page to pin to a ticket."""
    shown = _shown(request)
    page = draw(shown, wanted=_wanted(shown), sentence=_sentence(shown), steps=_steps(shown))
    response = HttpResponse(page, content_type="application/pdf")
    response["Content-Disposition"] = 'inline; filename="gangway-rehearsal.pdf"'
    return response


@require_POST
@route(right=access.SEND_ROBOT)
def begin(request: Request) -> HttpResponse:
    """Ask the worker for a rehearsal as the partner type asked for; one that waits or runs is enough. NotFound: no such
    type."""
    type_key = request.POST.get("type", "")
    if type_key and type_key not in dict(partners.types()):
        raise NotFound
    if not is_under_way(REHEARSE):
        import_string(REHEARSE).enqueue(type_key=type_key)
    return redirect(reverse("rehearsal:rehearsal"))


@require_POST
@route(right=access.SEND_ROBOT)
def send(request: Request) -> HttpResponse:
    """Ask the worker to send the robot now."""
    import_string("gangway.rollout.rehearsal.jobs.send_robot").enqueue(anew=True)
    return redirect(f"{reverse('rehearsal:rehearsal')}?sent")


def _shown(request: Request) -> RunRow | None:
    asked = request.GET.get("run", "")
    if not asked:
        return next(iter(queries.runs(1)), None)
    try:
        return queries.run(UUID(asked))
    except ValueError as error:
        raise NotFound from error


def _sentence(row: RunRow | None) -> str:
    """What it came to, in one sentence."""
    if row is None:
        return gettext("There was no rehearsal yet.")
    if row.passed is None:
        return gettext("A rehearsal is under way.")
    if row.passed:
        seconds = f"{row.ms / 1000:.0f}"
        words = ngettext("%(n)s step passed in %(s)s s.", "All %(n)s steps passed in %(s)s s.", len(row.steps))
        return words % {"n": len(row.steps), "s": seconds}
    if row.failed is not None:
        return gettext("It failed at: %(step)s.") % {"step": step_words(row.failed)}
    return gettext("It broke off before its end.")


def _wanted(row: RunRow | None) -> str:
    """Who wanted it, and as a partner of which type."""
    if row is None:
        return ""
    name = dict(partners.types()).get(row.type_key, row.type_key)
    return " · ".join(filter(None, (gettext(CAUSE_WORDS[row.cause]), name)))


def step_words(step: Mapping[str, Any]) -> str:
    """What a step is, in the reader's language."""
    name = str(step["name"])
    return gettext(STEP_WORDS[name]) if name in STEP_WORDS else name


def _steps(row: RunRow | None) -> list[tuple[str, Mapping[str, Any]]]:
    return [(step_words(step), step) for step in row.steps] if row else []
