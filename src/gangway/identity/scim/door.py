"""The one way in: whose token, which handler, and how every "no" looks (RFC 7644, 3.12).

A connection sees what it brought, and of everybody else not even that they are there.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import HttpResponse
from pydantic import ValidationError
from scim2_models import Error, SCIMException

from gangway.identity import actions as identity
from gangway.identity import queries
from gangway.identity.actions import scim as actions
from gangway.identity.queries import Bearer
from gangway.identity.rules.connections import TokenRight
from gangway.identity.rules.scim import RETRY_AFTER, Did
from gangway.identity.scim import discovery, groups, root, users
from gangway.identity.scim.answers import Answer, encode, error
from gangway.identity.scim.asking import READ, Ask
from gangway.identity.scim.words import read_json, refuse_text
from gangway.kernel.actions import undivided
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.web import Request

Handler = Callable[[Ask], Answer]
ROOT = "/scim/v2"
CHANGES = ("POST", "PUT", "PATCH", "DELETE")
NOTED_EVERY = identity.USE_NOTED_EVERY
HANDLERS: Mapping[tuple[str, int], Mapping[str, Handler]] = {
    ("", 0): {"GET": root.find},
    (".search", 1): {"POST": lambda ask: root.find(_searching(ask))},
    ("Users", 1): {"GET": users.find, "POST": users.bring},
    ("Users", 2): {"GET": users.read, "PUT": users.replace, "PATCH": users.patch, "DELETE": users.remove},
    ("Groups", 1): {"GET": groups.find, "POST": groups.bring},
    ("Groups", 2): {"GET": groups.read, "PUT": groups.replace, "PATCH": groups.patch, "DELETE": groups.remove},
    ("ServiceProviderConfig", 1): {"GET": discovery.config},
    ("ResourceTypes", 1): {"GET": discovery.resource_types},
    ("ResourceTypes", 2): {"GET": discovery.resource_types},
    ("Schemas", 1): {"GET": discovery.schemas},
    ("Schemas", 2): {"GET": discovery.schemas},
}
SEARCHES: Mapping[str, Handler] = {"Users": users.find, "Groups": groups.find}
NOT_HERE = ("Me", "Bulk")  # RFC 7644, 3.11: who has no /Me answers 501; bulk is not supported, says the configuration
SCIM_TYPES = {
    actions.NameTaken.code: "uniqueness",
    actions.MailboxTaken.code: "uniqueness",
    Invalid.code: "invalidValue",
}


def let_in(request: Request, rest: str, now: datetime) -> HttpResponse:
    """SCIM 2.0 for one connection. 401 without its token; everything else as RFC 7644 says, errors in JSON."""
    bearer = _bearer(request, now)
    if bearer is None:
        answer = Answer(401, error(401, "Send the token of an open SCIM connection: Authorization: Bearer …"))
        return _response(answer, {"WWW-Authenticate": 'Bearer realm="scim"'})
    with scopes.one(bearer.partner_id):
        ask = _ask(request, rest, bearer, now)
        answer = _answered(ask, bearer)
    return _response(answer, {})


def broken() -> HttpResponse:
    """What a directory is told where something failed on our side, and nothing was changed."""
    return _response(Answer(500, error(500, "Something failed on our side. Nothing was changed; try again later.")), {})


def _bearer(request: Request, now: datetime) -> Bearer | None:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        return None
    return queries.read_token(token.strip(), TokenRight.SCIM, now)


def _ask(request: Request, rest: str, bearer: Bearer, now: datetime) -> Ask:
    return Ask(
        connection=bearer.connection,
        method="GET" if request.method == "HEAD" else str(request.method),
        parts=tuple(part for part in rest.split("/") if part),
        given={name: request.GET[name] for name in READ if name in request.GET},
        body=_body(request),
        base=f"{request.scheme}://{request.get_host()}{ROOT}",
        versions=_versions(request.headers.get("If-Match")),
        known=_versions(request.headers.get("If-None-Match")) or frozenset(),
        now=now,
    )


def _body(request: Request) -> bytes:
    try:
        return request.body
    except RequestDataTooBig:
        return b"\x00"  # no JSON: answered as what it is


def _versions(header: str | None) -> frozenset[str] | None:
    if header is None:
        return None
    return frozenset(
        one if one == "*" or one.startswith("W/") else f"W/{one}" for one in re.split(r"\s*,\s*", header.strip())
    )


def _answered(ask: Ask, bearer: Bearer) -> Answer:
    """What a handler answers, or why not. A change and its line in the log are one transaction; so is a "no" and its
    line, once what was begun is taken back."""
    try:
        with _transaction(ask):
            answer = _handled(ask)
            _log(ask, bearer, answer)
            return answer
    except (Refusal, SCIMException, ValidationError) as no:
        answer = _refused(ask, no)
        _log(ask, bearer, answer)
        return answer


@contextmanager
def _transaction(ask: Ask) -> Iterator[None]:
    """One for what changes something, in one piece: but for a PATCH, which tries again where it was overtaken."""
    if ask.method not in CHANGES or ask.parts[-1:] == (".search",):
        yield
        return
    with transaction.atomic(), nullcontext() if ask.method == "PATCH" else undivided():
        yield


def _refused(ask: Ask, no: Refusal | SCIMException | ValidationError) -> Answer:
    """A "no" as RFC 7644 has it; a breaker that opened is remembered."""
    try:
        raise no
    except actions.Held as held:
        actions.open_hold(
            connection_id=ask.connection.id,
            kind=held.kind,
            seen=held.seen,
            allowed=held.allowed,
            actor=ask.actor,
            now=ask.now,
        )
        retry = {"Retry-After": str(RETRY_AFTER)}
        return Answer(429, error(429, str(held)), retry, Did.HELD, f"{held.kind.value}: {held.seen} of {held.allowed}")
    except Refusal as refusal:
        scim_type = SCIM_TYPES.get(refusal.code, "")
        why = ": ".join(filter(None, (refusal.code, refusal.field)))
        detail = "There is nothing of this id." if isinstance(refusal, NotFound) else str(refusal)
        return Answer(refusal.status, error(refusal.status, detail, scim_type), did=Did.REFUSED, why=why)
    except SCIMException as wrong:
        told = wrong.to_error()
        return Answer(
            told.status or 400,
            error(told.status or 400, told.detail or "", told.scim_type or ""),
            did=Did.REFUSED,
            why=told.scim_type or "",
        )
    except ValidationError as wrong:
        told = Error.from_validation_errors(wrong)[0]
        status = told.status or 400
        return Answer(
            status, error(status, told.detail or "", told.scim_type or ""), did=Did.REFUSED, why=told.scim_type or ""
        )


def _handled(ask: Ask) -> Answer:
    for text in (*ask.parts, *ask.given.values()):
        refuse_text(text)
    if ask.parts and ask.parts[-1] == ".search" and ask.method == "POST" and len(ask.parts) == 2:
        search = SEARCHES.get(ask.parts[0])
        if search is not None:
            return search(_searching(ask))
    if ask.parts and ask.parts[0] in NOT_HERE:
        return Answer(501, error(501, f"This server has no /{ask.parts[0]}."), did=Did.REFUSED, why="not implemented")
    known = HANDLERS.get((ask.parts[0] if ask.parts else "", len(ask.parts)))
    if known is None:
        raise NotFound
    handler = known.get(ask.method)
    if handler is None:
        allowed = {"Allow": ", ".join(sorted({*known, *(("HEAD",) if "GET" in known else ())}))}
        return Answer(405, error(405, "This is not done here."), allowed, Did.REFUSED, "method")
    return handler(ask)


def _searching(ask: Ask) -> Ask:
    """POST .search asks in its body what GET asks in the address."""
    given = {name: value for name, value in read_json(ask.body).items() if name in READ}
    return replace(ask, method="GET", parts=ask.parts[:-1], given=given, body=b"")


def _response(answer: Answer, headers: Mapping[str, str]) -> HttpResponse:
    body = b"" if answer.body is None else encode(answer.body)
    response = HttpResponse(body, status=answer.status, headers={**answer.headers, **headers})
    response.headers["Cache-Control"] = "no-store"
    if answer.body is None:
        del response.headers["Content-Type"]
    else:
        response.headers["Content-Type"] = "application/scim+json; charset=utf-8"
    return response


# ---------------------------------------------------------------- the log


def _log(ask: Ask, bearer: Bearer, answer: Answer) -> None:
    """Every change and every "no"; of reading, one in five minutes, so that reading writes nothing."""
    stale = bearer.last_used_at is None or bearer.last_used_at < ask.now - NOTED_EVERY
    if stale:
        identity.note_token_use(token_id=bearer.token_id, actor=ask.actor, now=ask.now)
    if answer.did is Did.READ and not stale:
        return
    actions.note_exchange(
        connection_id=ask.connection.id,
        method=ask.method,
        path=_path(ask),
        status=answer.status,
        did=answer.did,
        why=answer.why,
        actor=ask.actor,
        now=ask.now,
    )


def _path(ask: Ask) -> str:
    """The path as the log keeps it: ids and names of attributes, nothing that a filter looks for."""
    parts = [part if _is_plain(part) else "…" for part in ask.parts]
    asked = str(ask.given.get("filter", ""))
    shape = "?filter=" + re.sub(r'"(?:[^"\\]|\\.)*"?', "…", asked) if asked else ""
    return f"/{'/'.join(parts)}{shape}"[:200]


def _is_plain(part: str) -> bool:
    if part in {"Users", "Groups", "Schemas", "ResourceTypes", "ServiceProviderConfig", ".search", *NOT_HERE}:
        return True
    try:
        UUID(part)
    except ValueError:
        return False
    return True
