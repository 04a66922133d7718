"""How a person gets in: what proves them, for how long, how often. Pure.

One challenge is one try to sign in. It has two keys, both in one letter: a link and a six-digit code.

    in the browser that asked:  the code, or the link and one press on its button
    in another browser:         the link and the code, both
    never:                      a link alone, a GET, or anything after five wrong codes or ten minutes

So a mail scanner that opens, renders or clicks everything it finds can spend nothing (hostile.md, danger 3).
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import unquote

CHALLENGE_LIFE = timedelta(minutes=10)
CHOICE_LIFE = timedelta(minutes=10)  # from the proof to the choice between two partners
INVITATION_LIFE = timedelta(days=60)
SETUP_LIFE = timedelta(hours=24)
KEPT_FOR = timedelta(days=30)  # so long a used link can still say when it was used
TRIES = 5
CODE_LENGTH = 6

POLICY_VERSION = "2026-11"  # of the three lines about privacy on the welcome page

SESSION_LIFE = timedelta(days=30)
STAFF_SESSION_LIFE = timedelta(hours=12)

VIEW_LIFE = timedelta(minutes=30)  # of seeing what somebody else sees

ASKS_PER_WINDOW = 6
ASK_WINDOW = timedelta(minutes=15)
ASKS_PER_DAY = 30
INVITED_PER_WINDOW = 3  # letters by one invitation, whoever pressed it; they do not count for the mailbox
INVITED_PER_DAY = 12
WRONG_CODES_PER_DAY = 50  # per mailbox; past it a code alone opens nothing, a link does as before
RESEND_AFTER = timedelta(seconds=30)  # a letter needs so long; sooner, the same browser keeps the one it has
LETTERS_WAITING = 2_000  # noted and not yet written: past it the door says "in a minute" to everybody
STRANGERS_PER_HOUR = 200  # reports about links nobody knows


class Method(StrEnum):
    """How a session began. Only CODE and LINK prove a mailbox; a passkey was added by somebody who had; SAML and OIDC
    rest on the word of the partner's identity provider, PORTAL on that of the vendor's own, the others on the
    operator's."""

    CODE = "code"
    LINK = "link"
    PASSKEY = "passkey"
    SAML = "saml"
    OIDC = "oidc"
    PORTAL = "portal"
    OPERATOR = "operator"
    SETUP = "setup"

    @property
    def proves_mailbox(self) -> bool:
        return self in (Method.CODE, Method.LINK)


class Kind(StrEnum):
    """mail: asked for on the sign-in page; operator: printed at the command line; setup: for the first staff person."""

    MAIL = "mail"
    OPERATOR = "operator"
    SETUP = "setup"


# ---------------------------------------------------------------- the state of a challenge


@dataclass(frozen=True, slots=True)
class ChallengeFacts:
    """What is stored about one try."""

    kind: Kind
    expires_at: datetime
    wrong_tries: int
    used_at: datetime | None


class State(StrEnum):
    OPEN = "open"
    USED = "used"
    EXPIRED = "expired"
    LOCKED = "locked"
    CODES_CLOSED = "codes_closed"
    UNKNOWN = "unknown"


def state_of(facts: ChallengeFacts | None, now: datetime) -> State:
    """Used wins over expired, so that a person reads the reason that helps them."""
    if facts is None:
        return State.UNKNOWN
    if facts.used_at is not None:
        return State.USED
    if now >= facts.expires_at:
        return State.EXPIRED
    if facts.wrong_tries >= TRIES:
        return State.LOCKED
    return State.OPEN


class Proof(StrEnum):
    """What a link still needs."""

    PRESS = "press"
    CODE = "code"


def link_needs(kind: Kind, *, same_browser: bool) -> Proof:
    """One press in the browser that asked, or where the operator vouches; the code anywhere else."""
    return Proof.PRESS if same_browser or kind is not Kind.MAIL else Proof.CODE


def method_of(kind: Kind, *, by_link: bool) -> Method:
    match kind:
        case Kind.OPERATOR:
            return Method.OPERATOR
        case Kind.SETUP:
            return Method.SETUP
        case Kind.MAIL:
            return Method.LINK if by_link else Method.CODE


# ---------------------------------------------------------------- limits


def next_ask_at(
    asked: Sequence[datetime], now: datetime, *, window: int = ASKS_PER_WINDOW, a_day: int = ASKS_PER_DAY
) -> datetime | None:
    """When this address may be asked for again; None for "now".

    Counted per address, known or not, never per network: a whole partner may sit behind one. What scanners press on an
    invitation is counted for that invitation. Five tries on each of at most forty-two challenges a day leave a guesser
    one chance in 4,700 a day, and `codes_are_closed` one in 20,000.
    """
    day = sorted(at for at in asked if now - at < timedelta(days=1))
    lately = [at for at in day if now - at < ASK_WINDOW]
    if len(day) >= a_day:
        return day[-a_day] + timedelta(days=1)
    if len(lately) >= window:
        return lately[-window] + ASK_WINDOW
    return None


def codes_are_closed(wrong_tries: Sequence[int]) -> bool:
    """Whether so many wrong codes were typed for one mailbox within a day that no code alone is compared any more.

    The link of the letter opens as before (with its code, in another browser), so a stranger who types nonsense locks
    nobody out, and guesses one in 20,000 a day.
    """
    return sum(wrong_tries) >= WRONG_CODES_PER_DAY


def session_life(*, staff: bool, partner_hours: int | None = None) -> timedelta:
    """A month for people at partners, half a day for staff, who see everybody; shorter where the partner says so."""
    usual = STAFF_SESSION_LIFE if staff else SESSION_LIFE
    return usual if partner_hours is None else min(usual, timedelta(hours=partner_hours))


# ---------------------------------------------------------------- what people type


def typed_code(text: str) -> str | None:
    """Six digits of any script, with or without spaces and dashes; None where it is no code (which is no try)."""
    digits = []
    for character in text.strip():
        if character.isspace() or character in "-–‑·.":
            continue
        value = unicodedata.digit(character, None)
        if value is None:
            return None
        digits.append(str(value))
    return "".join(digits) if len(digits) == CODE_LENGTH else None


LOCAL_PATH = re.compile(r"/(?![/\\])[^\x00-\x20\x7f\\]*")


def safe_next(value: str | None, default: str = "/") -> str:
    """A path on this host, or the default: no scheme, host, backslash, control character, however it is encoded."""
    if not value or len(value) > 2000 or not LOCAL_PATH.fullmatch(value):
        return default
    path = value.split("?", 1)[0].split("#", 1)[0]
    for _ in range(3):
        decoded = unquote(path)
        if not LOCAL_PATH.fullmatch(decoded.replace(" ", "+")):
            return default
        if decoded == path:
            break
        path = decoded
    return value


def masked(address: str) -> str:
    """ana.lopez@nordwind.example → a…@nordwind.example: enough for its owner, little for anybody else."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…{at}{domain}" if local else "…"


# ---------------------------------------------------------------- which browser

SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"))
ENGINES = (("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))


def device(user_agent: str) -> str:
    """ "Chrome on Android", for the list of sessions; kept instead of the whole header, which identifies more."""
    browser = next((name for mark, name in BROWSERS + ENGINES if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser, system) if part)


# ---------------------------------------------------------------- stuck ways in


class Step(StrEnum):
    """Where a way in got stuck. For those who help; the person at the door is told a number and no more than before."""

    ASKED = "asked"
    NOBODY = "nobody"
    CODE_WRONG = "code_wrong"
    CODE_LOCKED = "code_locked"
    CODE_EXPIRED = "code_expired"
    LINK_UNKNOWN = "link_unknown"
    INVITATION_VOID = "invitation_void"
    SUSPENDED = "suspended"
    LEFT = "left"
    PARTNER_CLOSED = "partner_closed"
    TOO_MANY = "too_many"
    CHOICE_EXPIRED = "choice_expired"
    FACTOR_ASKED = "factor_asked"
    MAIL_BOUNCED = "mail_bounced"
    PROVIDER_REFUSED = "provider_refused"
    PROVIDER_BROKEN = "provider_broken"
    PROVIDER_FOREIGN = "provider_foreign"
    PROVIDER_UNKNOWN = "provider_unknown"
    PROVIDER_PROOF = "provider_proof"
    PORTAL_FOREIGN = "portal_foreign"
    PORTAL_UNKNOWN = "portal_unknown"
    PORTAL_COVERED = "portal_covered"
    PROVIDER_ACCOUNT = "provider_account"


AT_THE_DOOR = (Step.ASKED, Step.CODE_WRONG, Step.CODE_LOCKED, Step.CODE_EXPIRED, Step.CHOICE_EXPIRED, Step.FACTOR_ASKED)
SHUT_OUT = (Step.SUSPENDED, Step.LEFT, Step.PARTNER_CLOSED)


class RequestState(StrEnum):
    """waiting until somebody answered it, the person came in, or the same mailbox asked anew."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CAME_IN = "came_in"
    REPLACED = "replaced"


class Answer(StrEnum):
    """What one press does for somebody who waits."""

    LETTER = "letter"
    INVITATION = "invitation"
    MAILBOX = "mailbox"
    RESUME = "resume"
    DONE = "done"


_MENDS: dict[Step, tuple[Answer, ...]] = {
    Step.NOBODY: (),
    Step.LINK_UNKNOWN: (),
    Step.LEFT: (),
    Step.PARTNER_CLOSED: (),
    Step.SUSPENDED: (Answer.RESUME,),
    Step.INVITATION_VOID: (Answer.INVITATION, Answer.LETTER),
    Step.MAIL_BOUNCED: (Answer.MAILBOX,),
    Step.TOO_MANY: (Answer.INVITATION,),
    Step.FACTOR_ASKED: (),
    Step.PROVIDER_REFUSED: (),
    Step.PROVIDER_BROKEN: (Answer.LETTER,),
    Step.PROVIDER_FOREIGN: (),
    Step.PROVIDER_UNKNOWN: (),
    Step.PORTAL_FOREIGN: (),
    Step.PORTAL_UNKNOWN: (),
    Step.PORTAL_COVERED: (),
    Step.PROVIDER_ACCOUNT: (),
}


def answers(step: Step, *, known: bool, managed: bool) -> tuple[Answer, ...]:
    """What mends a stuck way in, the likeliest first; for somebody whom nobody knows only "done".

    `managed`: a directory keeps them, and it alone lets them in again."""
    mends = _MENDS.get(step, (Answer.LETTER, Answer.INVITATION)) if known else ()
    if managed:
        mends = tuple(mend for mend in mends if mend is not Answer.RESUME)
    return (*mends, Answer.DONE)


NUMBER_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is heard or read as another
NUMBER_LENGTH = 5
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", "-": "", " ": "", "–": "", "‑": ""})


def typed_number(text: str) -> str:
    """The number of a request as it is stored, however it was said: 4f 7k2, 4F-7K2."""
    return text.strip().upper().translate(_MISREAD)


def reads_as_number(text: str) -> bool:
    """Whether what was typed is meant as a number and not as a name: every number of a request holds a digit."""
    return any(sign in "0123456789" for sign in text)


def shown_number(number: str) -> str:
    """4F7K2 → 4F-7K2: short enough for the telephone."""
    return f"{number[:2]}-{number[2:]}" if number else ""
