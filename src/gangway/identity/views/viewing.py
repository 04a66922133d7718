"""Seeing what somebody sees: the press that begins it, and Stop."""

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gangway.identity import actions, queries
from gangway.identity.access import OWN_SESSIONS, VIEW_AS
from gangway.identity.views.account import chosen
from gangway.kernel import clock
from gangway.kernel.refusal import Invalid
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.people import queries as people


@require_POST
@route(right=VIEW_AS)
def view_as(request: Request) -> HttpResponse:
    """Staff see what one person of a partner in reach sees; `ids` names them, as lists and their page send it."""
    ids, me = chosen(request), request.principal
    if len(ids) != 1:
        raise Invalid(field="ids", problem=_("One looks with one person's eyes."), mend=_("Choose one person."))
    person = people.person(ids[0])
    if queries.sees_beyond(person.id, clock.now()):
        raise actions.NeverUpward(name=person.name)
    if me.session_id is not None:
        with scopes.one(person.partner_id):
            actions.start_viewing(session_id=me.session_id, person_id=person.id, actor=me.actor, now=clock.now())
    return HttpResponseRedirect("/")


@require_POST
@route(right=OWN_SESSIONS, ends_viewing=True)
def stop_viewing(request: Request) -> HttpResponse:
    """Be oneself again, where one was before."""
    me = request.principal
    if me.session_id is None or me.viewer is None:
        return HttpResponseRedirect("/")
    actions.stop_viewing(session_id=me.session_id, actor=me.actor, now=clock.now())
    return HttpResponseRedirect(reverse("people:list"))
