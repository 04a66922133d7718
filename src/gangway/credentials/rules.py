"""What an award is: its number, how long it lasts, where it stands, and the seal over its facts. Pure."""

import hashlib
import json
from calendar import monthrange
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from urllib.parse import quote, urlencode

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: nothing that is misread
NUMBER_LENGTH = 16  # 80 bits: nobody finds one by trying
PREFIX = "GW"
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
FACTS_VERSION = 1


class Status(StrEnum):
    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


class RevokeReason(StrEnum):
    """Why an award stops counting; shown on its public page, so there is no free text."""

    ISSUED_IN_ERROR = "issued_in_error"
    REQUIREMENT_WITHDRAWN = "requirement_withdrawn"
    MISCONDUCT = "misconduct"
    HOLDER_ASKED = "holder_asked"


class Happening(StrEnum):
    """What an award event records."""

    ISSUED = "issued"
    REVOKED = "revoked"
    RENEWED = "renewed"


# ---------------------------------------------------------------- the number


def number_from(random: bytes) -> str:
    """A number such as GW-7K3M-92QF-0HTX-B4WZ from ten random bytes."""
    if len(random) != NUMBER_LENGTH * 5 // 8:
        raise ValueError("A number is made of exactly ten random bytes.")
    value = int.from_bytes(random)
    signs = [ALPHABET[value >> 5 * place & 31] for place in reversed(range(NUMBER_LENGTH))]
    return written("".join(signs))


def written(signs: str) -> str:
    """Sixteen signs in groups of four, as people copy them."""
    return "-".join([PREFIX, *(signs[at : at + 4] for at in range(0, NUMBER_LENGTH, 4))])


def read_number(typed: str) -> str | None:
    """The number somebody typed, in its written form; None where it cannot be one.

    Case, spaces, dashes and the prefix do not matter; O is read as 0, I and L as 1.
    """
    if len(typed) > 64:
        return None
    signs = "".join(sign for sign in typed.upper() if sign.isalnum())
    signs = signs.removeprefix(PREFIX) if len(signs) > NUMBER_LENGTH else signs
    signs = signs.translate(_MISREAD)
    if len(signs) != NUMBER_LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return written(signs)


def number_digest(number: str) -> str:
    """What the directory stores. 80 random bits need no key, and a number must verify for years."""
    return hashlib.sha256(number.encode()).hexdigest()


# ---------------------------------------------------------------- time


def months_later(at: datetime, months: int) -> datetime:
    """The same day and time so many months later; the last day of a shorter month."""
    years, month = divmod(at.month - 1 + months, 12)
    year, month = at.year + years, month + 1
    return at.replace(year=year, month=month, day=min(at.day, monthrange(year, month)[1]))


def expires(issued_at: datetime, valid_months: int | None) -> datetime | None:
    """None: it does not expire."""
    return None if valid_months is None else months_later(issued_at, valid_months)


RENEWAL_WINDOW = timedelta(days=90)


def renewable(*, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> bool:
    """From ninety days before it runs out, and ever after. What was revoked or lasts without limit is not renewed."""
    return revoked_at is None and expires_at is not None and expires_at - RENEWAL_WINDOW <= now


def term_begins(now: datetime, before: datetime | None) -> datetime:
    """When the term of an award begins whose forerunner ends at `before`: a renewal inside its window counts on from
    the old end, so that renewing early loses nothing; any other award counts from now."""
    return before if before is not None and now < before <= now + RENEWAL_WINDOW else now


ENDING = "credentials.ending"  # the letter that reminds
NOTICE_DAYS = (60, 30, 7)  # before the end of an award its holder is reminded


@dataclass(frozen=True, slots=True)
class Notice:
    """One of the reminders: due while an award has at most `days` left, and more than the next reminder's `until`."""

    days: int
    until: int

    def ends(self, now: datetime) -> tuple[datetime, datetime]:
        """The ends of awards it is due for at `now`: (after, up to]."""
        return now + timedelta(days=self.until), now + timedelta(days=self.days)

    def not_after(self, expires_at: datetime) -> datetime:
        """From when it says nothing any more that the next one does not say better."""
        return expires_at - timedelta(days=self.until)


NOTICES = tuple(Notice(days, until) for days, until in zip(NOTICE_DAYS, (*NOTICE_DAYS[1:], 0), strict=True))


def status(*, expires_at: datetime | None, revoked_at: datetime | None, now: datetime) -> Status:
    """Revoked wins over expired: it is the stronger word."""
    if revoked_at is not None and revoked_at <= now:
        return Status.REVOKED
    if expires_at is not None and expires_at <= now:
        return Status.EXPIRED
    return Status.VALID


# ---------------------------------------------------------------- the facts


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What was true when the award was issued; it is kept as it was. The holder's name is no part of it: a person may
    be erased, or change their name, and the award stands."""

    number: str
    title: str
    course_key: str
    credential_key: str
    issuer: str
    cycle: int
    issued_at: datetime
    expires_at: datetime | None
    points: int | None = None
    points_max: int | None = None

    def seal(self) -> str:
        """SHA-256 over the facts in one fixed spelling; a changed row no longer fits its seal."""
        facts = {"v": FACTS_VERSION, **asdict(self)}
        spelled = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_instant)
        return hashlib.sha256(spelled.encode()).hexdigest()


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError(f"{type(value)} has no fixed spelling.")
    return value.isoformat(timespec="microseconds")


# ---------------------------------------------------------------- kept by a private mailbox

CODE_LIFE = timedelta(minutes=30)
CODE_TRIES = 5
CODES_A_DAY = 5  # letters to private mailboxes that one person may cause
LINK_LIFE = timedelta(hours=24)
ASKS_PER_WINDOW = 3
ASK_WINDOW = timedelta(hours=1)
ASKS_WAITING = 2_000  # noted and not yet written: past it nobody may ask for a moment
PROVE, KEPT = "credentials.prove_mailbox", "credentials.kept"  # the letters


class Proven(StrEnum):
    """What a typed code led to."""

    KEPT = "kept"
    WRONG = "wrong"
    VOID = "void"


def may_be_typed(*, asked_at: datetime, wrong_tries: int, used_at: datetime | None, now: datetime) -> bool:
    """Whether a code that was sent still opens something."""
    return used_at is None and wrong_tries < CODE_TRIES and now < asked_at + CODE_LIFE


# ---------------------------------------------------------------- shown elsewhere

LINKEDIN = "https://www.linkedin.com/profile/add"


def linkedin_address(*, title: str, issuer: str, number: str, issued: date, expires: date | None, address: str) -> str:
    """The page of LinkedIn on which the holder adds this award to their profile, filled in. Days as in the holder's
    zone. Nothing is sent there before the holder goes, and no name goes along."""
    said = {
        "startTask": "CERTIFICATION_NAME",
        "name": title,
        "organizationName": issuer,
        "issueYear": issued.year,
        "issueMonth": issued.month,
        **({"expirationYear": expires.year, "expirationMonth": expires.month} if expires else {}),
        "certId": number,
        "certUrl": address,
    }
    return f"{LINKEDIN}?{urlencode(said, quote_via=quote)}"


# ---------------------------------------------------------------- the words of consent

CONSENT_VERSION = "1"
DEFAULT_VALID_MONTHS = 24
