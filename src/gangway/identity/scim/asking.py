"""A request as the handlers see it: who asks, for what, in which pages (RFC 7644, 3.4; RFC 9865)."""

import base64
import functools
import json
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any
from uuid import UUID

from django.core import signing
from scim2_models import ExpiredCursorException, InvalidCursorException, Resource, ScimFilter, SearchRequest

from gangway.identity.queries import ConnectionRow
from gangway.identity.queries.scim import Found, Order, short
from gangway.identity.rules.scim import folded
from gangway.identity.scim.answers import LIST, Shown, steps
from gangway.identity.scim.words import POLICY, refuse_filter
from gangway.kernel.actor import Actor, ActorKind

PAGE = LARGEST_PAGE = 500  # also where nobody says how many: then a client looks at the first page alone
CURSOR_LIFE = timedelta(hours=1)
SOLE = re.compile(r'(userName|externalId) eq "([^"\\\x00-\x1f]+)"', re.IGNORECASE | re.ASCII)
AS_OKTA = {"startIndex": "1", "count": "100"}  # beside the filter
READ = ("filter", "sortBy", "sortOrder", "startIndex", "count", "cursor", "attributes", "excludedAttributes")


@dataclass(frozen=True, slots=True)
class Ask:
    """One request of a directory. `parts`: the path behind /scim/v2/; `versions`: of If-Match, None where not sent."""

    connection: ConnectionRow
    method: str
    parts: tuple[str, ...]
    given: Mapping[str, Any]
    body: bytes
    base: str
    versions: frozenset[str] | None
    known: frozenset[str]
    now: datetime

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.CONNECTION, str(self.connection.id), "scim")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is to hold: by which filter, in which order, which page, which attributes."""

    bound: ScimFilter[Any] | None
    order: Order
    start: int
    limit: int
    cursor: str | None
    shown: Shown
    digest: str
    by_place: bool = False  # a cursor names a place, not a row

    @property
    def offset(self) -> int:
        return self._place().get("o", 0) if self.cursor else 0 if self.cursor is not None else self.start - 1

    @property
    def after(self) -> UUID | None:
        behind = self._place().get("a") if self.cursor else None
        return UUID(behind) if behind else None

    def _place(self) -> dict[str, Any]:
        """Where a cursor points: behind a row, or at a place of a sorted list; signed, for the same question only."""
        try:
            text = signing.Signer(salt="identity.scim.cursor").unsign(_unpacked(self.cursor or ""))
            found = json.loads(text)
        except (signing.BadSignature, ValueError) as wrong:
            raise InvalidCursorException(detail="This cursor is none of ours.") from wrong
        if found["d"] != self.digest:
            raise InvalidCursorException(detail="This cursor belongs to another question.")
        place: dict[str, Any] = found
        return place

    def check(self, now: datetime) -> None:
        """ExpiredCursorException after an hour; InvalidCursorException: it is none, or another question's."""
        if self.cursor and now.timestamp() > self._place()["t"]:
            raise ExpiredCursorException(detail="This cursor held for an hour. Begin again.")

    def listed(self, found: Found[Any], resources: list[dict[str, Any]], now: datetime) -> dict[str, Any]:
        """The ListResponse."""
        body: dict[str, Any] = {"schemas": [LIST], "totalResults": found.total, "itemsPerPage": len(resources)}
        if self.cursor is None:
            body["startIndex"] = self.start
        elif found.last is not None:
            by_place = self.by_place or self.order.attribute
            where = {"o": self.offset + self.limit} if by_place else {"a": str(found.last)}
            until = int((now + CURSOR_LIFE).timestamp())
            text = json.dumps({**where, "d": self.digest, "t": until}, separators=(",", ":"))
            body["nextCursor"] = _packed(signing.Signer(salt="identity.scim.cursor").sign(text))
        body["Resources"] = [self.shown.of(one) for one in resources]
        return body


def _packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _unpacked(cursor: str) -> str:
    return base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()


def wanted(ask: Ask, *models: type[Resource[Any]]) -> Wanted:
    """The question in a query string, or in the body of .search. Raises what scim2-models says of it.

    Of several types, an attribute need be known to one of them only; `bound` then belongs to all.
    """
    given = {name: value for name, value in ask.given.items() if name in READ and value is not None}
    read = _question(models).model_validate(given, scim_policy=POLICY)
    if read.filter is not None:
        refuse_filter(read.filter.ast)
    binding = next(filter(None, (read.sort_binding(model) for model in models)), None)
    order = Order(short(binding.urn), read.sort_order == "descending") if binding else Order()
    limit = PAGE if read.count is None else min(read.count, LARGEST_PAGE)
    where = ask.parts[0] if ask.parts else ""
    asked = json.dumps([str(ask.connection.id), where, given.get("filter"), order.attribute, order.descending])
    return Wanted(
        bound=read.filter,
        order=order,
        start=read.start_index or 1,
        limit=limit,
        cursor=read.cursor,
        shown=shown(given),
        digest=blake2b(asked.encode(), digest_size=8).hexdigest(),
        by_place=len(models) > 1,
    )


def sole(ask: Ask) -> tuple[str, str] | None:
    """(attribute, value) of `filter=userName eq "…"`, or `externalId`, asked without anything that could be wrong: what
    directories ask before they send anybody. The same as `wanted` and `queries.scim.filters.sole` read, for less."""
    beside = {name: value for name, value in ask.given.items() if name != "filter"}
    found = SOLE.fullmatch(str(ask.given.get("filter", ""))) if beside in ({}, AS_OKTA) else None
    if found is None:
        return None
    return ("username", folded(found[2])) if found[1].lower() == "username" else ("externalid", found[2])


FIRST_PAGE = Wanted(bound=None, order=Order(), start=1, limit=PAGE, cursor=None, shown=Shown(), digest="")


@functools.cache
def _question(models: tuple[type[Resource[Any]], ...]) -> Any:
    """The SearchRequest of these types, kept: pydantic makes a class of it, which took half of a search's time."""
    return SearchRequest[functools.reduce(operator.or_, models)]  # type: ignore[misc]


def shown(given: Mapping[str, Any]) -> Shown:
    return Shown(steps(_names(given.get("attributes"))), steps(_names(given.get("excludedAttributes"))))


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return value.split(",")
    return [str(one) for one in value] if isinstance(value, list) else []
