"""The shell's mailbox: an SMTP server on loopback that keeps what arrives."""

import asyncio
import threading
import time
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True, slots=True)
class Letter:
    """`to`: the envelope's recipient; `text`: its plain part."""

    to: str
    subject: str
    text: str


class Mailbox:
    """`with Mailbox() as mailbox:` listens on `port` of 127.0.0.1 until the block ends."""

    def __init__(self) -> None:
        self.port = 0
        self._letters: list[Letter] = []
        self._arrived = threading.Condition()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="mailbox")

    def __enter__(self) -> "Mailbox":
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self) -> asyncio.Server:
        """On a port that nobody else has."""
        return await self._loop.create_server(
            lambda: SMTP(self, hostname="shell.invalid", loop=self._loop), "127.0.0.1", 0
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd calls it so
        """One letter arrived."""
        raw = envelope.original_content or b""
        mail = message_from_bytes(raw, _class=EmailMessage, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        plain = mail.get_body(("plain",))
        text = str(plain.get_content()) if plain is not None else ""
        with self._arrived:
            self._letters += [Letter(to, str(mail["Subject"] or ""), text) for to in envelope.rcpt_tos]
            self._arrived.notify_all()
        return "250 Kept"

    def letters(self, to: str) -> list[Letter]:
        """Everything that arrived for an address, the first first."""
        with self._arrived:
            return [letter for letter in self._letters if letter.to == to]

    def wait(self, to: str, count: int, seconds: float) -> list[Letter]:
        """What arrived for an address once there are so many, or the time is over."""
        ends = time.monotonic() + seconds
        with self._arrived:
            while True:
                found = [letter for letter in self._letters if letter.to == to]
                left = ends - time.monotonic()
                if len(found) >= count or left <= 0:
                    return found
                self._arrived.wait(left)
