"""What comes back to us about letters: that one was refused after all, that it was called spam, an answer. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from gangway.messaging.rules.answers import mailbox_is_gone, tidy
from gangway.messaging.rules.states import Fate, Outcome

OURS = re.compile(r"\b([0-9a-f]{32})@")
BARE = re.compile(r"(?<![0-9a-f])([0-9a-f]{32})(?![0-9a-f])")
BASIC = re.compile(r"\b([45]\d\d)\b")
LONGEST_REPLY = 20_000
MOST_NAMED = 50


class Kind(StrEnum):
    BOUNCED = "bounced"
    SPAM = "spam"  # their reader called it unwanted


@dataclass(frozen=True, slots=True)
class Returned:
    """A letter that came back. `letters`: which ones it may be; `recipient`: the mailbox it is about, where said.

    `proven`: whoever says so has shown who they are; a mail in a mailbox has not, anybody may have written it.
    """

    kind: Kind
    letters: tuple[UUID, ...]
    recipient: str
    reason: str
    proven: bool
    invalid: bool = False

    @property
    def outcome(self) -> Outcome:
        code = self.code
        gone = self.invalid or mailbox_is_gone(code or 0, self.reason)
        return Outcome(Fate.BOUNCED, self.reason, code, dead=gone)

    @property
    def code(self) -> int | None:
        """The basic code in the server's words (RFC 5321), if there is one."""
        found = BASIC.search(self.reason)
        return int(found.group(1)) if found else None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a human wrote in answer to a letter."""

    letters: tuple[UUID, ...]
    sender: str
    mail_id: str
    text: str


def letters_named(text: str, *, bare: bool = False) -> tuple[UUID, ...]:
    """The letters whose Message-IDs stand in a text, each once, in their order. bare: their first halves will do."""
    found = dict.fromkeys((BARE if bare else OURS).findall(text.lower()))
    return tuple(UUID(hex=one) for one in list(found)[:MOST_NAMED])


def words_of(*parts: str | None) -> str:
    """A server's words on one line, what is said twice only once."""
    kept: list[str] = []
    for part in (tidy(part) for part in parts if part):
        if part and not any(part in other for other in kept):
            kept = [*(other for other in kept if other not in part), part]
    return tidy(" ".join(kept))


@dataclass(frozen=True, slots=True)
class MailboxUrl:
    """Where bounces and answers arrive (IMAP)."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    tls: bool
    starttls: bool

    @property
    def name(self) -> str:
        """What it is called here; no password."""
        return f"{self.user}@{self.host}:{self.port}/{self.folder}"


@dataclass(frozen=True, slots=True)
class Position:
    """How far a mailbox has been read (RFC 3501: a UID counts only within its UIDVALIDITY)."""

    validity: int = 0
    uid: int = 0
    at: datetime | None = None
