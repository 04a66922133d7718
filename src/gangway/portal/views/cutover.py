"""A cutover, step by step: what is next, what was expected and seen, how long it took."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST, require_safe

from gangway.kernel import clock
from gangway.kernel.language import explain, number, say
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import content
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.people import queries as people
from gangway.rollout.operations import actions, queries
from gangway.rollout.operations.access import PROMOTE, SEE_OUTWARD
from gangway.rollout.operations.queries import CutoverRow, Where
from gangway.ui import render
from gangway.ui.words import minutes, moment


@require_safe
@route(right=SEE_OUTWARD)
def cutover(request: Request, cutover_id: UUID) -> HttpResponse:
    """How far is this cutover, and what is next?"""
    return _page(request, cutover_id)


@require_POST
@route(right=PROMOTE)
def begin(request: Request) -> HttpResponse:
    """Carry the runbook out from now on; whoever presses twice carries on."""
    everywhere()
    try:
        cutover_id = actions.begin_cutover(actor=request.principal.actor, now=clock.now())
    except actions.CutoverUnderWay:
        cutover_id = next(row.id for row in queries.cutovers() if row.ended_at is None)
    return HttpResponseRedirect(reverse("operations:cutover", kwargs={"cutover_id": cutover_id}))


@require_POST
@route(right=PROMOTE)
def note(request: Request, cutover_id: UUID) -> HttpResponse:
    """Note what came of the step whose turn it is."""
    given = request.POST
    said: dict[str, Any] = {
        "key": given.get("step", ""),
        "as_expected": given.get("result") == "expected",
        "words": given.get("words", ""),
    }
    return _carried(request, cutover_id, partial(actions.note_step, **said))


@require_POST
@route(right=PROMOTE)
def end(request: Request, cutover_id: UUID) -> HttpResponse:
    """End it before every step went as expected."""
    return _carried(request, cutover_id, partial(actions.end_cutover, why=request.POST.get("why", "")))


def _carried(request: Request, cutover_id: UUID, act: Callable[..., Any]) -> HttpResponse:
    """Do it and show what became of the cutover, or say on its page why not."""
    everywhere()
    try:
        act(cutover_id=cutover_id, actor=request.principal.actor, now=clock.now())
    except NotFound:
        raise
    except Invalid as refusal:
        return _page(request, cutover_id, errors={refusal.field or "": explain(refusal)}, status=422)
    except Refusal as refusal:
        return _page(request, cutover_id, refused=refusal, status=refusal.status)
    return HttpResponseRedirect(reverse("operations:cutover", kwargs={"cutover_id": cutover_id}))


def everywhere() -> None:
    """A configuration reaches every partner; whoever reaches only some neither changes nor sees it."""
    if scopes.required().mode is not scopes.Mode.HOST:
        raise NotFound


def _page(
    request: Request,
    cutover_id: UUID,
    *,
    errors: dict[str, str] | None = None,
    refused: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    everywhere()
    row = queries.cutover(cutover_id)
    names = names_of([row, *(step.note for step in row.steps if step.note)])
    done = sum(step.note is not None for step in row.steps)
    context = {
        "row": row,
        "sentence": sentence(row),
        "begun": gettext("Begun on %(when)s by %(who)s.")
        % {"when": moment(row.begun_at).striptags(), "who": _who(row.actor_kind, row.actor_id, names)},
        "place": done + 1,
        "steps": [_line(step, row, names) for step in row.steps],
        "bars": [
            (say(content(step.act.title)), step.seconds, took(step.seconds)) for step in row.steps if step.seconds
        ],
        "next": _next(row),
        "may_note": PROMOTE.allows(request.principal),
        "given": request.POST.get("words", "") if errors else "",
        "why": request.POST.get("why", "") if errors else "",
        "errors": errors or {},
        "refused": (say(refused.said), say(refused.step)) if refused else None,
    }
    return render(request, "portal/cutover.jinja", context, status=status)


def sentence(row: CutoverRow) -> str:
    """How a cutover stands, or how it went."""
    done = sum(step.note is not None for step in row.steps)
    if row.whole:
        return gettext("Every step went as expected, in %(took)s.") % {"took": took(row.seconds or 0)}
    counted = ngettext(
        "%(done)s of %(all)s steps went as expected", "%(done)s of %(all)s steps went as expected", done
    ) % {"done": number(done), "all": number(len(row.steps))}
    if row.ended_at is not None:
        return gettext("Ended: %(counted)s. “%(why)s”") % {"counted": counted, "why": row.why}
    title = say(content(row.next.title)) if row.next else ""
    return gettext("%(counted)s. Next: %(step)s.") % {"counted": counted, "step": title}


def took(seconds: int) -> str:
    """``40 seconds``, ``12 minutes``."""
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": number(seconds)}
    return minutes(round(seconds / 60))


def _next(row: CutoverRow) -> dict[str, Any] | None:
    if row.next is None:
        return None
    return {
        "key": row.next.key,
        "title": say(content(row.next.title)),
        "commands": row.next.commands,
        "expected": say(content(row.next.expected)),
        "back": say(content(row.next.back)),
        "seen_at": row.next_seen_at,
        "must_be_seen": row.next.proof is not None and not row.next.word,
    }


def _line(step: Where, row: CutoverRow, names: dict[str, str]) -> dict[str, Any]:
    """A step as the table shows it."""
    here = row.next is not None and step.act.key == row.next.key
    note = step.note
    state = ("proven" if note.proven else "attested") if note else "failed" if step.failed else "unproven"
    if note and note.proven:
        word = gettext("Seen by Gangway")
    elif note:
        word = gettext("Said by %(who)s") % {"who": _who(note.actor_kind, note.actor_id, names)}
    elif step.failed:
        word = gettext("Went otherwise")
    else:
        word = gettext("Now") if here else gettext("To come")
    return {
        "title": say(content(step.act.title)),
        "state": state,
        "word": word,
        "at": note.at if note else None,
        "took": took(step.seconds) if step.seconds is not None else "",
        "words": note.words if note else "",
        "failed": [(one.words, one.at) for one in step.failed],
        "where": "done" if note else "here" if here else "ahead",
    }


class Acted(Protocol):
    """Something that somebody did."""

    @property
    def actor_kind(self) -> str: ...

    @property
    def actor_id(self) -> str: ...


def names_of(rows: Iterable[Acted]) -> dict[str, str]:
    """The names of the people who did these, by id."""
    ids = {UUID(row.actor_id) for row in rows if row.actor_kind == "person"}
    return {str(person_id): name for person_id, name in people.names(list(ids)).items()}


def _who(kind: str, actor_id: str, names: dict[str, str]) -> str:
    return names.get(actor_id, "") or (
        gettext("somebody at the command line") if kind != "person" else gettext("somebody who is no longer here")
    )
