"""Connections out: the canary of thirty days, the other environment beside this one, promoting and taking it back."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from gangway.identity import queries as identity
from gangway.identity.access import SEE_CONNECTIONS
from gangway.kernel import clock
from gangway.kernel.language import explain, number, say
from gangway.kernel.outbox import queries as outbox
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import content
from gangway.kernel.values import printable
from gangway.kernel.web import Request, route
from gangway.portal.access import OPERATE
from gangway.portal.views import cutover
from gangway.rollout.operations import actions, queries
from gangway.rollout.operations.access import PROMOTE, SEE_OUTWARD
from gangway.rollout.operations.queries import (
    LEFT_ALONE,
    ComparisonRow,
    Export,
    PromotionRow,
    Step,
    digest_of,
    place,
    read,
    value_in_words,
)
from gangway.rollout.rehearsal import actions as rehearsal_actions
from gangway.rollout.rehearsal import queries as rehearsals
from gangway.rollout.rehearsal.access import SEND_ROBOT
from gangway.rollout.rehearsal.queries import Night
from gangway.ui import render
from gangway.ui.words import moment

MOST_BYTES = 5_000_000  # of an export: about 5,000 partners


@require_safe
@route(right=SEE_OUTWARD)
def outward(request: Request) -> HttpResponse:
    """Does everything still connect? The canary, what differs from the other environment, what waits."""
    return _page(request)


@require_POST
@route(right=SEND_ROBOT)
def canary(request: Request) -> HttpResponse:
    """Rehearse every night from now on, or do not."""
    cutover.everywhere()
    rehearsal_actions.set_canary(on=request.POST.get("on") == "yes", actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("operations:outward"))


@require_POST
@route(right=SEE_OUTWARD)
def compare(request: Request) -> HttpResponse:
    """Look at how an uploaded export differs from here, and keep that as evidence."""
    cutover.everywhere()
    try:
        export, source = _uploaded(request)
        actions.compare(export=export, source=source, actor=request.principal.actor, now=clock.now())
    except Invalid as refusal:
        return _page(request, errors={"file": explain(refusal)}, status=422)
    return HttpResponseRedirect(f"{reverse('operations:outward')}#environments")


@require_POST
@route(right=PROMOTE)
def promote(request: Request, comparison_id: UUID) -> HttpResponse:
    """Promote the export that was compared, against what was configured here as it was looked at."""
    cutover.everywhere()
    row = queries.comparison(comparison_id)
    if row.export is None:
        raise NotFound
    export = Export(row.environment, row.theirs, row.export)
    try:
        actions.promote(export=export, source=row.source, seen=row.ours, actor=request.principal.actor, now=clock.now())
    except Refusal as refusal:
        return _page(request, refused=refusal, status=refusal.status)
    return HttpResponseRedirect(f"{reverse('operations:outward')}#promotions")


@require_POST
@route(right=PROMOTE)
def undo(request: Request, promotion_id: UUID) -> HttpResponse:
    """Take a promotion back."""
    cutover.everywhere()
    queries.promotion(promotion_id)
    try:
        actions.undo_promotion(promotion_id=promotion_id, actor=request.principal.actor, now=clock.now())
    except Refusal as refusal:
        return _page(request, refused=refusal, status=refusal.status)
    return HttpResponseRedirect(f"{reverse('operations:outward')}#promotions")


def _uploaded(request: Request) -> tuple[Export, str]:
    upload: Any = request.FILES.get("file")
    if upload is None or not upload.size:
        raise Invalid(
            field="file", problem="No file was chosen.", mend="Choose one that the other installation exported."
        )
    if upload.size > MOST_BYTES:
        raise Invalid(
            field="file",
            problem="The file has {size} bytes; {most} fit here.",
            mend="Read it with `gangway config diff`.",
            size=upload.size,
            most=MOST_BYTES,
        )
    return read(upload.read().decode("utf-8", errors="replace")), printable(upload.name or "", 200)


# ---------------------------------------------------------------- the page


def _page(
    request: Request, *, errors: dict[str, str] | None = None, refused: Refusal | None = None, status: int = 200
) -> HttpResponse:
    cutover.everywhere()
    now = clock.now()
    found = rehearsals.canary_nights(now, timezone.get_current_timezone())
    row, made = queries.latest_comparison(), queries.promotions()
    fresh = row is not None and row.ours == digest_of(queries.configured())
    names = cutover.names_of([*([row] if row else []), *made])
    partners_in = identity.connected(now)
    context = {
        "sentence": f"{_canary_sentence(found)} {_diff_sentence(row, fresh)}",
        "connected": partners_in,
        "connected_sentence": _connected_sentence(partners_in),
        "may_open": SEE_CONNECTIONS.allows(request.principal),
        "nights": found,
        "nights_sentence": _canary_sentence(found),
        "canary_on": rehearsals.canary_on(),
        "may_switch": SEND_ROBOT.allows(request.principal),
        "row": row,
        "looked": _looked(row, names) if row else "",
        "fresh": fresh,
        "diff_sentence": _diff_sentence(row, fresh),
        "steps": _said(row.rows) if row else [],
        "settable": sum(not step.by_hand for step in row.rows) if row and row.export is not None and fresh else 0,
        "may_promote": PROMOTE.allows(request.principal),
        "promotions": [(one, names.get(one.actor_id, "") or one.actor_kind) for one in made],
        "changed": {one.id: _changed(one) for one in made},
        "cutovers": [(one, cutover.sentence(one)) for one in queries.cutovers()],
        "environment": queries.environment(),
        "left_alone": gettext(LEFT_ALONE),
        "parked": outbox.health().parked,
        "may_operate": OPERATE.allows(request.principal),
        "errors": errors or {},
        "refused": (say(refused.said), say(refused.step)) if refused else None,
    }
    return render(request, "portal/outward.jinja", context, status=status)


def _canary_sentence(found: Sequence[Night]) -> str:
    passed, failed = (sum(night.passed is way for night in found) for way in (True, False))
    if not passed and not failed:
        return gettext("No night was rehearsed in the last 30 days.")
    nights = ngettext(
        "Of the last 30 days, the nightly rehearsal passed on %(n)s",
        "Of the last 30 days, the nightly rehearsal passed on %(n)s",
        passed,
    ) % {"n": number(passed)}
    fails = ngettext("failed on %(n)s", "failed on %(n)s", failed) % {"n": number(failed)}
    without = len(found) - passed - failed
    none = ngettext("and did not run on %(n)s.", "and did not run on %(n)s.", without) % {"n": number(without)}
    return gettext("%(passed)s, %(failed)s %(none)s") % {"passed": nights, "failed": fails, "none": none}


def _connected_sentence(found: identity.Connected) -> str:
    if not found.open:
        return gettext("No partner has opened a connection yet: their people come in by a code sent to their mailbox.")
    known = ngettext("%(n)s connection of partners is open", "%(n)s connections of partners are open", found.open) % {
        "n": number(found.open)
    }
    if not found.troubled:
        return gettext("%(open)s, and none of them failed within a week.") % {"open": known}
    wrong = ngettext("%(n)s does not work as it should.", "%(n)s do not work as they should.", found.troubled) % {
        "n": number(found.troubled)
    }
    return gettext("%(open)s; %(wrong)s") % {"open": known, "wrong": wrong}


def _diff_sentence(row: ComparisonRow | None, fresh: bool) -> str:
    if row is None:
        return gettext("Nobody has compared this installation with the other environment yet.")
    if not fresh:
        return gettext("Something was configured here since the environments were compared.")
    if row.environment == queries.environment():
        return gettext("The latest comparison was with an export of the same environment, which proves nothing.")
    if not row.found:
        return gettext("Sandbox and production differ in nothing.")
    words = ngettext(
        "Sandbox and production differ in {n} place.", "Sandbox and production differ in {n} places.", row.found
    )
    return words.format(n=number(row.found))


def _looked(row: ComparisonRow, names: dict[str, str]) -> str:
    who = names.get(row.actor_id) or gettext("somebody at the command line")
    words = gettext("Looked at on %(when)s by %(who)s, in the file %(file)s.")
    return words % {"when": moment(row.compared_at).striptags(), "who": who, "file": row.source or "–"}


def _said(rows: Sequence[Step]) -> list[tuple[str, str, str, str]]:
    """Where, what is here, what the file says, and what is done by hand about it."""
    return [
        (place(*step.place), _seen(step, step.was), _seen(step, step.now), say(content(step.by_hand))) for step in rows
    ]


def _seen(step: Step, value: Any) -> str:
    """A digest says by its beginning that it is another one."""
    return value[:12] if step.field == "content" and isinstance(value, str) else _value(value)


def _changed(row: PromotionRow) -> list[tuple[str, str, str]]:
    return [(place(*one.place), _value(one.was), _value(one.now)) for one in row.changes]


def _value(value: Any) -> str:
    """A field as it stands in the file; of a whole entry only that it is there."""
    if value is None:
        return "–"
    return gettext("there") if isinstance(value, dict) and value else value_in_words(value)
