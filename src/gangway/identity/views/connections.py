"""D4: does it work, who was refused? A partner's IT connects its directory and its sign-in; the console looks on."""

from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from gangway.identity import actions, queries
from gangway.identity.access import CONNECT_TEAM, SEE_CONNECTIONS
from gangway.identity.actions import Conduct, NotToldYet, scim
from gangway.identity.documents import sheets as documents
from gangway.identity.queries import ConnectionRow, Use, WaitingRow
from gangway.identity.rules.connections import ConnectionKind, ConnectionState, Fallback, JoinAttribute
from gangway.identity.rules.scim import HoldState
from gangway.identity.rules.sheets import Standing
from gangway.identity.views.browser import page
from gangway.identity.views.mapping import mapping, said
from gangway.identity.views.providing import tell, told, typed_over
from gangway.identity.views.renewal import instead, runs_out
from gangway.kernel import clock
from gangway.kernel.language import explain
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request, route
from gangway.partners.queries import partner_by_id
from gangway.ui import words

Choice = TypeVar("Choice", bound=StrEnum)
pages = require_http_methods(["GET", "POST"])


def _own(request: Request) -> scopes.Scope:
    return scopes.Scope(scopes.Mode.ONE, partner_id=request.principal.partner_id)


# ---------------------------------------------------------------- all of a partner's


@require_GET
@route(right=CONNECT_TEAM)
def connections(request: Request) -> HttpResponse:
    """The own company's connections, and how to make one."""
    with scopes.within(_own(request)):
        return _all(request, "desk")


@require_GET
@route(right=SEE_CONNECTIONS)
def connections_of(request: Request, partner_id: UUID) -> HttpResponse:
    """A partner's connections, as those who look after it see them: nothing can be changed here."""
    partner = partner_by_id(partner_id)
    with scopes.one(partner.id):
        return _all(request, "console", partner.name, partner.id)


def _all(request: Request, shell: str, partner_name: str = "", partner_id: UUID | None = None) -> HttpResponse:
    now = clock.now()
    rows = queries.connections()
    uses = queries.uses([row.id for row in rows], now)
    drafts = queries.drafts_waiting(rows, now)
    ends = {
        one: runs_out(ending)
        for one, ending in queries.endings([row.id for row in rows], now).items()
        if ending.soon(now)
    }
    context = {
        "shell_kind": shell,
        "partner_name": partner_name,
        "partner_id": partner_id,
        "rows": [
            (
                row,
                _waits(drafts.get(row.id)) or _sentence(row, uses[row.id]),
                light(row, uses[row.id]),
                ends.get(row.id),
            )
            for row in rows
        ],
        "sentence": _whole(rows),
        "reopened": _reopened(now),
    }
    return page(request, "connections", context)


def _reopened(now: datetime) -> str:
    """What of the signed sheet no longer holds; "" where nothing has to be signed again."""
    sheet = queries.sheet_page(now)
    return documents.sentence(sheet) if sheet.standing is Standing.OPEN else ""


def _whole(rows: tuple[ConnectionRow, ...]) -> str:
    active = [row for row in rows if row.state is ConnectionState.ACTIVE]
    if not active:
        return _("Everybody comes in by a code sent to their mailbox. That works without IT, and may stay so.")
    return ngettext("%(n)s connection is open.", "%(n)s connections are open.", len(active)) % {"n": len(active)}


def light(row: ConnectionRow, use: Use) -> tuple[str, str]:
    """The state of a connection as its chip shows it."""
    match row.state:
        case ConnectionState.DRAFT:
            return "unproven", _("being set up")
        case ConnectionState.OFF:
            return "failed", _("off")
        case ConnectionState.ACTIVE if use.last_at is not None or (not row.kind.signs_in and use.known):
            return "proven", _("works")
        case _:
            return "unmeasurable", _("open, not used yet")


def _waits(one: WaitingRow | None) -> str:
    """For what a draft waits, and since when; "" for others."""
    return _(one.words) % {"moment": words.moment(one.since).striptags()} if one else ""


def _sentence(row: ConnectionRow, use: Use) -> str:
    """ "41 people came in by it, the last today; 2 sign-ins came to nothing within a week." """
    if not row.kind.signs_in:
        return _brings(use)
    if use.last_at is None:
        came = _("Nobody has come in by it yet.")
    else:
        many = ngettext("%(n)s person came in by it", "%(n)s people came in by it", use.known) % {"n": use.known}
        came = _("%(many)s, the last %(moment)s.") % {"many": many, "moment": words.moment(use.last_at).striptags()}
    if not use.failed:
        return came
    failed = ngettext(
        "%(n)s sign-in came to nothing within a week.", "%(n)s sign-ins came to nothing within a week.", use.failed
    )
    return f"{came} {failed % {'n': use.failed}}"


def _brings(use: Use) -> str:
    if use.ends_at is None:
        return _("No token holds: their directory cannot send anybody.")
    many = ngettext("It brought %(n)s person.", "It brought %(n)s people.", use.known) % {"n": use.known}
    brought = many if use.known else _("It has brought nobody yet.")
    ends = _("Its token holds until %(day)s.") % {"day": words.day(use.ends_at).striptags()}
    return f"{brought} {ends}"


# ---------------------------------------------------------------- one of them


@pages
@route(right=CONNECT_TEAM)
def connection(request: Request, connection_id: UUID) -> HttpResponse:
    """One connection: what IT has to be told, how it behaves, whom it knows, what failed."""
    with scopes.within(_own(request)):
        if request.method != "POST":
            return _one(request, connection_id, "desk")
        try:
            row = queries.connection(connection_id)
            actions.set_conduct(
                connection_id=connection_id,
                conduct=said(request) if request.POST.get("do") == "map" else _conduct(request, row),
                actor=request.principal.actor,
                now=clock.now(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            return _one(request, connection_id, "desk", error=explain(refusal), status=422)
    return _back(connection_id, "saved")


@require_GET
@route(right=SEE_CONNECTIONS)
def connection_of(request: Request, partner_id: UUID, connection_id: UUID) -> HttpResponse:
    """The same, looked at by those who look after the partner."""
    partner = partner_by_id(partner_id)
    with scopes.one(partner.id):
        return _one(request, connection_id, "console", partner_name=partner.name, partner_id=partner.id)


def _one(
    request: Request,
    connection_id: UUID,
    shell: str,
    *,
    error: str = "",
    token: str = "",
    partner_name: str = "",
    partner_id: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    now = clock.now()
    shown = queries.connection_page(connection_id, now)
    context = {
        "shell_kind": shell,
        "partner_name": partner_name,
        "partner_id": partner_id,
        "shown": shown,
        "row": shown.row,
        "sentence": _waits(queries.drafts_waiting([shown.row], now).get(shown.row.id))
        or _sentence(shown.row, shown.use),
        "light": light(shown.row, shown.use),
        "addresses": addresses(shown.row),
        "holding": [one for one in shown.tokens if one.revoked_at is None and one.expires_at > now],
        "offered": [(domain, domain, "") for domain in shown.proven],
        "directories": [("", _("None")), *((one.key, one.name) for one in shown.directories)],
        "joined": next((one.key for one in shown.directories if one.id == shown.row.joined_id), ""),
        "done": request.GET.get("done", ""),
        "told": told(shown.row),
        "filled": typed_over(request, shown.row) if error else told(shown.row),
        "runs_out": runs_out(shown.ending) if shown.ending else "",
        "soon": shown.ending is not None and shown.ending.soon(now),
        "instead": instead(shown.ending, told=bool(shown.told), staff=shell == "console") if shown.ending else "",
        "mapping": mapping(shown.row) if shell == "desk" and shown.row.owner is None else {},
        "trial": queries.last_trial(shown.row.id) if shown.row.kind.signs_in else None,
        "error": error,
        "token": token,
    }
    return page(request, "connection", context, status=status)


def addresses(row: ConnectionRow) -> list[tuple[str, str]]:
    """(what it is called over there, what to paste), by the kind of connection."""
    ours = our_addresses(row)
    match row.kind:
        case ConnectionKind.SCIM:
            return [(_("Tenant URL, SCIM base URL"), ours["scim"])]
        case ConnectionKind.OIDC:
            return [(_("Redirect URI"), ours["redirect"]), (_("Start page of the application"), ours["start"])]
        case ConnectionKind.SAML:
            return [
                (_("Metadata, which is also the entity id"), ours["entity"]),
                (_("Reply URL (ACS)"), ours["acs"]),
                (_("Sign-on URL"), ours["start"]),
            ]


def our_addresses(row: ConnectionRow) -> dict[str, str]:
    """The addresses of a connection by what they are for, as rules.paste names them."""
    start = f"{settings.BASE_URL}/sso/{row.route}"
    return {
        "scim": f"{settings.BASE_URL}/scim/v2",
        "redirect": f"{start}/callback",
        "start": start,
        "entity": f"{start}/metadata",
        "acs": f"{start}/acs",
    }


def _conduct(request: Request, row: ConnectionRow) -> Conduct:
    """What the form says. A directory has a head count, a sign-in the rest."""
    post = request.POST
    if not row.kind.signs_in:
        return Conduct(name=post.get("name"), head_count=_number(post.get("head_count", "")))
    return Conduct(
        name=post.get("name"),
        admits=post.get("admits") == "on",
        domains=post.getlist("domains"),
        fallback=choice(Fallback, "fallback", post.get("fallback", "")),
        joined=post.get("joined", ""),
        join_claim=post.get("join_claim", ""),
        join_attribute=choice(JoinAttribute, "join_attribute", post.get("join_attribute", "")),
    )


def choice(kind: type[Choice], field: str, text: str) -> Choice:
    try:
        return kind(text)
    except ValueError as error:
        raise Invalid(
            field=field, problem="This choice is none of those offered.", mend="Choose one of them."
        ) from error


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isascii() or not text.strip().isdigit():
        raise Invalid(field="head_count", problem="“{text}” is no number.", mend="Type it in digits.", text=text[:20])
    return int(text.strip()[:9])


def _back(connection_id: UUID, done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('identity:connection', args=[connection_id])}?done={done}")


# ---------------------------------------------------------------- what one press does


@require_POST
@route(right=CONNECT_TEAM)
def tell_provider(request: Request, connection_id: UUID) -> HttpResponse:
    """Who the provider is; it is asked before anything is kept."""
    with scopes.within(_own(request)):
        try:
            tell(request, queries.connection(connection_id), request.principal.actor)
        except NotFound:
            raise
        except Refusal as refusal:
            return _one(request, connection_id, "desk", error=explain(refusal), status=422)
    return _back(connection_id, "saved")


@pages
@route(right=CONNECT_TEAM)
def add_connection(request: Request) -> HttpResponse:
    """What is to be connected: a directory, or a way to sign in."""
    error = ""
    if request.method == "POST":
        try:
            with scopes.within(_own(request)):
                kind = choice(ConnectionKind, "kind", request.POST.get("kind", ""))
                made = actions.add_connection(
                    kind=kind,
                    key=free_key(kind),
                    name=request.POST.get("name", ""),
                    active=kind is ConnectionKind.SCIM,
                    actor=request.principal.actor,
                    now=clock.now(),
                )
            return _back(made, "made")
        except Refusal as refusal:
            error = explain(refusal)
    context = {"error": error, "kind": request.POST.get("kind", "scim"), "name": request.POST.get("name", "")}
    return page(request, "connection_add", context, status=422 if error else 200)


def free_key(kind: ConnectionKind) -> str:
    """The kind, or with the next number where there is one of it: people at the desk need not think of keys."""
    taken = {row.key for row in queries.connections()}
    keys = [kind.value, *(f"{kind.value}-{n}" for n in range(2, len(taken) + 3))]
    return next(key for key in keys if key not in taken)


@require_POST
@route(right=CONNECT_TEAM)
def connection_state(request: Request, connection_id: UUID) -> HttpResponse:
    """Open it or close it."""
    with scopes.within(_own(request)):
        state = choice(ConnectionState, "state", request.POST.get("state", ""))
        try:
            actions.set_connection_state(
                connection_id=connection_id, state=state, actor=request.principal.actor, now=clock.now()
            )
        except NotToldYet as refusal:
            return _one(request, connection_id, "desk", error=explain(refusal), status=refusal.status)
    return _back(connection_id, state.value)


@require_POST
@route(right=CONNECT_TEAM)
def new_token(request: Request, connection_id: UUID) -> HttpResponse:
    """A token, shown on this one page and never again."""
    with scopes.within(_own(request)):
        try:
            made = actions.issue_token(connection_id=connection_id, actor=request.principal.actor, now=clock.now())
        except NotFound:
            raise
        except Refusal as refusal:
            return _one(request, connection_id, "desk", error=explain(refusal), status=refusal.status)
        return _one(request, connection_id, "desk", token=made.token)


@require_POST
@route(right=CONNECT_TEAM)
def revoke_token(request: Request, connection_id: UUID, token_id: UUID) -> HttpResponse:
    """A token that opens nothing from the next request on."""
    with scopes.within(_own(request)):
        actions.revoke_token(token_id=token_id, actor=request.principal.actor, now=clock.now())
    return _back(connection_id, "revoked")


@require_POST
@route(right=CONNECT_TEAM)
def unlink(request: Request, connection_id: UUID, identity_id: UUID) -> HttpResponse:
    """Take away who somebody is to the provider: their next sign-in links them anew, or somebody else."""
    with scopes.within(_own(request)):
        actions.unlink_subject(identity_id=identity_id, actor=request.principal.actor, now=clock.now())
    return _back(connection_id, "unlinked")


@require_POST
@route(right=CONNECT_TEAM)
def decide_hold(request: Request, connection_id: UUID, hold_id: UUID) -> HttpResponse:
    """A human decides about what the directory asked for and was stopped."""
    with scopes.within(_own(request)):
        state = choice(HoldState, "state", request.POST.get("state", ""))
        scim.decide_hold(hold_id=hold_id, state=state, actor=request.principal.actor, now=clock.now())
    return _back(connection_id, "decided")
