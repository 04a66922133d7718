"""A company's sign-in by OpenID Connect: the browser leaves with a state, and comes back with it once."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_safe

from gangway.identity import actions, oidc, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules import Step
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.oidc import step_of
from gangway.identity.views.provider import (
    VISITOR,
    arrived,
    connection_at,
    failed,
    sent_off,
    traveller_of,
    typed_of,
)
from gangway.kernel import clock, secrets
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.messaging.queries import mailbox_digest


def begin(request: Request, connection: ConnectionRow, next_path: str) -> HttpResponse:
    """Send the browser to the provider, or say that it cannot be."""
    typed = typed_of(request)
    with scopes.one(connection.partner_id):
        row = queries.oidc_settings(connection.id, clock.now())
    try:
        leaving = oidc.leave(row, callback=_callback(connection), hint=typed, now=clock.now())
    except oidc.Fault as fault:
        return failed(request, connection, step_of(fault.reason), fault.reason.value, fault.detail, next_path)
    traveller = traveller_of(request) or secrets.token()  # who signs in in two windows is one browser
    actions.depart(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        state=leaving.state,
        browser=traveller,
        told=leaving.told,
        next_path=next_path,
        mailbox=mailbox_digest(typed) if typed else None,
        actor=VISITOR,
        now=clock.now(),
    )
    return sent_off(HttpResponseRedirect(leaving.url), traveller)


@require_safe
@route(public="where a company's own sign-in sends people back to")
def oidc_callback(request: Request, route_name: str) -> HttpResponse:
    """Back from the provider, once. A state of another browser, or one that was used, begins a sign-in of its own."""
    connection = connection_at(route_name)
    if connection.kind is not ConnectionKind.OIDC:
        raise NotFound
    now = clock.now()
    departed = actions.come_back(
        state=request.GET.get("state", "")[:200],
        connection_id=connection.id,
        browser=traveller_of(request),
        actor=VISITOR,
        now=now,
    )
    if departed is None and traveller_of(request):
        return HttpResponseRedirect(reverse("identity:sso", args=[connection.route]))
    if departed is None:  # it keeps no cookies: sent once more, it would come back the same
        words = "The browser brought nothing back by which it is known."
        return failed(request, connection, Step.PROVIDER_FOREIGN, "state", words)
    try:
        with scopes.one(connection.partner_id):
            asserted = oidc.arrive(
                queries.oidc_settings(connection.id, now),
                answer=dict(request.GET.lists()),
                told=departed.told,
                callback=_callback(connection),
                actor=VISITOR,
                now=now,
            )
    except oidc.Fault as fault:
        step, reason = step_of(fault.reason), fault.reason.value
        return failed(request, connection, step, reason, fault.detail, departed.next_path, departed)
    return arrived(request, connection, asserted, departed.next_path, departed)


def _callback(connection: ConnectionRow) -> str:
    """Our address at the provider, which never depends on the host that was asked."""
    return f"{settings.BASE_URL}{reverse('identity:oidc_callback', args=[connection.route])}"
