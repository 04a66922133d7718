"""A conversation with one mail server, which may carry several letters."""

import smtplib
import ssl
from types import TracebackType
from typing import Self

from gangway.messaging.rules import Fate, Outcome, SmtpServer, Stage, judge, tidy

TIMEOUT_SECONDS = 20
GOODBYE_SECONDS = 2


class Wire:
    """Hands letters to a server. It connects for the first letter and again after a "no"; nothing here raises.

    with Wire(server) as wire:
        outcome = wire.hand_over(sender, recipient, letter_bytes)
    """

    def __init__(self, server: SmtpServer, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server = server
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._spoken = False  # whether the server has begun to listen to the present letter

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.hang_up(politely=error is None)

    def hand_over(self, sender: str, recipient: str, letter: bytes) -> Outcome:
        """One letter to one recipient. Anything but a clear answer means: try again later.

        A line that stood idle may have been closed, or have carried as many letters as the server takes on one: where
        it fails before the letter was spoken, a fresh one is tried at once.
        """
        stood = self._smtp is not None
        outcome = self._try(sender, recipient, letter)
        if stood and not self._spoken and outcome.fate is Fate.DEFERRED:
            outcome = self._try(sender, recipient, letter)
        return outcome

    def _try(self, sender: str, recipient: str, letter: bytes) -> Outcome:
        self._spoken = False
        try:
            smtp = self._smtp or self._connect()
            outcome = self._speak(smtp, sender, recipient, letter)
        except smtplib.SMTPDataError as error:
            outcome = judge(error.smtp_code, _words(error.smtp_error), Stage.DATA)
        except smtplib.SMTPResponseException as error:
            outcome = judge(error.smtp_code, _words(error.smtp_error), Stage.SESSION)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            outcome = Outcome(Fate.DEFERRED, tidy(f"No answer from the mail server: {error}"))
        if outcome.fate is not Fate.SENT:
            self._start_over(clear=outcome.code not in (None, 421))
        return outcome

    def _start_over(self, *, clear: bool) -> None:
        """After a clear "no" the line is reset (RSET). In any other state the next letter starts on a fresh one."""
        try:
            if clear and self._smtp is not None and self._smtp.rset()[0] == 250:
                return
        except (smtplib.SMTPException, OSError):
            pass
        self.hang_up(politely=False)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        context = ssl.create_default_context()
        if server.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=self._timeout, context=context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=self._timeout)
        self._smtp = smtp
        smtp.ehlo_or_helo_if_needed()
        if server.starttls:
            smtp.starttls(context=context)
            smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
        return smtp

    def _speak(self, smtp: smtplib.SMTP, sender: str, recipient: str, letter: bytes) -> Outcome:
        """MAIL FROM, RCPT TO, DATA (RFC 5321, section 3.3), with the answer's stage kept."""
        options = []
        if not recipient.isascii():
            if not smtp.has_extn("smtputf8"):
                return Outcome(Fate.BOUNCED, "Our mail server cannot write to this address (no SMTPUTF8).")
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, text = smtp.mail(sender, options)
        self._spoken = 200 <= code < 300
        if not 200 <= code < 300:
            return judge(code, _words(text), Stage.SESSION)
        code, text = smtp.rcpt(recipient)
        if not 200 <= code < 300:
            return judge(code, _words(text), Stage.RECIPIENT)
        code, text = smtp.data(letter)
        return judge(code, _words(text), Stage.DATA)

    def hang_up(self, *, politely: bool) -> None:
        """End the conversation; the next letter begins another."""
        smtp, self._smtp = self._smtp, None
        if smtp is None:
            return
        try:
            if politely and smtp.sock is not None:
                smtp.sock.settimeout(GOODBYE_SECONDS)
                smtp.quit()
            else:
                smtp.close()
        except (smtplib.SMTPException, OSError):
            smtp.close()


def _words(text: bytes | str) -> str:
    return text.decode(errors="replace") if isinstance(text, bytes) else text
