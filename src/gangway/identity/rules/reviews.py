"""The access list of a partner: who has which rights over its data, asked for once a quarter. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

GIVEN = timedelta(days=21)  # from the asking to the day on which it is overdue


class Side(StrEnum):
    """own: somebody of the partner; parent: of a partner above it; vendor: somebody of the channel team."""

    OWN = "own"
    PARENT = "parent"
    VENDOR = "vendor"


class Door(StrEnum):
    """By what somebody of the partner comes in."""

    COMPANY = "company"
    PASSKEY = "passkey"
    PORTAL = "portal"
    MAIL = "mail"


class Standing(StrEnum):
    WAITING = "waiting"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who sees more of a partner's data than their own. `method`: of their last sign-in."""

    person_id: UUID
    side: Side
    name: str
    email: str
    roles: tuple[str, ...]
    doors: tuple[Door, ...]
    last_at: datetime | None
    method: str


def quarter_of(day: date) -> date:
    """The first day of its quarter."""
    return date(day.year, day.month - (day.month - 1) % 3, 1)


def next_quarter(day: date) -> date:
    """The first day of the quarter after it."""
    return quarter_of(quarter_of(day) + timedelta(days=100))


def due_on(asked: date) -> date:
    """The last day on which an answer is in time."""
    return asked + GIVEN


def standing(due: date, confirmed: bool, today: date) -> Standing:
    if confirmed:
        return Standing.CONFIRMED
    return Standing.OVERDUE if today > due else Standing.WAITING


def text_of(holders: Iterable[Holder], ends: Collection[UUID] = ()) -> str:
    """What is confirmed, by ids and codes alone: the same rights make the same text, byte for byte, whoever signed in
    meanwhile."""
    rows = [
        {
            "person": str(one.person_id),
            "side": one.side.value,
            "roles": sorted(one.roles),
            "doors": sorted(one.doors),
            "answer": "ends" if one.person_id in ends else "keeps",
        }
        for one in sorted(holders, key=lambda one: str(one.person_id))
    ]
    return json.dumps(rows, sort_keys=True, separators=(",", ":"))


def ended_elsewhere(text: str) -> frozenset[UUID]:
    """Of whom of other companies a confirmed text says that their access ends."""
    return frozenset(
        UUID(row["person"]) for row in json.loads(text) if row["side"] != Side.OWN and row["answer"] == "ends"
    )


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
