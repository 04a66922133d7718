"""What comes back: by a provider's webhook, and by a mailbox on a real IMAP server (pymap) of this machine."""

import base64
import hashlib
import hmac
import imaplib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import time_machine
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.ids import new_id
from gangway.kernel.models import Installation, OutboxEvent
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions, queries
from gangway.messaging.jobs import collect_returns, send_due
from gangway.messaging.models import Message, OptOut, Reply, ReturnBox, Suppression
from gangway.messaging.returns.mail import read_mail
from gangway.messaging.rules import SENT, Answer, Returned, State, parse_mailbox_url
from gangway.messaging.tests.conftest import ME, NOW, People, Sink, Someone

LATER = NOW + timedelta(minutes=5)


def sent(person: Someone) -> UUID:
    with scopes.one(person.partner_id):
        message = actions.queue_message(
            person_id=person.id, letter_key="identity.launch", dedupe_key=str(new_id()), actor=ME, now=NOW
        )
        (claimed,) = actions.claim(message_ids=[message], actor=ME, now=NOW)
        actions.record_delivery(message_id=message, lease=claimed.lease, outcome=SENT, actor=ME, now=NOW)
    return message


def found(message_id: UUID) -> Message:
    with scopes.host():
        return Message.objects.get(pk=message_id)


def bounces() -> int:
    return OutboxEvent.objects.filter(name="messaging.message.bounced.v1").count()


# ---------------------------------------------------------------- reports of mail servers


def report(
    message_id: str,
    recipient: str,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    said: str = "550 5.1.1 No such user",
) -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.example (Mail Delivery System)
To: learn@acme.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
Message-ID: <report-{new_id().hex}x@mx.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 2 Mar 2026 09:00:01 +0000

Final-Recipient: rfc822; {recipient}
Original-Recipient: rfc822;{recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--B
Content-Type: text/rfc822-headers

From: Acme Cloud <learn@acme.example>
To: {recipient}
Message-ID: {message_id}
Subject: The portal is live

--B--
""".replace("\n", "\r\n").encode()


def answer(to: str, sender: str, text: str = "I cannot find the link.", **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\n" for name, value in headers.items())
    return f"""From: Ana <{sender}>
To: learn@acme.example
Subject: Re: The portal is live
Message-ID: <{new_id()}@nordwind.example>
In-Reply-To: {to}
{more}Content-Type: text/plain; charset=utf-8

{text}
""".replace("\n", "\r\n").encode()


HEADER = f"<{UUID(int=7).hex}@acme.example>"


def refused(mail: bytes) -> Returned:
    """The one letter that a mail says was refused."""
    read = read_mail(mail)
    assert isinstance(read, list)
    (said,) = read
    return said


def test_a_report_says_which_letter_was_refused_and_why() -> None:
    said = refused(report(HEADER, "ana@nordwind.example"))
    assert (said.letters, said.recipient) == ((UUID(int=7),), "ana@nordwind.example")
    assert (said.outcome.reason, said.outcome.code, said.outcome.dead) == ("550 5.1.1 No such user", 550, True)
    assert not said.proven
    full = refused(report(HEADER, "a@b.example", status="5.2.2", said="552 5.2.2 full"))
    assert not full.outcome.dead


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded"])
def test_a_report_that_is_not_final_says_nothing(action: str) -> None:
    assert read_mail(report(HEADER, "ana@nordwind.example", action=action, status="4.4.1")) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied (vacation)"},
        {"Auto_Submitted": "auto-generated"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"Return_Path": "<>"},
        {"List_Id": "<team.example>"},
    ],
)
def test_what_a_machine_answers_is_no_answer(headers: dict[str, str]) -> None:
    assert read_mail(answer(HEADER, "ana@nordwind.example", **headers)) is None


def test_what_a_human_answers_is_read() -> None:
    said = read_mail(answer(HEADER, "ana@nordwind.example", "Grüße", Auto_Submitted="no"))
    assert isinstance(said, Answer)
    assert (said.letters, said.sender, said.text) == ((UUID(int=7),), "ana@nordwind.example", "Grüße")
    assert read_mail(answer("<somebody@elses.example>", "ana@nordwind.example")) is None


@given(st.binary(max_size=400))
def test_no_mail_is_too_strange(raw: bytes) -> None:
    whole = report(HEADER, "ana@nordwind.example")
    for mail in (raw, whole[:600] + raw + whole[600:], whole[: len(raw) * 3]):
        read = read_mail(mail)
        assert read is None or isinstance(read, Answer) or {type(one) for one in read} == {Returned}


# ---------------------------------------------------------------- a mailbox


@dataclass
class ImapServer:
    port: int

    @property
    def url(self) -> str:
        return f"imap://acme:s3cret@127.0.0.1:{self.port}/INBOX"

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=5)
        client.login("acme", "s3cret")
        client.select("INBOX")
        return client

    def put(self, *mails: bytes) -> None:
        client = self.client()
        for mail in mails:
            assert client.append("INBOX", "", None, mail)[0] == "OK"
        client.logout()

    def flags(self) -> list[str]:
        """The flags of every mail, in order."""
        client = self.client()
        numbers = client.search(None, "ALL")[1][0].split()
        found = [imaplib.ParseFlags(client.fetch(number.decode(), "(FLAGS)")[1][0]) for number in numbers]  # type: ignore[arg-type]
        client.logout()
        return [" ".join(sorted(flag.decode() for flag in flags if flag != b"\\Recent")) for flags in found]


@contextmanager
def imap_server() -> Iterator[ImapServer | None]:
    """A real IMAP server with one empty mailbox; None if its port was taken between looking and listening."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name("pymap")), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["dict", "--demo-user", "acme", "--demo-password", "s3cret"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield ImapServer(port) if greets(server, port) else None
        finally:
            server.terminate()


def greets(server: "subprocess.Popen[bytes]", port: int) -> bool:
    """Waits until the server, and no one else, answers at its port; False once it has ended."""
    while server.poll() is None:
        time.sleep(0.1)
        try:
            imaplib.IMAP4("127.0.0.1", port, timeout=5).shutdown()
        except (OSError, imaplib.IMAP4.error):
            continue
        return server.poll() is None
    return False


@pytest.fixture
def imap() -> Iterator[ImapServer]:
    for _ in range(5):
        with imap_server() as server:
            if server:
                yield server
                return
    pytest.fail("no IMAP server came up at five ports")


@pytest.fixture
def reading(imap: ImapServer, sending: Sink, settings: Any) -> ImapServer:
    settings.BOUNCE_IMAP_URL = imap.url
    return imap


@pytest.mark.django_db
def test_a_letter_comes_back_to_the_mailbox(reading: ImapServer, people: People) -> None:
    message, other = sent(people.ana), sent(people.caz)
    reading.put(b"Subject: Lunch?\r\n\r\nAt one.\r\n", report(found(message).header, people.ana.email))
    assert collect_returns(LATER) == 2
    row = found(message)
    assert (row.state, row.last_error, row.sent_at, row.ended_at) == (
        State.BOUNCED,
        "550 5.1.1 No such user",
        NOW,
        LATER,
    )
    assert found(other).state == State.SENT
    assert bounces() == 1
    assert Suppression.objects.count() == 1
    flags = reading.flags()
    assert flags[0] == "", "what is nothing to us stays unread"
    assert "\\Seen" in flags[1]


@pytest.mark.django_db
def test_it_is_read_piece_by_piece_and_once(reading: ImapServer, people: People) -> None:
    message = sent(people.ana)
    reading.put(*[b"Subject: x\r\n\r\ny\r\n"] * 60, report(found(message).header, people.ana.email))
    assert [collect_returns(LATER) for _ in range(3)] == [50, 11, 0]
    assert found(message).state == State.BOUNCED
    assert collect_returns(LATER + timedelta(minutes=1)) == 0
    reading.put(b"Subject: new\r\n\r\ny\r\n")
    assert collect_returns(LATER + timedelta(seconds=90)) == 0, "it was looked into half a minute ago"
    assert collect_returns(LATER + timedelta(minutes=3)) == 1


@pytest.mark.django_db
def test_reading_again_from_the_start_changes_nothing(reading: ImapServer, people: People) -> None:
    """A crash before the position was written, or a mailbox that was moved."""
    message = sent(people.ana)
    reading.put(report(found(message).header, people.ana.email), answer(found(message).header, people.ana.email))
    collect_returns(LATER)
    ReturnBox.objects.update(uid=0, next_look_at=LATER)
    assert collect_returns(LATER) == 2
    assert bounces() == 1
    with scopes.host():
        assert Reply.objects.count() == 1


@pytest.mark.django_db
def test_reports_are_deleted_only_where_told_so(reading: ImapServer, people: People, settings: Any) -> None:
    settings.BOUNCE_IMAP_DELETE = True
    message = sent(people.ana)
    reading.put(b"Subject: Lunch?\r\n\r\nAt one.\r\n", report(found(message).header, people.ana.email))
    collect_returns(LATER)
    assert [flags for flags in reading.flags() if "\\Deleted" not in flags] == [""]


@pytest.mark.django_db
def test_answers_are_kept_and_stay_unread(reading: ImapServer, people: People) -> None:
    message = sent(people.ana)
    header = found(message).header
    reading.put(answer(header, "ANA@nordwind.example"), answer(header, "boss@nordwind.example", "Who are you?"))
    collect_returns(LATER)
    with scopes.one(people.ana.partner_id):
        said = [(row.text, row.from_reader, row.person_id) for row in queries.replies_to(message)]
    assert said == [("I cannot find the link.", True, people.ana.id), ("Who are you?", False, people.ana.id)]
    assert reading.flags() == ["", ""]
    assert found(message).state == State.SENT
    with scopes.one(people.caz.partner_id):
        assert queries.replies_to(message) == ()


@pytest.mark.django_db
def test_a_forged_report_condemns_no_mailbox(reading: ImapServer, people: People) -> None:
    """Anybody can write a mail. Without the Message-ID, or about another mailbox, it shuts nobody out."""
    message = sent(people.ana)
    reading.put(
        report("<made-up@acme.example>", people.ana.email), report(f"<{new_id().hex}@acme.example>", people.ana.email)
    )
    collect_returns(LATER)
    assert found(message).state == State.SENT
    reading.put(report(found(message).header, "another@nordwind.example"))
    collect_returns(LATER + timedelta(minutes=2))
    assert found(message).state == State.BOUNCED
    assert not Suppression.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url",
    [
        "imap://acme:wrong@127.0.0.1:{port}/INBOX",
        "imap://acme:wrong@127.0.0.1:9/INBOX",
        "imap://acme:s3cret@127.0.0.1:{port}/Nowhere",
    ],
)
def test_a_mailbox_that_cannot_be_read_says_why(reading: ImapServer, settings: Any, url: str) -> None:
    settings.BOUNCE_IMAP_URL = url.format(port=reading.port)
    assert collect_returns(LATER) == 0
    box = parse_mailbox_url(settings.BOUNCE_IMAP_URL)
    assert box is not None
    assert queries.box_problem(box.name)
    assert queries.reading_problem() == queries.box_problem(box.name)
    assert "wrong" not in queries.box_problem(box.name)


@pytest.mark.django_db
def test_a_restored_copy_looks_into_nobodys_mailbox(reading: ImapServer, people: People) -> None:
    message = sent(people.ana)
    reading.put(report(found(message).header, people.ana.email))
    Installation.objects.update(armed=False)
    assert collect_returns(LATER) == 0
    assert reading.flags() == [""]


@pytest.mark.parametrize("url, sentence", [
    ("pop://a:b@c", "must start with imap:// or"), ("imaps://host/INBOX", "needs a user and a password"),
    ("imaps://a:b@", "names no host"), ("imaps://a:s3cret@host:x/", "no number between"),
])  # fmt: skip
def test_a_wrong_mailbox_address_is_a_sentence_without_the_password(url: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as problem:
        parse_mailbox_url(url)
    assert "s3cret" not in str(problem.value)


# ---------------------------------------------------------------- providers

SECRET = "gangway:a-long-secret"


def basic(secret: str = SECRET) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(secret.encode()).decode()}


def postmark(header: str, email: str) -> tuple[Any, dict[str, str]]:
    body = {
        "RecordType": "Bounce",
        "ID": 42,
        "Type": "HardBounce",
        "TypeCode": 1,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Metadata": {"letter": header.strip("<>")},
        "Details": "smtp;550 5.1.1 No such user",
        "Description": "The server was unable to deliver.",
        "Email": email,
        "BouncedAt": "2026-03-02T09:03:00Z",
    }
    return body, basic()


def sendgrid(header: str, email: str) -> tuple[Any, dict[str, str]]:
    body = [
        {"email": email, "timestamp": 1772442180, "event": "processed", "smtp-id": header, "sg_event_id": "0"},
        {
            "email": email,
            "timestamp": 1772442180,
            "event": "bounce",
            "type": "bounce",
            "status": "5.1.1",
            "smtp-id": header,
            "reason": "550 5.1.1 No such user",
            "sg_event_id": "1",
        },
    ]
    return body, basic()


def mailgun(header: str, email: str) -> tuple[Any, dict[str, str]]:
    stamp, token = "1772442180", "t" * 50
    signature = hmac.new(b"the-signing-key", f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    body = {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "event": "failed",
            "severity": "permanent",
            "reason": "bounce",
            "id": "e1",
            "timestamp": 1772442180.0,
            "recipient": email,
            "message": {"headers": {"message-id": header.strip("<>")}},
            "delivery-status": {"code": 550, "message": "5.1.1 No such user", "description": ""},
        },
    }
    return body, {}


def amazon_ses(header: str, email: str) -> tuple[Any, dict[str, str]]:
    event = {
        "eventType": "Bounce",
        "mail": {
            "messageId": "0102018a",
            "destination": [email],
            "tags": {"letter": [header.strip("<").partition("@")[0]]},
        },
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{"emailAddress": email, "diagnosticCode": "smtp; 550 5.1.1 No such user"}],
        },
    }
    body = {
        "Type": "Notification",
        "MessageId": "m1",
        "Timestamp": "2026-03-02T09:03:00Z",
        "Message": json.dumps(event),
    }
    return body, {**basic(), "HTTP_X_AMZ_SNS_MESSAGE_TYPE": "Notification", "HTTP_X_AMZ_SNS_MESSAGE_ID": "m1"}


Provider = Callable[[str, str], tuple[Any, dict[str, str]]]
PROVIDERS: list[Provider] = [postmark, sendgrid, mailgun, amazon_ses]


@pytest.fixture(params=PROVIDERS, ids=lambda made: made.__name__)
def provider(request: Any, settings: Any) -> Provider:
    made: Provider = request.param
    settings.MAIL_EVENTS_PROVIDER = made.__name__
    settings.MAIL_EVENTS_SECRET = "" if made is mailgun else SECRET
    settings.MAIL_EVENTS_KEY = "the-signing-key" if made is mailgun else ""
    return made


def post(made: Provider, body: Any, headers: dict[str, str]) -> int:
    browser = Client(enforce_csrf_checks=True, headers={}, raise_request_exception=True)
    path = f"/mail/events/{made.__name__}/"
    return browser.post(path, json.dumps(body), content_type="application/json", **headers).status_code  # type: ignore[arg-type]


@pytest.mark.django_db
def test_a_provider_tells_of_a_bounce_once(provider: Provider, people: People) -> None:
    message, other = sent(people.ana), sent(people.caz)
    body, headers = provider(found(message).header, people.ana.email)
    assert [post(provider, body, headers) for _ in range(3)] == [200, 200, 200]
    row = found(message)
    assert row.state == State.BOUNCED
    assert "5.1.1 No such user" in row.last_error
    assert found(other).state == State.SENT
    assert bounces() == 1
    assert Suppression.objects.count() == 1
    assert Client().head(f"/mail/events/{provider.__name__}/").status_code == 200


@pytest.mark.django_db
def test_a_letter_that_nobody_knows_is_passed_over(provider: Provider, people: People) -> None:
    message = sent(people.ana)
    body, headers = provider(f"<{new_id().hex}@acme.example>", "nobody@nordwind.example")
    assert post(provider, body, headers) == 200
    assert found(message).state == State.SENT


@pytest.mark.django_db
def test_a_provider_that_names_no_letter_means_the_last_one_to_that_mailbox(provider: Provider, people: People) -> None:
    first, last = sent(people.ana), sent(people.ana)
    body, headers = provider("<none@acme.example>", people.ana.email.upper())
    with time_machine.travel(LATER, tick=False):
        assert post(provider, body, headers) == 200
    assert [found(one).state for one in (first, last)] == [State.SENT, State.BOUNCED]


@pytest.mark.django_db
def test_whoever_cannot_prove_it_changes_nothing(provider: Provider, people: People) -> None:
    message = sent(people.ana)
    body, headers = provider(found(message).header, people.ana.email)
    forged = {name: value for name, value in headers.items() if name != "HTTP_AUTHORIZATION"}
    if provider is mailgun:
        body["signature"]["signature"] = "0" * 64
    assert post(provider, body, forged) in (401, 403)
    if provider is not mailgun:
        assert post(provider, body, {**forged, **basic("gangway:guessed")}) == 403
    assert found(message).state == State.SENT
    assert bounces() == 0


@pytest.mark.django_db
def test_only_the_provider_that_is_set_up_has_an_address(people: People, settings: Any) -> None:
    body, headers = postmark("<x@y>", people.ana.email)
    assert post(postmark, body, headers) == 404
    settings.MAIL_EVENTS_PROVIDER = "postmark"
    assert post(postmark, body, headers) == 404, "without a secret anybody could say so"
    settings.MAIL_EVENTS_SECRET = SECRET
    assert post(postmark, body, headers) == 200
    assert post(sendgrid, body, headers) == 404


@pytest.mark.django_db
@pytest.mark.parametrize("body", ["", "[]", "{}", "nonsense", '{"RecordType": 3}', '"\\u0000"', "[" * 5000])
def test_a_body_that_is_not_the_providers_is_refused_in_words(provider: Provider, body: str) -> None:
    _, headers = provider("<x@y>", "a@b.example")
    answered = Client().post(
        f"/mail/events/{provider.__name__}/",
        body,
        content_type="application/json",
        **headers,  # type: ignore[arg-type]
    )
    assert answered.status_code in (200, 400, 403)


@pytest.mark.django_db
def test_sendgrids_signature_is_looked_at(people: People, settings: Any) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    settings.MAIL_EVENTS_PROVIDER, settings.MAIL_EVENTS_KEY = "sendgrid", base64.b64encode(public).decode()
    message = sent(people.ana)
    body, _ = sendgrid(found(message).header, people.ana.email)
    signature = base64.b64encode(
        key.sign(b"1772442180" + json.dumps(body).encode(), ec.ECDSA(hashes.SHA256()))
    ).decode()
    headers = {"HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_TIMESTAMP": "1772442180"}
    assert post(sendgrid, body, {**headers, "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE": "AAAA"}) == 403
    assert post(sendgrid, body, {**headers, "HTTP_X_TWILIO_EMAIL_EVENT_WEBHOOK_SIGNATURE": signature}) == 200
    assert found(message).state == State.BOUNCED


@pytest.mark.django_db
def test_spam_declines_what_may_be_declined(people: People, settings: Any) -> None:
    settings.MAIL_EVENTS_PROVIDER, settings.MAIL_EVENTS_SECRET = "postmark", SECRET
    message = sent(people.ana)
    body, headers = postmark(found(message).header, people.ana.email)
    assert post(postmark, {**body, "RecordType": "SpamComplaint", "Type": "SpamComplaint"}, headers) == 200
    assert found(message).state == State.SENT
    with scopes.one(people.ana.partner_id):
        assert sorted(OptOut.objects.values_list("category", flat=True)) == ["nudge", "report"]
        assert queries.declined(people.ana.id) == {"nudge", "report"}


@pytest.mark.django_db
def test_letters_carry_what_the_provider_tells_back(sending: Sink, people: People, settings: Any) -> None:
    settings.MAIL_EVENTS_PROVIDER = "postmark"
    with scopes.one(people.ana.partner_id):
        actions.queue_message(person_id=people.ana.id, letter_key="identity.launch", dedupe_key="x", actor=ME, now=NOW)
    send_due(NOW)
    (mail,) = sending.mails
    assert f"<{mail['X-PM-Metadata-letter']}>" == mail["Message-ID"]


# ---------------------------------------------------------------- what we cannot know


@pytest.mark.django_db
def test_without_provider_and_mailbox_we_say_that_we_do_not_know(people: People, settings: Any) -> None:
    message = sent(people.ana)
    with scopes.one(people.ana.partner_id):
        states = queries.letter_states([people.ana.id], ["identity.launch"])
        assert not queries.bounces_known()
        assert "whether it came back is unknown" in states[people.ana.id].words
        settings.BOUNCE_IMAP_URL = "imaps://a:b@c.example/INBOX"
        assert queries.bounces_known()
        assert states[people.ana.id].words == "sent"
        assert queries.message(message, secrets_shown=False).state_words == "sent"
