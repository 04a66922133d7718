"""Connections that serve several partners: a partner's own on its desk, the vendor's in the console."""

import io
from dataclasses import replace
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gangway.identity import actions, queries
from gangway.identity.access import CONNECT_TEAM, HOST_CONNECTIONS
from gangway.identity.queries import ConnectionRow, Use
from gangway.identity.rules.connections import ConnectionKind, ConnectionState
from gangway.identity.views.browser import page
from gangway.identity.views.connections import addresses, choice, free_key, light
from gangway.identity.views.providing import tell, told, typed_over
from gangway.identity.views.renewal import runs_out
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.sheets import Line, Outcome, read_csv
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners import queries as partners

pages = require_http_methods(["GET", "POST"])


def _kept(owner_id: UUID, connection_id: UUID, *, at_host: bool) -> ConnectionRow:
    """A sign-in of the owner that may serve others. NotFound: a directory, another company's, or staff's own."""
    with scopes.one(owner_id):
        row = queries.connection(connection_id)
    if not row.kind.signs_in or row.owner is not None or (at_host and not row.account_claim):
        raise NotFound
    return row


@pages
@route(right=CONNECT_TEAM)
def serving(request: Request, connection_id: UUID) -> HttpResponse:
    """Which companies below the own one a sign-in serves, and by which account keys."""
    return _one(request, request.principal.partner_id, connection_id, "desk")


@pages
@route(right=HOST_CONNECTIONS)
def host_connection(request: Request, connection_id: UUID) -> HttpResponse:
    """One sign-in of the vendor for partners: its provider, its account keys, what failed."""
    return _one(request, partners.host_id(), connection_id, "console")


@pages
@route(right=HOST_CONNECTIONS)
def host_connections(request: Request) -> HttpResponse:
    """The vendor's own sign-ins for people of partners, and how to make one."""
    error, host_id = "", partners.host_id()
    if request.method == "POST":
        try:
            with scopes.one(host_id):
                kind = choice(ConnectionKind, "kind", request.POST.get("kind", ""))
                made = actions.add_connection(
                    kind=kind,
                    key=free_key(kind),
                    name=request.POST.get("name", ""),
                    account_claim=_claim(request),
                    actor=request.principal.actor,
                    now=clock.now(),
                )
            return _back("console", made, "made")
        except Refusal as refusal:
            error = explain(refusal)
    with scopes.one(host_id):
        rows = [row for row in queries.connections() if row.account_claim]
        uses = queries.uses([row.id for row in rows], clock.now())
    context = {
        "rows": [(row, light(row, _use(row, uses[row.id]))) for row in rows],
        "kind": request.POST.get("kind", "oidc"),
        "name": request.POST.get("name", ""),
        "claim": request.POST.get("account_claim", ""),
        "error": error,
    }
    return page(request, "host_connections", context, status=422 if error else 200)


def _use(row: ConnectionRow, own: Use) -> Use:
    """What came of a sign-in, with the people of those whom it serves: they are known to the rows of their partners."""
    return own if own.last_at is not None else replace(own, last_at=queries.last_served_at(row))


def _claim(request: Request) -> str:
    claim = request.POST.get("account_claim", "").strip()
    if not claim:
        raise Invalid(field="account_claim", problem="No claim is named.", mend="Name the one with the account key.")
    return claim


def _one(request: Request, owner_id: UUID, connection_id: UUID, shell: str) -> HttpResponse:
    row = _kept(owner_id, connection_id, at_host=shell == "console")
    error = ""
    outcomes: tuple[Outcome, ...] = ()
    if request.method == "POST":
        try:
            outcomes = _write(request, row, shell)
            if not outcomes:
                return _back(shell, row.id, "saved")
        except NotFound:
            raise
        except Refusal as refusal:
            error = explain(refusal)
    now = clock.now()
    with scopes.one(owner_id):
        row = queries.connection(row.id)
        context = {
            "shell_kind": shell,
            "row": row,
            "accounts": queries.accounts(row),
            "light": light(row, _use(row, queries.uses([row.id], now)[row.id])),
            "addresses": addresses(row),
            "below": _below(row) if shell == "desk" else [],
            "told": told(row) if shell == "console" else {},
            "filled": typed_over(request, row) if error else told(row),
            "runs_out": runs_out(ending) if (ending := queries.endings([row.id], now).get(row.id)) else "",
            "soon": ending is not None and ending.soon(now),
            "failures": queries.failures_of(row.id) if shell == "console" else (),
            "trial": queries.last_trial(row.id) if shell == "console" else None,
            "outcomes": outcomes,
            "typed": request.POST if error else {},
            "error": error,
            "done": request.GET.get("done", ""),
        }
    return page(request, "serving", context, status=422 if error else 200)


def _write(request: Request, row: ConnectionRow, shell: str) -> tuple[Outcome, ...]:
    """What one press does; the outcome of each line where several accounts were brought."""
    actor, now, post = request.principal.actor, clock.now(), request.POST
    match post.get("do"):
        case "claim":
            with scopes.one(row.partner_id):
                actions.set_account_claim(connection_id=row.id, claim=_claim(request), actor=actor, now=now)
        case "open":
            actions.open_reach(
                connection_id=row.id,
                owner_id=row.partner_id,
                partner_id=_meant(row, post.get("partner", "").strip(), shell),
                key=post.get("key", ""),
                admits=post.get("admits") == "on",
                actor=actor,
                now=now,
            )
        case "close":
            actions.close_reach(
                connection_id=row.id, owner_id=row.partner_id, key=post.get("key", ""), actor=actor, now=now
            )
        case "many" if shell == "console":
            return actions.open_many(
                connection_id=row.id,
                owner_id=row.partner_id,
                rows=_lines(post.get("accounts", "")),
                admits=post.get("admits") == "on",
                actor=actor,
                now=now,
            )
        case "tell" if shell == "console":
            with scopes.one(row.partner_id):
                tell(request, row, actor)
        case "state" if shell == "console":
            state = choice(ConnectionState, "state", post.get("state", ""))
            with scopes.one(row.partner_id):
                actions.set_connection_state(connection_id=row.id, state=state, actor=actor, now=now)
        case _:
            raise Invalid(field="do", problem="This choice is none of those offered.", mend="Choose one of them.")
    return ()


def _meant(row: ConnectionRow, slug: str, shell: str) -> UUID:
    """The partner that a form names. On the desk a partner elsewhere is answered like one that never was."""
    if shell == "console":
        return partners.find_partner(slug).id
    with scopes.tree(row.partner_id):
        try:
            return partners.get_partner(slug).id
        except NotFound as error:
            raise actions.NotServed(partner=slug[:63]) from error


def _below(row: ConnectionRow) -> list[tuple[str, str]]:
    with scopes.tree(row.partner_id):
        return [(one.slug, one.name) for one in partners.list_partners() if one.id != row.partner_id]


def _lines(text: str) -> tuple[Line, ...]:
    return tuple(read_csv(io.BytesIO(text.encode()), actions.COLUMNS))


def _back(shell: str, connection_id: UUID, done: str) -> HttpResponse:
    name = "identity:host_connection" if shell == "console" else "identity:serving"
    return HttpResponseRedirect(f"{reverse(name, args=[connection_id])}?done={done}")
