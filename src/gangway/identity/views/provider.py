"""A company's own sign-in: to its provider, and back with what it signed.

The pages of each protocol begin a sign-in (`begins`) and end it by `arrived` or `failed`. What makes a browser the
one that was sent is a cookie of its own, which only the addresses under /sso see.
"""

from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from gangway.identity import actions, queries
from gangway.identity.actions import Departed
from gangway.identity.queries import ConnectionRow
from gangway.identity.rules import Step, safe_next, shown_number
from gangway.identity.rules.connections import DEPARTURE_LIFE, Asserted, ConnectionState
from gangway.identity.rules.reach import Where
from gangway.identity.rules.trial import Met, passes, refused
from gangway.identity.views.browser import AskedFor, device_of, keep, let_in, own, page, remember, session_cookie
from gangway.kernel import clock, secrets
from gangway.kernel.actor import Actor, ActorKind
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route

VISITOR = Actor(ActorKind.LINK, "company sign-in", "web")
TRAVELLER, TYPED = "gangway_way", "gangway_typed"
STAFF = f"account.{Where.STAFF}"
SECONDS = int(DEPARTURE_LIFE.total_seconds())
Begin = Callable[[Request, ConnectionRow, str], HttpResponse]


def traveller_of(request: HttpRequest) -> str:
    """The secret of a browser that was sent to a provider; "" where it never was."""
    return request.COOKIES.get(TRAVELLER, "")[:64]


def sent_off(response: HttpResponse, traveller: str) -> HttpResponse:
    """Give the browser that leaves for a provider what makes it known when it comes back."""
    keep(response, TRAVELLER, traveller, path="/sso", max_age=SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def remember_typed(response: HttpResponse, address: str) -> HttpResponse:
    """Keep the address that was typed at our door in the browser, sealed, for the provider it goes to."""
    keep(response, TYPED, secrets.seal(address), path="/sso", max_age=SECONDS)
    return response


def typed_of(request: HttpRequest) -> str:
    """The address typed at our door; "" where none was. A hint for the provider, and no proof of anything."""
    try:
        return secrets.unseal(request.COOKIES.get(TYPED, ""))
    except (ValueError, InvalidTag):
        return ""


def connection_at(name: str) -> ConnectionRow:
    """The sign-in that an address names, open or being tried; NotFound for any other, whatever it once was."""
    found = queries.connection_of_route(name)
    if found is None or not found.kind.signs_in or found.state is ConnectionState.OFF:
        raise NotFound
    return found


def arrived(
    request: Request, connection: ConnectionRow, asserted: Asserted, next_path: str, departed: Departed | None = None
) -> HttpResponse:
    """What a provider signed was verified: in, or to the code that proves the mailbox, or why not. A connection that is
    not open yet is only tried: what came is judged and shown, and nobody is signed in."""
    if connection.state is ConnectionState.DRAFT:
        met = actions.try_sign_in(
            connection_id=connection.id,
            partner_id=connection.partner_id,
            asserted=asserted,
            actor=VISITOR,
            now=clock.now(),
        )
        return _tried(request, connection, met, asserted)
    browser = secrets.token()
    done = actions.enter_by_provider(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        asserted=asserted,
        mailbox=departed.mailbox if departed else None,
        browser=browser,
        next_path=safe_next(next_path),
        device=device_of(request),
        replaces=session_cookie(request),
        actor=VISITOR,
        now=clock.now(),
    )
    if done.session is not None:
        return let_in(request, done.session, next_path)
    if done.proving:
        asked = AskedFor(shown=done.proving, next_path=safe_next(next_path))
        return remember(HttpResponseRedirect("/sign-in/code"), browser, asked)
    assert done.step is not None
    return _stuck(request, connection, done.step, done.number, next_path, staff=done.reason == STAFF)


def failed(
    request: Request,
    connection: ConnectionRow,
    step: Step,
    reason: str,
    detail: str = "",
    next_path: str = "/",
    departed: Departed | None = None,
) -> HttpResponse:
    """A sign-in that came to nothing: kept for those who help, and shown with its number and the way on."""
    if connection.state is ConnectionState.DRAFT:
        met = refused(reason, detail)
        with scopes.one(connection.partner_id):
            actions.keep_trial(connection_id=connection.id, met=met, claims=(), actor=VISITOR, now=clock.now())
        return _tried(request, connection, met, None)
    refused_here = secrets.token() if step is Step.PROVIDER_REFUSED else ""
    number = actions.note_provider_failure(
        connection_id=connection.id,
        partner_id=connection.partner_id,
        step=step,
        reason=reason,
        detail=detail,
        mailbox=departed.mailbox if departed else None,
        browser=refused_here,
        actor=VISITOR,
        now=clock.now(),
    )
    stuck = _stuck(request, connection, step, number, next_path)
    return own(stuck, refused_here) if refused_here else stuck


def _tried(
    request: HttpRequest, connection: ConnectionRow, met: tuple[Met, ...], asserted: Asserted | None
) -> HttpResponse:
    """What a tried sign-in was found to be; the values that were sent are shown this once, and kept nowhere."""
    context = {"connection": connection, "met": met, "passed": passes(met), "asserted": asserted}
    return page(request, "tried", context, status=200 if passes(met) else 422)


def _stuck(
    request: HttpRequest, connection: ConnectionRow, step: Step, number: str, next_path: str, *, staff: bool = False
) -> HttpResponse:
    context = {
        "connection": connection,
        "staff": staff,
        "step": step.value,
        "number": shown_number(number),
        "next": safe_next(next_path),
    }
    return page(request, "provider_stuck", context, status=502 if step is Step.PROVIDER_BROKEN else 403)


def begins(kinds: Mapping[str, Begin]) -> Callable[..., HttpResponseBase]:
    """The route by which a browser is sent to the provider of a connection; `kinds`: how, by the protocol."""

    @require_safe
    @route(public="the way to a company's own sign-in")
    def sso(request: Request, route_name: str) -> HttpResponse:
        connection = connection_at(route_name)
        if connection.owner is not None:  # another company's: the way is to its provider
            connection = queries.source_of(connection)
        return kinds[connection.kind.value](request, connection, safe_next(request.GET.get("next")))

    return sso
