"""A mail that arrived: a report that a letter was refused (RFC 3464), a human's answer, or nothing to us."""

import html
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.utils import parseaddr

import nh3

from gangway.messaging.rules import LONGEST_REPLY, Answer, Kind, Returned, letters_named, words_of

REFUSED = "failed"  # the other actions (delayed, delivered, relayed, expanded) say nothing final
AUTOMATIC = frozenset({"bulk", "junk", "list", "auto_reply"})
AUTOMATIC_HEADERS = ("x-autoreply", "x-autorespond", "list-id", "list-unsubscribe", "x-loop")


def read_mail(raw: bytes) -> list[Returned] | Answer | None:
    """What a mail says about letters of ours. Never raises: what cannot be read is nothing to us."""
    try:
        mail = message_from_bytes(raw, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if mail.get_content_type() == "multipart/report":
            return _report(mail) or None
        return None if automatic(mail) else _answer(mail)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError, AssertionError):
        return None


def automatic(mail: EmailMessage) -> bool:
    """Whether a machine wrote it (RFC 3834, and what machines said before there was one)."""
    submitted = str(mail.get("auto-submitted", "no")).split(";")[0].strip().lower()
    if submitted != "no" or str(mail.get("precedence", "")).strip().lower() in AUTOMATIC:
        return True
    if str(mail.get("return-path", "x")).strip() == "<>":
        return True
    return any(name in mail for name in AUTOMATIC_HEADERS)


def _report(mail: EmailMessage) -> list[Returned]:
    """One `Returned` per recipient that was refused for good; which letter it was stands in the part sent back."""
    status, returned = None, ""
    for part in mail.walk():
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            status = part
        elif kind in ("message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers"):
            returned = _message_id_of(part)
    if status is None:
        return []
    named = letters_named(" ".join([returned, str(mail.get("in-reply-to", "")), str(mail.get("references", ""))]))
    blocks = [block for block in _blocks(status) if str(block.get("action", "")).strip().lower() == REFUSED]
    return [_refused(block, named) for block in blocks]


def _blocks(status: Message) -> list[Message]:
    """The groups of fields of a delivery-status part: first about the message, then one per recipient."""
    payload = status.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _refused(block: Message, letters: tuple) -> Returned:  # type: ignore[type-arg]
    recipient = _typed(block.get("original-recipient")) or _typed(block.get("final-recipient"))
    reason = words_of(str(block.get("status", "")), _typed(block.get("diagnostic-code")))
    return Returned(Kind.BOUNCED, letters, recipient, reason or "It came back without a reason.", proven=False)


def _typed(value: object) -> str:
    """The value of a field `type; value` (RFC 3464, section 2.1.2)."""
    text = "" if value is None else str(value)
    return text.split(";", 1)[-1].strip().strip("<>")


def _message_id_of(part: Message) -> str:
    """The Message-ID of a letter that was sent back, whole or only its headers."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return str(payload[0].get("message-id", ""))
    decoded = part.get_payload(decode=True)
    headers = message_from_bytes(decoded if isinstance(decoded, bytes) else str(payload).encode())
    return str(headers.get("message-id", ""))


def _answer(mail: EmailMessage) -> Answer | None:
    letters = letters_named(" ".join(str(mail.get(name, "")) for name in ("in-reply-to", "references")))
    mail_id = str(mail.get("message-id", "")).strip()[:255]
    if not letters or not mail_id:
        return None
    return Answer(letters, parseaddr(str(mail.get("from", "")))[1], mail_id, _text(mail))


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain", "html"))
    if body is None:
        return ""
    words = str(body.get_content())
    if body.get_content_type() == "text/html":
        words = html.unescape(nh3.clean(words, tags=set()))
    return words.replace("\x00", "").strip()[:LONGEST_REPLY]
