"""C16: who waits for help? In the console for staff, on the desk for a partner's own people."""

from collections.abc import Callable
from contextlib import nullcontext
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from gangway.identity import actions, queries
from gangway.identity.access import (
    CONNECT_TEAM,
    HELP_PEOPLE,
    HELP_TEAM,
    HOST_CONNECTIONS,
    SEE_CONNECTIONS,
    SEE_STRANGERS,
)
from gangway.identity.queries import RequestRow
from gangway.identity.rules import Answer
from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners
from gangway.ui import words
from gangway.ui.listing import answer as listing

PageOf = Callable[[RequestRow], str]  # where the connection of a failed sign-in is seen; "": not by whoever looks


@require_GET
@route(right=HELP_PEOPLE)
def requests(request: Request) -> HttpResponseBase:
    """Staff see those of the partners in reach; platform admins also the addresses that nobody has."""
    strangers = SEE_STRANGERS.allows(request.principal)
    return _list(request, "console", "identity:answer", _page_for_staff(request), strangers=strangers)


@require_GET
@route(right=HELP_TEAM)
def team_requests(request: Request) -> HttpResponseBase:
    """A partner's admin sees their own people."""
    return _list(request, "desk", "identity:answer_team", _page_for_team(request), strangers=False)


def _page_for_staff(request: Request) -> PageOf:
    sees, host_id = SEE_CONNECTIONS.allows(request.principal), partners.host_id()
    hosts = HOST_CONNECTIONS.allows(request.principal)

    def page_of(one: RequestRow) -> str:
        if one.partner_id == host_id:
            return reverse("identity:host_connection", args=[one.connection_id]) if hosts else ""
        return reverse("identity:connection_of", args=[one.partner_id, one.connection_id]) if sees else ""

    return page_of


def _page_for_team(request: Request) -> PageOf:
    connects, own = CONNECT_TEAM.allows(request.principal), request.principal.partner_id

    def page_of(one: RequestRow) -> str:
        return reverse("identity:connection", args=[one.connection_id]) if connects and one.partner_id == own else ""

    return page_of


def _list(request: Request, shell: str, route_name: str, page_of: PageOf, *, strangers: bool) -> HttpResponseBase:
    everything = any(request.GET.get(name) for name in ("q", "state"))
    context = {
        "answer_route": route_name,
        "connection_page": page_of,
        "done": _done(request.GET.get("done", "")),
        "everything": everything,
        "empty_title": _("Nobody waits for help"),
        "empty_text": _("Whoever gets stuck while signing in stands here, under the number they see on their page."),
    }
    return listing(
        request,
        queries.requests(strangers=strangers, everything=everything),
        title=_("Requests"),
        sentence=_sentence(queries.waiting(strangers=strangers)),
        shell=shell,
        template="identity/requests.jinja",
        context=context,
    )


def _sentence(waiting: queries.Waiting) -> str:
    """ "3 people wait for help, the first of them since 3 May, 14:02." """
    if waiting.since is None:
        return _("Nobody waits for help.")
    count = ngettext("%(n)s sign-in waits for help", "%(n)s sign-ins wait for help", waiting.count)
    since = _("the oldest since %(moment)s.") % {"moment": words.moment(waiting.since).striptags()}
    return f"{count % {'n': words.number(waiting.count)}}, {since}"


def _done(answer: str) -> str:
    """What the press before this page did."""
    return {
        Answer.LETTER.value: _("The letter is on its way: its link asks for its code, so read both out together."),
        Answer.INVITATION.value: _("The invitation was renewed; its letter is on its way."),
        Answer.MAILBOX.value: _("We believe in the mailbox again; a sign-in letter is on its way."),
        Answer.RESUME.value: _("They may come in again; a new invitation is on its way."),
        Answer.DONE.value: _("Marked as answered."),
    }.get(answer, "")


@require_POST
@route(right=HELP_PEOPLE)
def answer(request: Request, request_id: UUID, answer: str) -> HttpResponse:
    """One press: do what mends it, and take it off the list."""
    strangers = SEE_STRANGERS.allows(request.principal)
    return _answer(request, request_id, answer, "identity:requests", strangers=strangers)


@require_POST
@route(right=HELP_TEAM)
def answer_team(request: Request, request_id: UUID, answer: str) -> HttpResponse:
    """The same for a partner's own people."""
    return _answer(request, request_id, answer, "identity:team_requests", strangers=False)


def _answer(request: Request, request_id: UUID, answer: str, back: str, *, strangers: bool) -> HttpResponse:
    found = queries.request_row(request_id, strangers=strangers)
    if answer not in list(Answer):
        raise NotFound
    with scopes.one(found.partner_id) if found.partner_id else nullcontext():
        actions.answer_request(
            request_id=found.id, answer=Answer(answer), actor=request.principal.actor, now=clock.now()
        )
    return HttpResponseRedirect(f"{reverse(back)}?done={answer}")
