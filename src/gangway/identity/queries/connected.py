"""D4, what a connection's page shows: whether it works, who came in, who was refused and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Max, Min
from django.utils.translation import gettext

from gangway.identity.models import ApiToken, FailedSignIn, Identity
from gangway.identity.queries.connections import (
    ConnectionRow,
    Link,
    TokenRow,
    connection,
    connections,
    links,
    tokens,
)
from gangway.identity.queries.expiry import RenewedRow, ToldRow, endings, renewed_by_link, told_of
from gangway.identity.queries.reach import ServedBy, served_by
from gangway.identity.queries.reasons import mend_of
from gangway.identity.queries.requests import MEND_WORDS, STEP_WORDS, USUAL_MEND
from gangway.identity.queries.scim import ExchangeRow, HoldRow, LeaverRow, exchanges, holds, leavers, sent_users
from gangway.identity.rules import Step, shown_number
from gangway.identity.rules.expiry import Ending
from gangway.partners import queries as partners
from gangway.people import queries as people

LATELY = timedelta(days=7)
FAILURES_SHOWN = 20
PEOPLE_SHOWN = 20
EXCHANGES_SHOWN = 30


@dataclass(frozen=True, slots=True)
class Use:
    """What came of a connection. known: people it knows; last_at: when one of them last came in by it; failed: how
    often that came to nothing within a week; ends_at: when the first of its tokens that hold runs out."""

    known: int = 0
    last_at: datetime | None = None
    failed: int = 0
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A sign-in at the provider that came to nothing: `reason` is the code of the rule, `detail` what came instead."""

    number: str
    at: datetime
    step: Step
    reason: str
    detail: str
    name: str

    @property
    def words(self) -> str:
        return gettext(STEP_WORDS[self.step])

    @property
    def mend(self) -> str:
        """What to do about it."""
        return mend_of(self.reason) or gettext(MEND_WORDS.get(self.step, USUAL_MEND))


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody the connection knows, by name. sent: by a directory, their user name there, "" once it took them away;
    active: whether it says that they may come in. other_ways: the names of the other connections that know them."""

    link: Link
    name: str
    sent: str = ""
    active: bool = False
    other_ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ConnectionPage:
    """`ending`: what it lives on, and when that runs out; `told`, `renewed`: what was written of it and came of it."""

    row: ConnectionRow
    use: Use
    failures: Sequence[Failure]
    known: Sequence[Known]
    tokens: Sequence[TokenRow]
    proven: Sequence[str]
    exchanges: Sequence[ExchangeRow]
    holds: Sequence[HoldRow]
    leavers: Sequence[LeaverRow]
    directories: Sequence[ConnectionRow]
    ending: Ending | None
    told: Sequence[ToldRow]
    renewed: Sequence[RenewedRow]
    ways: partners.Ways
    served_by: ServedBy | None


def uses(ids: Sequence[UUID], now: datetime) -> dict[UUID, Use]:
    """What came of these connections of the open scope. Three statements."""
    known = Identity.objects.filter(connection__in=ids).values("connection_id").order_by("connection_id")
    people_ = {row["connection_id"]: row for row in known.annotate(n=Count("id"), at=Max("last_used_at"))}
    failed = FailedSignIn.objects.filter(connection__in=ids, at__gt=now - LATELY).values("connection")
    failures = dict(failed.annotate(n=Count("id")).order_by("connection").values_list("connection", "n"))
    holding = ApiToken.objects.filter(connection__in=ids, revoked_at=None, expires_at__gt=now).values("connection_id")
    ends = dict(holding.annotate(at=Min("expires_at")).order_by().values_list("connection_id", "at"))
    return {
        one: Use(
            known=people_.get(one, {}).get("n", 0),
            last_at=people_.get(one, {}).get("at"),
            failed=failures.get(one, 0),
            ends_at=ends.get(one),
        )
        for one in ids
    }


def failures_of(connection_id: UUID, limit: int = FAILURES_SHOWN) -> tuple[Failure, ...]:
    """The last sign-ins by a connection of the open scope that came to nothing. Two statements."""
    connection(connection_id)
    rows = list(FailedSignIn.objects.filter(connection=connection_id).order_by("-at", "-id")[:limit])
    names = people.names(row.person_id for row in rows if row.person_id)
    return tuple(
        Failure(
            number=shown_number(row.number),
            at=row.at,
            step=Step(row.step),
            reason=row.reason,
            detail=row.detail,
            name=names.get(row.person_id, "") if row.person_id else "",
        )
        for row in rows
    )


def _other_ways(connection_id: UUID, person_ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    """By which other connections each of these people is known: directory and sign-in of one and the same person."""
    rows = Identity.objects.filter(person__in=person_ids).exclude(connection=connection_id).order_by("connection__name")
    named = list(rows.values_list("person_id", "connection__name").distinct())
    return {one: tuple(name for person_id, name in named if person_id == one) for one in person_ids}


def connection_page(connection_id: UUID, now: datetime) -> ConnectionPage:
    """Everything the page of a connection of the open scope shows; NotFound beyond it."""
    row = connection(connection_id)
    known = links(row.id, PEOPLE_SHOWN)
    names = people.names(link.person_id for link in known)
    others = _other_ways(row.id, [link.person_id for link in known])
    sent = {} if row.kind.signs_in else sent_users(row.id, [link.person_id for link in known])
    return ConnectionPage(
        row=row,
        use=uses([row.id], now)[row.id],
        failures=failures_of(row.id),
        known=tuple(
            Known(link, names.get(link.person_id, ""), *sent.get(link.person_id, ("", False)), others[link.person_id])
            for link in known
        ),
        tokens=tokens(row.id),
        proven=tuple(domain.name for domain in partners.domains(row.partner_id)),
        exchanges=() if row.kind.signs_in else exchanges(row.id, limit=EXCHANGES_SHOWN),
        holds=() if row.kind.signs_in else holds(row.id, open_only=True),
        leavers=() if row.kind.signs_in else leavers(row.id),
        directories=tuple(other for other in connections() if not other.kind.signs_in)
        if row.kind.signs_in and row.owner is None
        else (),
        ending=endings([row.id], now).get(row.id),
        told=told_of(row.id),
        renewed=renewed_by_link(row.id),
        ways=partners.ways_of(row.partner_id),
        served_by=served_by(row),
    )
