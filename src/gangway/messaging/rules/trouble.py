"""Why a letter did not arrive, for people who read no mail server's codes (RFC 3463, section 3). Pure."""

import re
from enum import StrEnum

ENHANCED = re.compile(r"\b[45]\.(\d{1,3})\.(\d{1,3})\b")
BASIC = re.compile(r"\b([45]\d\d)\b")


class Trouble(StrEnum):
    """What is wrong, as far as the server's words tell it."""

    NO_MAILBOX = "no_mailbox"
    CLOSED = "closed"
    FULL = "full"
    NO_SERVER = "no_server"  # the part behind the @ takes no mail
    REFUSED = "refused"  # our letters, not this mailbox
    NO_ANSWER = "no_answer"
    OTHER = "other"


_EXACT = {
    "1.2": Trouble.NO_SERVER,
    "2.1": Trouble.CLOSED,
    "2.2": Trouble.FULL,
    "4.4": Trouble.NO_SERVER,
}
_BY_SUBJECT = {"1": Trouble.NO_MAILBOX, "7": Trouble.REFUSED, "4": Trouble.NO_ANSWER}
_BASIC = {
    "550": Trouble.NO_MAILBOX,
    "551": Trouble.NO_MAILBOX,
    "552": Trouble.FULL,
    "553": Trouble.NO_MAILBOX,
    "554": Trouble.REFUSED,
}


def trouble(reason: str) -> Trouble:
    """What a server's words mean: the first enhanced code that says more than "something" (x.0.0) wins over the basic
    one; no code at all is no answer."""
    for subject, detail in ENHANCED.findall(reason):
        found = _EXACT.get(f"{subject}.{detail}") or _BY_SUBJECT.get(subject)
        if found is not None:
            return found
    basic = BASIC.search(reason)
    return _BASIC.get(basic[1], Trouble.OTHER) if basic else Trouble.NO_ANSWER
