"""The shells' own pages: P4 home, D1 desk, C1 set-up, C17 operator with the audit log."""

from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.identity.queries import access_review, how_many_wait
from gangway.kernel import clock
from gangway.kernel.access import Principal
from gangway.kernel.jobs.actions import retry
from gangway.kernel.outbox.actions import replay
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.portal import access, queries
from gangway.portal.navigation import may_enter
from gangway.ui import render, words
from gangway.ui.listing import answer


@require_GET
@route(right=access.SEE_HOME)
def home(request: Request) -> HttpResponse:
    """P4: what next? One card. Staff with nothing to learn work in the console."""
    found = queries.home(request.principal, clock.now())
    if request.principal.staff and found.is_empty and access.SEE_SETUP.allows(request.principal):
        return HttpResponseRedirect(reverse("plans:week"))
    return render(request, "portal/home.jinja", {"home": found})


@require_GET
@route(right=access.SEE_DESK)
def desk(request: Request) -> HttpResponse:
    """D1: what is asked of us, what do we get?"""
    me = request.principal
    found = queries.desk(me, clock.now(), results=access.SEE_RESULTS.allows(me))
    review = _review(me)
    return render(
        request,
        "portal/desk.jinja",
        {"desk": found, "sentence": _desk_sentence(found), "may_invite": may_enter(me, "people:invite")}
        | {"review": review, "waiting": how_many_wait(me.partner_id) if may_enter(me, "identity:joining") else 0},
    )


def _review(me: Principal) -> str:
    """What an admin reads about the access list; "" for those who may not see it."""
    if not may_enter(me, "identity:access"):
        return ""
    with scopes.one(me.partner_id):
        row = access_review(clock.now())
    if row is None or row.confirmed_at is not None:
        return gettext("Who of your company and of your vendor sees more than themselves, as of now.")
    day = words.day(row.due_on).striptags()
    if row.standing == "overdue":
        return gettext("Your access list was to be confirmed by %(day)s.") % {"day": day}
    return gettext("Confirm by %(day)s who sees your company's data.") % {"day": day}


def _desk_sentence(desk: queries.DeskRow) -> str:
    funnel = desk.funnel
    if not funnel.invited:
        return gettext("Nobody of your company was invited yet.")
    counts = {"came": funnel.came_in, "invited": funnel.invited, "certified": funnel.certified}
    return gettext("%(came)s of %(invited)s came in; %(certified)s are certified.") % counts


@require_GET
@route(right=access.SEE_SETUP)
def console(request: Request) -> HttpResponse:
    """The console's own address leads to this week."""
    return HttpResponseRedirect(reverse("plans:week"))


@require_GET
@route(right=access.SEE_SETUP)
def setup(request: Request) -> HttpResponse:
    """C1: what is missing before day 1?"""
    lines = [_enterable(line, request.principal) for line in queries.setup_lines(clock.now())]
    missing = sum(1 for line in lines if not line.done)
    sentence = (
        ngettext("%(n)s line of %(all)s is missing.", "%(n)s lines of %(all)s are missing.", missing)
        % {"n": missing, "all": len(lines)}
        if missing
        else gettext("Everything is ready for day 1.")
    )
    return render(request, "portal/setup.jinja", {"lines": lines, "sentence": sentence})


def _enterable(line: queries.SetupLine, visitor: Principal) -> queries.SetupLine:
    """A line leads on for those who may enter its page."""
    return line if not line.route or may_enter(visitor, line.route) else replace(line, route="")


@require_GET
@route(right=access.OPERATE)
def operator(request: Request) -> HttpResponse:
    """C17: is the machine well?"""
    found = queries.machine(clock.now())
    sentence = (
        ngettext("%(n)s thing waits for you.", "%(n)s things wait for you.", found.troubled) % {"n": found.troubled}
        if found.troubled
        else gettext("The machine is well: nothing waits for you.")
    )
    return render(request, "portal/operator.jinja", {"machine": found, "sentence": sentence})


@require_POST
@route(right=access.OPERATE)
def replay_event(request: Request, failure_id: UUID) -> HttpResponse:
    replay(failure_id=failure_id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("portal:operator"))


@require_POST
@route(right=access.OPERATE)
def retry_job(request: Request, job_id: UUID) -> HttpResponse:
    retry(job_id=job_id, actor=request.principal.actor, now=clock.now())
    return HttpResponseRedirect(reverse("portal:operator"))


@require_GET
@route(right=access.OPERATE)
def audit(request: Request) -> HttpResponseBase:
    """Who did what, searched by verb, actor or object."""
    sentence = gettext("What people, jobs and commands changed here. Nothing in it can be altered.")
    return answer(request, queries.AUDIT_LIST, title=gettext("Audit"), sentence=sentence)
