"""What the wire makes of servers that are slow, strict, silent or strange. All of them real sockets on this machine."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.messaging.rules import Fate, Outcome, SmtpServer
from gangway.messaging.smtp.letter import as_bytes, envelope_address
from gangway.messaging.smtp.wire import Wire
from gangway.messaging.tests.conftest import Sink

LETTER = b"Subject: x\r\n\r\nHello\r\n"


@contextmanager
def scripted(*answers: str) -> Iterator[int]:
    """A server that says these lines, one per command, whatever it is told, and then hangs up; its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        line, _ = listener.accept()
        with line, line.makefile("rb") as heard:
            for number, answer in enumerate(answers):
                if number:
                    heard.readline()
                line.sendall(answer.encode() + b"\r\n")

    speaker = Thread(target=talk, daemon=True)
    speaker.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.close()
        speaker.join(2)


def handed(port: int, **server: object) -> Outcome:
    with Wire(SmtpServer("127.0.0.1", port, **server), timeout=2) as wire:  # type: ignore[arg-type]
        return wire.hand_over("learn@acme.example", "ana@nordwind.example", LETTER)


@pytest.mark.parametrize(
    "answers, fate",
    [
        ((), Fate.DEFERRED),  # hangs up at once
        (("554 go away",), Fate.DEFERRED),
        (("nonsense",), Fate.DEFERRED),
        (("220 hello", "250 hi", "550 5.1.8 sender unknown"), Fate.DEFERRED),
        (("220 hello", "250 hi", "421 shutting down"), Fate.DEFERRED),
        (("220 hello", "250 hi", "250 ok", "550 5.1.1 gone"), Fate.BOUNCED),
        (("220 hello", "250 hi", "250 ok", "452 4.2.2 full"), Fate.DEFERRED),
        (("220 hello", "250 hi", "250 ok", "250 ok"), Fate.DEFERRED),  # hangs up at DATA: nobody knows, so again
        (("220 hello", "250 hi", "250 ok", "250 ok", "554 5.7.1 no"), Fate.BOUNCED),
    ],
)
def test_every_answer_has_an_outcome_and_none_is_an_exception(answers: tuple[str, ...], fate: Fate) -> None:
    with scripted(*answers) as port:
        assert handed(port).fate is fate


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    assert handed(port).fate is Fate.DEFERRED


def test_a_server_that_cannot_tls_gets_no_letter_in_the_clear(sink: Sink) -> None:
    assert handed(sink.port, starttls=True).fate is Fate.DEFERRED
    assert handed(sink.port, tls=True).fate is Fate.DEFERRED
    assert handed(sink.port, user="u", password="p").fate is Fate.DEFERRED
    assert sink.mails == []


def test_one_connection_carries_many_letters_and_survives_a_refusal(sink: Sink) -> None:
    sink.at_rcpt["gone@nordwind.example"] = "550 5.1.1 gone"
    with Wire(SmtpServer("127.0.0.1", sink.port)) as wire:
        fates = [
            wire.hand_over("learn@acme.example", f"{name}@nordwind.example", LETTER).fate
            for name in ("ana", "gone", "ben")
        ]
    assert fates == [Fate.SENT, Fate.BOUNCED, Fate.SENT]
    assert len(sink.mails) == 2


# ---------------------------------------------------------------- the bytes


def written(**changes: str) -> bytes:
    values = {
        "sender_name": "Acme Cloud",
        "sender": "learn@acme.example",
        "recipient_name": "Ana",
        "recipient": "ana@nordwind.example",
        "subject": "Hello",
        "text": "Hello\n",
        "html": "<p>Hello</p>",
        "header": "<1@acme.example>",
        "language": "en",
        **changes,
    }
    return as_bytes(**values, at=datetime(2026, 3, 2, 9, tzinfo=UTC))  # type: ignore[arg-type]


lines: Callable[[], st.SearchStrategy[str]] = lambda: st.text(  # noqa: E731
    st.characters(blacklist_categories=("Cs",)), max_size=80
)


@given(name=lines(), subject=lines(), text=lines())
def test_no_value_adds_a_header_or_a_recipient(name: str, subject: str, text: str) -> None:
    evil = "\r\nBcc: all@nordwind.example\r\n\r\n"
    mail = message_from_bytes(
        written(recipient_name=name + evil, subject=subject + evil, text=text + "\n" + evil), policy=default
    )
    assert mail["Bcc"] is None
    assert [address.addr_spec for address in mail["To"].addresses] == ["ana@nordwind.example"]
    assert mail.is_multipart()


def test_a_domain_of_another_script_is_written_in_ascii() -> None:
    assert envelope_address("ana@münchen.example") == "ana@xn--mnchen-3ya.example"
    mail = message_from_bytes(written(recipient="ana@münchen.example"), policy=default)
    assert mail["To"].addresses[0].addr_spec == "ana@xn--mnchen-3ya.example"


def test_a_letter_says_what_it_is() -> None:
    mail = message_from_bytes(written(), policy=default)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == "<1@acme.example>"
    assert mail["Content-Language"] == "en"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[union-attr]
