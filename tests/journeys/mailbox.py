"""A real SMTP server on loopback that keeps what it is given, and knows no mailbox of those it is told not to know."""

import re
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.journeys.installation import free_port


class Mailboxes:
    """`with Mailboxes() as mail:` listens at `mail.url`; `mail.to(address)`: the letters that arrived, oldest first.

    unknown: mailboxes that do not exist; `mail.refused`: which of them were written to.
    """

    def __init__(self, unknown: tuple[str, ...] = ()) -> None:
        self._unknown = unknown
        self.refused: list[str] = []
        self._letters: list[tuple[list[str], EmailMessage]] = []
        self._lock = threading.Lock()
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port(), ready_timeout=60)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self._unknown:
            self.refused.append(address)
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = message_from_bytes(envelope.content, policy=policy.default)
        with self._lock:
            self._letters.append((list(envelope.rcpt_tos), letter))  # type: ignore[arg-type]
        return "250 kept"

    def __enter__(self) -> "Mailboxes":
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self._controller.port}"

    def count(self) -> int:
        with self._lock:
            return len(self._letters)

    def addresses(self) -> list[str]:
        """Every recipient, once per letter."""
        with self._lock:
            return [address for recipients, _ in self._letters for address in recipients]

    def to(self, address: str) -> list[EmailMessage]:
        with self._lock:
            return [letter for recipients, letter in self._letters if address in recipients]


def text_of(letter: EmailMessage) -> str:
    """The plain part, as a person without HTML reads it."""
    body = letter.get_body(preferencelist=("plain",))
    assert body is not None, "the letter has no plain part"
    return str(body.get_content())


def link_in(letter: EmailMessage, part: str) -> str:
    """The first address in the letter that holds `part`."""
    found = re.search(rf"https?://\S*{re.escape(part)}\S*", text_of(letter))
    assert found, text_of(letter)
    return found.group().rstrip(".,)")


def code_in(letter: EmailMessage) -> str:
    """The six digits of a sign-in letter."""
    found = re.search(r"\b\d{6}\b", text_of(letter))
    assert found, text_of(letter)
    return found.group()
