"""What a mail server's answer means (RFC 5321, RFC 3463). Pure."""

import re
from enum import StrEnum

from gangway.messaging.rules.states import Fate, Outcome

ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
DEAD_BASIC = frozenset({550, 551, 553})


class Stage(StrEnum):
    """Where in the SMTP dialogue the answer came (RFC 5321, section 4.2.1)."""

    RECIPIENT = "recipient"
    DATA = "data"
    SESSION = "session"  # greeting, STARTTLS, AUTH, MAIL FROM: about us, never about the recipient


def judge(code: int, text: str, stage: Stage) -> Outcome:
    """Sent, bounced or to be tried again.

    Only an answer about the recipient or the letter may bounce it. A refused password or sender is our own
    set-up: the letter waits while somebody mends it.
    """
    reason = f"{code} {tidy(text)}".strip()
    if 200 <= code < 300:
        return Outcome(Fate.SENT, reason, code)
    if 500 <= code < 600 and stage is not Stage.SESSION:
        return Outcome(Fate.BOUNCED, reason, code, dead=stage is Stage.RECIPIENT and mailbox_is_gone(code, text))
    return Outcome(Fate.DEFERRED, reason, code)


def mailbox_is_gone(code: int, text: str) -> bool:
    """Whether a 5xx says that the address does not exist (RFC 3463: 5.1.x), rather than "not this letter, not now"."""
    enhanced = ENHANCED.search(text)
    if enhanced:
        return enhanced.group(1) == "5" and enhanced.group(2) == "1"
    return code in DEAD_BASIC


def tidy(text: str, limit: int = 300) -> str:
    """A server's words on one line, printable, cut."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:limit]
