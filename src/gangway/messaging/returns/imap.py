"""A mailbox read by IMAP (RFC 3501): what is new since a position, without marking it read; then marks, if wanted."""

import imaplib
import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from gangway.messaging.rules import MailboxUrl, Position

TIMEOUT_SECONDS = 20
LONGEST_MAIL = 256 * 1024
READ = "\\Seen"
HANDLED = "$Gangway"  # a keyword of ours, where the server lets us keep one


class NotReadable(OSError):
    """The mailbox did not answer as it should; in words, without its password."""


class Mailbox:
    """One conversation with a mailbox. Everything that goes wrong is NotReadable.

    with Mailbox(url) as box:
        for uid, mail in box.new(position, limit=50): ...
        box.mark([uid, ...], delete=False)
    """

    def __init__(self, url: MailboxUrl) -> None:
        self._url = url
        self.validity = 0
        self._keeps_keywords = False

    def __enter__(self) -> Self:
        try:
            self._imap = self._connect()
            self._imap.login(self._url.user, self._url.password)
            self._expect(self._imap.select(f'"{self._url.folder}"'))
            self.validity = int((self._imap.response("UIDVALIDITY")[1] or [b"0"])[0] or 0)
            self._keeps_keywords = b"\\*" in b" ".join(self._imap.response("PERMANENTFLAGS")[1] or [b""])
        except (imaplib.IMAP4.error, OSError, ValueError) as error:
            raise NotReadable(f"{self._url.name}: {error}") from error
        return self

    def _connect(self) -> imaplib.IMAP4:
        url, context = self._url, ssl.create_default_context()
        if url.tls:
            return imaplib.IMAP4_SSL(url.host, url.port, ssl_context=context, timeout=TIMEOUT_SECONDS)
        imap = imaplib.IMAP4(url.host, url.port, timeout=TIMEOUT_SECONDS)
        if url.starttls:
            imap.starttls(context)
        return imap

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._imap.logout()
        except (imaplib.IMAP4.error, OSError):
            self._imap.shutdown()

    def new(self, since: Position, limit: int) -> Iterator[tuple[int, bytes]]:
        """Mails behind a position, oldest first, each cut at 256 KB. Under another UIDVALIDITY all are new."""
        after = since.uid if since.validity == self.validity else 0
        found = self._ask("SEARCH", f"UID {after + 1}:*")
        uids = sorted(uid for uid in map(int, b" ".join(found).split()) if uid > after)  # `*` is the last one, always
        for uid in uids[:limit]:
            for part in self._ask("FETCH", str(uid), f"(UID BODY.PEEK[]<0.{LONGEST_MAIL}>)"):
                if isinstance(part, tuple):
                    yield uid, part[1]

    def mark(self, uids: Sequence[int], *, delete: bool = False) -> None:
        """Note that reports were dealt with: read, with a keyword of ours; or, where told so, deleted."""
        if not uids:
            return
        which = ",".join(map(str, uids))
        flags = f"{READ} {HANDLED}" if self._keeps_keywords else READ
        self._ask("STORE", which, "+FLAGS.SILENT", f"({flags})")
        if delete:
            self._ask("STORE", which, "+FLAGS.SILENT", "(\\Deleted)")
            if "UIDPLUS" in self._imap.capabilities:  # a plain EXPUNGE would take what others marked too
                self._ask("EXPUNGE", which)

    def _ask(self, command: str, *words: str) -> list[Any]:
        try:
            return self._expect(self._imap.uid(command, *words))
        except (imaplib.IMAP4.error, OSError) as error:
            raise NotReadable(f"{self._url.name}: {error}") from error

    def _expect(self, answer: tuple[str, list[Any]]) -> list[Any]:
        if answer[0] != "OK":
            raise imaplib.IMAP4.error(str(answer[1]))
        return [part for part in answer[1] if part is not None]
