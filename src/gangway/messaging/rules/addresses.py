"""Headers, and the address of the mail server. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit
from uuid import UUID

from gangway.messaging.rules.returns import MailboxUrl


def message_id_header(message_id: UUID, domain: str) -> str:
    """The Message-ID: the same for every try, so that a mail server or client can drop a second copy."""
    return f"<{message_id.hex}@{domain}>"


def one_line(text: str) -> str:
    """A header value: no line break can start another header."""
    return " ".join(text.split())


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where letters are handed over."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    tls: bool = False  # from the first byte
    starttls: bool = False


SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, False, True), "smtps": (465, True, False)}


def parse_email_url(url: str) -> SmtpServer | None:
    """smtp://host:port, smtp+tls://user:password@host:port (STARTTLS), smtps://…; None where it is empty.

    Raises ValueError with a sentence that names what is wrong and never repeats the password.
    """
    if not url.strip():
        return None
    parts, port = _split("EMAIL_URL", url, SCHEMES, "smtp://mail.example.com:587")
    _, tls, starttls = SCHEMES[parts.scheme]
    return SmtpServer(
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        starttls=starttls,
    )


IMAP_SCHEMES = {"imap": (143, False, False), "imap+tls": (143, False, True), "imaps": (993, True, False)}


def parse_mailbox_url(url: str) -> MailboxUrl | None:
    """imaps://user:password@host/INBOX, imap+tls://… (STARTTLS), imap://…; None where it is empty.

    Raises ValueError with a sentence that names what is wrong and never repeats the password.
    """
    if not url.strip():
        return None
    parts, port = _split("BOUNCE_IMAP_URL", url, IMAP_SCHEMES, "imaps://user:password@mail.example.com/INBOX")
    if not parts.username or not parts.password:
        raise ValueError("BOUNCE_IMAP_URL needs a user and a password: imaps://user:password@mail.example.com/INBOX")
    _, tls, starttls = IMAP_SCHEMES[parts.scheme]
    return MailboxUrl(
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username),
        password=unquote(parts.password),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls=tls,
        starttls=starttls,
    )


def _split(name: str, url: str, schemes: Mapping[str, tuple[int, bool, bool]], example: str) -> tuple[SplitResult, int]:
    """The parts of a URL and its port, looked at."""
    parts = urlsplit(url.strip())
    if parts.scheme not in schemes:
        raise ValueError(f"{name} must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if not parts.hostname:
        raise ValueError(f"{name} names no host: write {example}")
    try:
        return parts, parts.port or schemes[parts.scheme][0]
    except ValueError as problem:
        raise ValueError(f"{name} has a port that is no number between 1 and 65535") from problem
