"""A rendered letter as the bytes of a mail (RFC 5322, MIME): text and HTML, and the headers that let it be sorted."""

from collections.abc import Mapping
from datetime import datetime
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import idna

from gangway.messaging.rules import one_line


def envelope_address(address: str) -> str:
    """The address as servers speak it: the domain in its ASCII form (IDNA); a local part that is not ASCII stays."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{idna.encode(domain, uts46=True).decode()}"


def as_bytes(
    *,
    sender_name: str,
    sender: str,
    recipient_name: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    header: str,
    at: datetime,
    language: str,
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """The mail. Names and subject are put on one line, so that no value can add a header."""
    utf8 = not envelope_address(recipient).isascii()
    mail = EmailMessage(policy=policy.SMTPUTF8 if utf8 else policy.SMTP)
    mail["From"] = _mailbox(sender_name, sender)
    mail["To"] = _mailbox(recipient_name, recipient)
    mail["Subject"] = one_line(subject)
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = header
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    for name, value in (extra or {}).items():
        mail[name] = one_line(value)
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    mail["Content-Language"] = language  # after set_content, which clears headers named Content-…
    return mail.as_bytes()


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = envelope_address(address).rpartition("@")
    return Address(display_name=one_line(name), username=local, domain=domain)
