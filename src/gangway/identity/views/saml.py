"""A company's sign-in by SAML: the browser leaves with a request, and comes back with its signed answer, once.

The provider makes the browser post its answer from another site, and such a POST brings no cookie of ours. So it only
leaves the answer here and is sent on to a page of ours; the cookie comes with that, and there the answer is told to
the browser that was sent, and to no other.
"""

from datetime import datetime

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST, require_safe

from gangway.identity import actions, queries
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.rules.saml import CIRCLES, NotProven, SamlReason, step_of
from gangway.identity.saml.metadata import our_metadata
from gangway.identity.saml.requests import new_request_id, sign_in_address
from gangway.identity.saml.verification import answers, verify
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


def begin_saml(request: Request, connection: ConnectionRow, next_path: str) -> HttpResponse:
    """Send the browser to the provider with a request of its own, or say that it cannot be."""
    settings, typed, now = queries.saml_settings_of(connection), typed_of(request), clock.now()
    traveller = traveller_of(request) or secrets.token()  # who signs in in two windows is one browser
    if settings is None:
        return _failed(request, connection, SamlReason.SETTINGS, next_path)
    if queries.sent_lately(connection.id, traveller, now) >= CIRCLES:
        return _failed(request, connection, SamlReason.CIRCLES, next_path)
    request_id = new_request_id()
    actions.depart(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        state=request_id,
        browser=traveller,
        told=request_id,
        next_path=next_path,
        mailbox=mailbox_digest(typed) if typed else None,
        actor=VISITOR,
        now=now,
    )
    persistent = not settings.subject_attribute
    away = sign_in_address(settings.sso_url, queries.us(connection), request_id, persistent=persistent, now=now)
    return sent_off(HttpResponseRedirect(away), traveller)


@csrf_exempt  # a form of the provider, on its site; what it holds is signed, and answers a request of ours
@require_POST
@route(public="where a company's own sign-in posts its answer")
def saml_acs(request: Request, route_name: str) -> HttpResponse:
    """Keep what the answer proves, or why it proves nothing, for the browser that was sent.

    An answer to nothing that is awaited, whoever made it, begins a sign-in of its own.
    """
    connection, now = _saml(route_name), clock.now()
    encoded = request.POST.get("SAMLResponse", "")
    named = (answers(encoded), request.POST.get("RelayState", ""))
    state = next((one for one in named if one and queries.is_awaited(one, connection.id, now)), "")
    if not state:
        return _see_other(reverse("identity:sso", args=[connection.route]))
    handle = _kept(connection, encoded, state, now)
    return _see_other(f"{reverse('identity:saml_arrive', args=[connection.route])}?{urlencode({'answer': handle})}")


def _kept(connection: ConnectionRow, encoded: str, state: str, now: datetime) -> str:
    """The handle of what the answer proves, or of why it does not."""
    with scopes.one(connection.partner_id):
        settings = queries.saml_settings(connection.id)
        try:
            if settings is None:
                raise NotProven(SamlReason.SETTINGS)
            proven = verify(encoded, queries.expected(connection, settings, state, now), now)
            return actions.remember_assertion(
                connection_id=connection.id,
                assertion_id=proven.assertion_id,
                until=proven.until,
                state=state,
                asserted=proven.asserted,
                actor=VISITOR,
                now=now,
            )
        except NotProven as reason:
            found = reason
        except actions.Replayed:
            found = NotProven(SamlReason.REPLAYED)
        return actions.remember_refused(connection_id=connection.id, state=state, refused=found, actor=VISITOR, now=now)


@require_GET
@route(public="where a browser fetches what its company's own sign-in answered")
def saml_arrive(request: Request, route_name: str) -> HttpResponse:
    """In, for the browser that was sent; for any other, or too late, a sign-in of its own."""
    connection, now = _saml(route_name), clock.now()
    with scopes.one(connection.partner_id):
        found = actions.fetch_answer(
            connection_id=connection.id,
            handle=request.GET.get("answer", "")[:200],
            browser=traveller_of(request),
            actor=VISITOR,
            now=now,
        )
    if found is None and traveller_of(request):
        return HttpResponseRedirect(reverse("identity:sso", args=[connection.route]))
    if found is None:  # it keeps no cookies: sent once more, it would come back the same
        return _failed(request, connection, SamlReason.BROWSER, "/")
    departed = found.departed
    if found.asserted is None:
        reason = SamlReason(found.reason)
        return failed(request, connection, step_of(reason), reason.value, found.detail, departed.next_path, departed)
    return arrived(request, connection, found.asserted, departed.next_path, departed)


@require_safe
@route(public="what a provider has to know of us")
def saml_metadata(request: Request, route_name: str) -> HttpResponse:
    """Ours, for one connection; also while it is being set up."""
    connection = queries.connection_of_route(route_name)
    if connection is None or connection.kind is not ConnectionKind.SAML or connection.state is ConnectionState.OFF:
        raise NotFound
    if connection.owner is not None:  # its provider is told of another one
        raise NotFound
    return HttpResponse(our_metadata(queries.us(connection)), content_type="application/samlmetadata+xml")


def _saml(route_name: str) -> ConnectionRow:
    connection = connection_at(route_name)
    if connection.kind is not ConnectionKind.SAML:
        raise NotFound
    return connection


def _see_other(path: str) -> HttpResponse:
    """Go on by GET, which takes the cookies along."""
    response = HttpResponseRedirect(path, status=303)
    response["Cache-Control"] = "no-store"
    return response


def _failed(request: Request, connection: ConnectionRow, reason: SamlReason, next_path: str) -> HttpResponse:
    return failed(request, connection, step_of(reason), reason.value, "", next_path)
