"""Reports of letters that came back (RFC 3464), in the shapes in which servers write them."""

from uuid import UUID

import pytest

from gangway.messaging.returns.mail import read_mail
from gangway.messaging.rules import Returned

LETTER = UUID(int=0x0192)
HEADER = f"<{LETTER.hex}@acme.example>"
OURS = f"From: Acme Cloud <learn@acme.example>\nTo: ana@nordwind.example\nMessage-ID: {HEADER}\nSubject: Live\n"

# Gmail: a Diagnostic-Code over several lines, the whole letter sent back, a part of its own with a picture.
GMAIL = f"""Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>
To: learn@acme.example
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: {HEADER}
In-Reply-To: {HEADER}
MIME-Version: 1.0
Content-Type: multipart/report; boundary="0001"; report-type=delivery-status

--0001
Content-Type: multipart/related; boundary="0002"

--0002
Content-Type: multipart/alternative; boundary="0003"

--0003
Content-Type: text/plain; charset="UTF-8"

** Address not found **

--0003--

--0002--

--0001
Content-Type: message/delivery-status

Reporting-MTA: dns; googlemail.com
X-Original-Message-ID: {HEADER}

Final-Recipient: rfc822; ana@nordwind.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.nordwind.example. (192.0.2.25, the server for the domain nordwind.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try
 550-5.1.1 double-checking the recipient's email address for typos or
 550 5.1.1 unnecessary spaces.
Last-Attempt-Date: Mon, 02 Mar 2026 01:00:00 -0800 (PST)

--0001
Content-Type: message/rfc822

{OURS}MIME-Version: 1.0
Content-Type: text/plain

The portal is live.

--0001--
"""

# Exchange Online: an address that is not quoted from us, `rfc822;` without a space, its own error name.
EXCHANGE = f"""From: Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.example>
To: learn@acme.example
Subject: Undeliverable: Live
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="_004_"
In-Reply-To: {HEADER}

--_004_
Content-Type: text/html; charset="us-ascii"

<p>Your message to ana@nordwind.example couldn't be delivered.</p>

--_004_
Content-Type: message/delivery-status

Reporting-MTA: dns;AM0PR0.eurprd0.prod.outlook.com
Received-From-MTA: dns;mail.acme.example
Arrival-Date: Mon, 2 Mar 2026 09:00:01 +0000

Final-Recipient: rfc822;ana@nordwind.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup

--_004_
Content-Type: message/rfc822

{OURS}
--_004_--
"""

# Exim: headers only, a remote server's sentence, no Original-Recipient.
EXIM = f"""Return-path: <>
X-Failed-Recipients: ana@nordwind.example
Auto-Submitted: auto-replied
From: Mail Delivery System <Mailer-Daemon@mail.acme.example>
To: learn@acme.example
Content-Type: multipart/report; report-type=delivery-status; boundary=1767-eximdsn
MIME-Version: 1.0
Subject: Mail delivery failed: returning message to sender

--1767-eximdsn
Content-type: text/plain; charset=us-ascii

A message that you sent could not be delivered.

--1767-eximdsn
Content-type: message/delivery-status

Reporting-MTA: dns; mail.acme.example

Action: failed
Final-Recipient: rfc822;ana@nordwind.example
Status: 5.0.0
Remote-MTA: dns; mx.nordwind.example
Diagnostic-Code: smtp; 550 5.7.1 Rejected by policy

--1767-eximdsn
Content-type: message/rfc822

{OURS}
--1767-eximdsn--
"""

# RFC 3464, appendix E.2: one report about several recipients with several fates.
SEVERAL = f"""From: Mail Delivery Subsystem <MAILER-DAEMON@cs.example>
To: <learn@acme.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="JAA13167"
Subject: Warning: could not send message for past 4 hours

--JAA13167
Content-type: message/delivery-status

Reporting-MTA: dns; cs.example

Original-Recipient: rfc822;ana@nordwind.example
Final-Recipient: rfc822;ana@mail.nordwind.example
Action: failed
Status: 5.2.2 (mailbox full)

Original-Recipient: rfc822;ben@nordwind.example
Final-Recipient: rfc822;ben@mail.nordwind.example
Action: delayed
Status: 4.0.0

Final-Recipient: X-LOCAL;caz@suedstern.example
Action: failed
Status: 5.1.1

--JAA13167
Content-type: text/rfc822-headers

{OURS}
--JAA13167--
"""


def read(words: str) -> list[Returned]:
    said = read_mail(words.replace("\n", "\r\n").encode())
    assert isinstance(said, list)
    return said


@pytest.mark.parametrize(
    ("words", "starts", "code", "dead"),
    [
        (GMAIL, "550-5.1.1 The email account that you tried to reach", 550, True),
        (EXCHANGE, "550 5.1.10 RESOLVER.ADR.RecipientNotFound", 550, True),
        (EXIM, "5.0.0 550 5.7.1 Rejected by policy", 550, False),
    ],
    ids=["gmail", "exchange", "exim"],
)
def test_a_servers_report_names_letter_mailbox_and_reason(words: str, starts: str, code: int, dead: bool) -> None:
    (said,) = read(words)
    assert (said.letters, said.recipient) == ((LETTER,), "ana@nordwind.example")
    assert said.reason.startswith(starts)
    assert (said.outcome.code, said.outcome.dead) == (code, dead)


def test_of_several_recipients_only_those_refused_for_good_came_back() -> None:
    full, unknown = read(SEVERAL)
    assert (full.recipient, full.outcome.dead) == ("ana@nordwind.example", False)
    assert (unknown.recipient, unknown.outcome.dead) == ("caz@suedstern.example", True)


def test_a_report_without_its_status_part_says_nothing() -> None:
    assert read_mail(GMAIL.replace("message/delivery-status", "text/plain").encode()) is None


def test_an_endless_line_and_many_letters_are_cut() -> None:
    (said,) = read(EXIM.replace("Rejected by policy", "x" * 50_000).replace(HEADER, HEADER * 400))
    assert len(said.reason) <= 300
    assert len(said.letters) <= 50
