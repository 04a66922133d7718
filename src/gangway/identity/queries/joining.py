"""Strangers: what a proven mailbox leads to, a partner's codes, and who waits to be let in."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count

from gangway.identity.models import AccessCode, Challenge, CodeUse, JoinPolicy, JoinRequest
from gangway.identity.queries.doors import Choice, choices, may_choose, youngest_of
from gangway.identity.rules.joining import (
    ASKS_AGAIN_AFTER,
    MISSED_BY_ALL,
    MISSED_BY_MAILBOX,
    By,
    CodeState,
    Found,
    JoinState,
    code_state,
    found,
)
from gangway.kernel import secrets
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.messaging.queries import mailbox_digest
from gangway.partners import queries as partners
from gangway.people import queries as people


def access_code_digest(code: str) -> bytes:
    return secrets.digest(f"access:{code}")


def place_digest(mailbox: bytes, partner_id: UUID | None) -> bytes:
    return secrets.digest(f"join:{mailbox.hex()}:{partner_id or ''}")


@dataclass(frozen=True, slots=True)
class Stranger:
    """Who wants to join, in their own words. `code`: as it is compared, "" where none was typed."""

    name: str
    address: str
    locale: str
    code: str = ""

    def sealed(self) -> str:
        return secrets.seal(json.dumps({name: getattr(self, name) for name in self.__slots__}))

    @classmethod
    def unsealed(cls, text: str) -> "Stranger":
        return cls(**json.loads(secrets.unseal(text)))


def guessed_enough(address: str, now: datetime) -> bool:
    """Whether so many codes that are none were typed within a day, for this mailbox or over all, that no more are."""
    missed = Challenge.objects.filter(missed=True, asked_at__gt=now - timedelta(days=1))
    by_mailbox = missed.filter(mailbox=mailbox_digest(address)).count()
    return by_mailbox >= MISSED_BY_MAILBOX or missed[MISSED_BY_ALL - 1 :].exists()


@dataclass(frozen=True, slots=True)
class Company:
    """A partner that lets a stranger in at once, and by what."""

    partner_id: UUID
    name: str
    by: By


@dataclass(frozen=True, slots=True)
class Joining:
    """What the browser of a proven stranger may do. `accounts`: who they are already, somewhere.

    `code`: what became of the code they typed, None where they typed none. `waits_since`: they asked to be let in
    already; `declined_at`: that was declined, lately.
    """

    stranger: Stranger
    companies: Sequence[Company]
    accounts: Sequence[Choice]
    code: CodeState | None
    waits_since: datetime | None
    declined_at: datetime | None


def joining(browser: str, now: datetime) -> Joining | None:
    """For the page after the proof; None where this browser proved no mailbox to join by."""
    row = proven_stranger(browser, now)
    if row is None:
        return None
    stranger = Stranger.unsealed(row.joining)
    code, ways = ways_of(stranger, now)
    asked = _asked(stranger, ways, now)
    waits = asked is not None and asked.state == JoinState.WAITING
    return Joining(
        stranger=stranger,
        companies=sorted((_company(key, by) for key, by in ways.doors.items()), key=lambda one: one.name),
        accounts=choices(browser, now),
        code=code,
        waits_since=asked.at if asked and waits else None,
        declined_at=asked.ended_at if asked and not waits else None,
    )


def proven_stranger(browser: str, now: datetime) -> Challenge | None:
    """The challenge by which this browser proved the mailbox of a stranger a moment ago."""
    row = youngest_of(browser)
    return row if row is not None and row.joining and may_choose(row, browser, now) else None


def ways_of(stranger: Stranger, now: datetime) -> tuple[CodeState | None, Found]:
    """What became of the code that was typed, and which doors are open to a proven mailbox."""
    code = access_code(stranger.code, now) if stranger.code else None
    holders = partners.partners_of_domain(stranger.address)
    code_partner = code.partner_id if code else None
    asked = {*holders, *([code_partner] if code_partner else [])}
    state = (code.state if code else CodeState.UNKNOWN) if stranger.code else None
    ways = found(
        code=state,
        code_partner=code_partner,
        holders=holders,
        let_in=[partner for partner in holders if lets_in_by_domain(partner)],
        known_at=[partner for partner in asked if _knows(partner, stranger.address)],
    )
    return state, ways


def _knows(partner_id: UUID, address: str) -> bool:
    with scopes.one(partner_id):
        return people.mailbox_known(address)


def lets_in_by_domain(partner_id: UUID) -> bool:
    with scopes.one(partner_id):
        return bool(JoinPolicy.objects.filter(by_domain=True).exists())


def _company(partner_id: UUID, by: By) -> Company:
    brand = partners.brand_for(partner_id)
    return Company(partner_id, brand.name if brand else "", by)


def _asked(stranger: Stranger, ways: Found, now: datetime) -> JoinRequest | None:
    place = place_digest(mailbox_digest(stranger.address), ways.asks)
    row = JoinRequest.objects.filter(place=place).order_by("-at", "-id").first()
    if row is None or row.state == JoinState.WAITING:
        return row
    lately = row.ended_at is not None and now - row.ended_at < ASKS_AGAIN_AFTER
    return row if lately and row.state == JoinState.DECLINED else None


# ---------------------------------------------------------------- codes


@dataclass(frozen=True, slots=True)
class AccessCodeRow:
    """An access code as its admin sees it: never the code, only its last signs."""

    id: UUID
    partner_id: UUID
    label: str
    tail: str
    seats: int
    used: int
    made_at: datetime
    expires_at: datetime
    state: CodeState

    @property
    def lets_in(self) -> bool:
        return self.state is CodeState.OPEN


def access_code(code: str, now: datetime) -> AccessCodeRow | None:
    """Routing: the code that somebody typed, of an active partner; None where there is none."""
    row = AccessCode.objects.filter(digest=access_code_digest(code)).first()
    if row is None:
        return None
    with scopes.one(row.partner_id):
        if partners.partner_by_id(row.partner_id).state != "active":
            return None
        return _code_row(row, CodeUse.objects.filter(code=row.pk).count(), now)


def access_codes(now: datetime) -> Sequence[AccessCodeRow]:
    """Those of the scope's partner, youngest first. Two statements."""
    rows = list(AccessCode.objects.filter(partner=scopes.writer()).order_by("-made_at", "-id"))
    uses = CodeUse.objects.filter(code__in=[row.pk for row in rows]).values("code").annotate(n=Count("id"))
    used = {row["code"]: row["n"] for row in uses}
    return [_code_row(row, used.get(row.pk, 0), now) for row in rows]


SEATS_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Seat:
    """A line of the ledger of an access code: which seat, who took it and when."""

    n: int
    name: str
    at: datetime


def seats_taken() -> dict[UUID, list[Seat]]:
    """Who took the seats of the codes of the scope's partner, by code and seat; the latest 500. One statement."""
    rows = CodeUse.objects.order_by("-at", "-id").values_list("code_id", "seat", "person__name", "at")[:SEATS_SHOWN]
    ledger: dict[UUID, list[Seat]] = {}
    for code_id, seat, name, at in sorted(rows, key=lambda row: row[1]):
        ledger.setdefault(code_id, []).append(Seat(seat, name, at))
    return ledger


def _code_row(row: AccessCode, used: int, now: datetime) -> AccessCodeRow:
    return AccessCodeRow(
        id=row.id,
        partner_id=row.partner_id,
        label=row.label,
        tail=row.tail,
        seats=row.seats,
        used=used,
        made_at=row.made_at,
        expires_at=row.expires_at,
        state=code_state(seats=row.seats, used=used, expires_at=row.expires_at, closed_at=row.closed_at, now=now),
    )


# ---------------------------------------------------------------- the waiting room

WAITING_AT_MOST = 200


@dataclass(frozen=True, slots=True)
class JoinRequestRow:
    """Somebody who waits to be let in. `partner_id` None: nobody knows whose they are."""

    id: UUID
    partner_id: UUID | None
    name: str
    address: str
    at: datetime


def waiting_to_join(partner_id: UUID | None) -> Sequence[JoinRequestRow]:
    """Who waits at a partner, or (None) at nobody's, the longest waiting first; at most 200."""
    rows = JoinRequest.objects.filter(partner=partner_id, state=JoinState.WAITING).order_by("at", "id")
    return [_request_row(row) for row in rows[:WAITING_AT_MOST]]


def how_many_wait(partner_id: UUID | None) -> int:
    """How many wait at a partner, or (None) at nobody's; counted up to 200. One statement."""
    return JoinRequest.objects.filter(partner=partner_id, state=JoinState.WAITING)[:WAITING_AT_MOST].count()


def join_request(request_id: UUID, partner_id: UUID | None) -> JoinRequestRow:
    """One of them; NotFound for what was answered, and for what waits elsewhere."""
    row = JoinRequest.objects.filter(pk=request_id, partner=partner_id, state=JoinState.WAITING).first()
    if row is None:
        raise NotFound
    return _request_row(row)


def _request_row(row: JoinRequest) -> JoinRequestRow:
    stranger = Stranger.unsealed(row.who)
    return JoinRequestRow(row.id, row.partner_id, stranger.name, stranger.address, row.at)
