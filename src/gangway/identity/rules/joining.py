"""How strangers become people: by a mail domain that a partner has proven, by an access code, or by asking. Pure.

Nothing is told before the mailbox is proven: who does not own it learns neither whether a code, nor a partner, nor an
account is there.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from gangway.identity.rules import NUMBER_SIGNS, typed_number

RANDOM_SIGNS = 15  # 75 bits: with the limits below, guessing one of a million codes takes longer than the codes live
SEATS_AT_MOST = 10_000
CODES_AT_MOST = 200
CODE_LIFE_AT_MOST = timedelta(days=730)
MISSED_BY_MAILBOX = 5  # a day
MISSED_BY_ALL = 1_000  # a day, each after the proof of a mailbox
ASKS_AGAIN_AFTER = timedelta(days=7)  # of being declined
REQUEST_LIFE = timedelta(days=90)


def check_sign(signs: str) -> str:
    """The last sign of an access code, by which one that was mistyped is known before anybody looks for it."""
    total = sum(weight * NUMBER_SIGNS.index(sign) for weight, sign in enumerate(signs, start=1))
    return NUMBER_SIGNS[total % 31]


def typed_access_code(text: str) -> str:
    """An access code as it is compared, however it was typed; "" for what is none."""
    code = typed_number(text)
    if len(code) != RANDOM_SIGNS + 1 or not set(code) <= set(NUMBER_SIGNS):
        return ""
    return code if check_sign(code[:-1]) == code[-1] else ""


def shown_access_code(code: str) -> str:
    """In fours: 4F7K-2QW9-ZT00-1ABC."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


class CodeState(StrEnum):
    """unknown: no such code; the others say what became of one."""

    OPEN = "open"
    FULL = "full"
    EXPIRED = "expired"
    CLOSED = "closed"
    UNKNOWN = "unknown"


def code_state(*, seats: int, used: int, expires_at: datetime, closed_at: datetime | None, now: datetime) -> CodeState:
    """Closed by hand wins over expired, expired over full: what helps whoever holds it most."""
    if closed_at is not None:
        return CodeState.CLOSED
    if now >= expires_at:
        return CodeState.EXPIRED
    return CodeState.FULL if used >= seats else CodeState.OPEN


class By(StrEnum):
    """What opened the door."""

    DOMAIN = "domain"
    CODE = "code"
    ADMITTED = "admitted"


@dataclass(frozen=True, slots=True)
class Found:
    """What a proven mailbox and a typed code lead to. `doors`: partners that let in at once, and by what; `asks`: the
    partner whose admin is asked where no door is open, None for the channel team."""

    doors: dict[UUID, By]
    asks: UUID | None


def found(
    *,
    code: CodeState | None,
    code_partner: UUID | None,
    holders: Collection[UUID],
    let_in: Collection[UUID],
    known_at: Collection[UUID],
) -> Found:
    """Which doors are open.

    code: the state of the code that was typed, None where none was. holders: partners that have proven the domain of
    the mailbox; let_in: those of them that let in by it. known_at: partners where this mailbox is, or was, somebody:
    who is suspended or has left comes back by nobody's word but an admin's.
    """
    doors = {partner: By.DOMAIN for partner in let_in if partner in holders and partner not in known_at}
    if code is CodeState.OPEN and code_partner is not None and code_partner not in known_at:
        doors[code_partner] = By.CODE
    if code_partner is not None:
        return Found(doors, code_partner)
    return Found(doors, next(iter(holders)) if len(holders) == 1 else None)


class JoinState(StrEnum):
    WAITING = "waiting"
    ADMITTED = "admitted"
    DECLINED = "declined"
