"""The worker's rounds of messaging: letters that are due go out."""

import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from itertools import groupby
from time import monotonic

import structlog
from django.conf import settings

from gangway.kernel import outbound
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions
from gangway.messaging.actions import CARRIER, Claimed
from gangway.messaging.queries import DueMessage, LetterView, due_messages, letter_views, render, still_wanted
from gangway.messaging.returns.providers import headers_for
from gangway.messaging.rules import KEPT, LEASE, UNWANTED, Fate, Outcome, SmtpServer, parse_email_url, tidy
from gangway.messaging.smtp.carriers import Carriers, Parcel
from gangway.messaging.smtp.letter import as_bytes, envelope_address
from gangway.messaging.smtp.wire import Wire
from gangway.partners import queries as partners
from gangway.partners.queries import ShellDoors

KEEP_AT_ONCE = 50
ROUND = timedelta(seconds=0.5)
LONGEST_ROUND = timedelta(seconds=60)
ANSWER_SECONDS = 0.05
SHELL_SECONDS = 5.0  # a shell's mailbox stands on this machine, and may have died with its process
log = structlog.get_logger(__name__)
_carriers: dict[int, Carriers] = {}  # by process: a fork inherits neither the threads nor the wires


def send_due(now: datetime) -> int:
    """Send what is due, most urgent first; how many letters were tried.

    Letters are claimed in lots in short transactions, rendered and sent outside any, and recorded one by one as they
    are answered. A worker that dies in between loses nothing: its lease runs out, and the next one sends the letter
    again under the same Message-ID. Without a mail server, in a sandbox or before arming, letters are kept instead.
    Letters to a shell's robots never leave this machine: they go to the mailbox of its process while that listens.
    """
    server = parse_email_url(settings.EMAIL_URL) if outbound.armed() else None
    if server is None:
        return _keep(now)
    return _send(_carriers_to(server), now)


def _keep(now: datetime) -> int:
    due = due_messages(now, KEEP_AT_ONCE)
    shells = partners.shells(now) if due else {}
    for claimed, view in _claim(due, now):
        if claimed.message.partner_id in shells:
            _to_shell(claimed, view, shells[claimed.message.partner_id], now)
            continue
        _record(claimed, KEPT if _wanted(claimed, view) else UNWANTED, now)
    return len(due)


def _carriers_to(server: SmtpServer) -> Carriers:
    known = _carriers.get(os.getpid())
    if known is None or (known.server != server and not known.busy):
        known = Carriers(server, settings.MAIL_CONNECTIONS, patience=(LEASE / 2).total_seconds())
        _carriers[os.getpid()] = known
    return known


def _send(carriers: Carriers, now: datetime) -> int:
    """One round. It takes on other letters for half a second, urgent ones until the last of the others is answered."""
    began, tried = monotonic(), 0
    while True:
        passed = timedelta(seconds=monotonic() - began)
        at = now if passed < ROUND else now + passed
        tried += _give(carriers, at, urgent=True)
        if passed < ROUND:
            tried += _give(carriers, at, urgent=False)
        _note(carriers, at, ANSWER_SECONDS)
        if not carriers.busy or passed > LONGEST_ROUND:
            break
    if not tried and not carriers.busy:
        carriers.rest()
    return tried


def _give(carriers: Carriers, now: datetime, *, urgent: bool) -> int:
    """Hand out as many as there is room for. Answers are written down in between: what is not yet written when a worker
    dies goes out twice."""
    lane = carriers.urgent if urgent else carriers.others
    room = lane.room
    due = due_messages(now, room, urgent=urgent) if room else []
    shells = partners.shells(now) if due else {}
    for claimed, view in _claim(due, now):
        if claimed.message.partner_id in shells:
            _to_shell(claimed, view, shells[claimed.message.partner_id], now)
            continue
        parcel = _parcel(claimed, view, now)
        if parcel is not None:
            lane.give(parcel)
            _note(carriers, now, 0)
    return len(due)


def _note(carriers: Carriers, now: datetime, seconds: float) -> None:
    """Write down what was answered by now; wait so long for the first answer."""
    for parcel, outcome in carriers.answers(seconds):
        assert isinstance(parcel.key, Claimed)
        _record(parcel.key, outcome, now)


def _claim(due: list[DueMessage], now: datetime) -> Iterator[tuple[Claimed, LetterView]]:
    """Those of the due letters that this worker got, each in the scope of its partner."""
    for partner_id, letters in groupby(sorted(due, key=lambda one: one.partner_id), key=lambda one: one.partner_id):
        with scopes.one(partner_id):
            mine = actions.claim(message_ids=[one.id for one in letters], actor=CARRIER, now=now)
            views = letter_views([claimed.message for claimed in mine])
            for claimed in mine:
                yield claimed, views[claimed.message.id]


def _to_shell(claimed: Claimed, view: LetterView, doors: ShellDoors | None, now: datetime) -> None:
    """By SMTP into the mailbox of a rehearsal; kept where none listens."""
    parcel = _parcel(claimed, view, now)
    if parcel is None:
        return
    if doors is None:
        _record(claimed, KEPT, now)
        return
    with Wire(SmtpServer(doors.mail_host, doors.mail_port), timeout=SHELL_SECONDS) as wire:
        outcome = wire.hand_over(parcel.sender, parcel.recipient, parcel.letter)
    _record(claimed, outcome, now)


def _parcel(claimed: Claimed, view: LetterView, now: datetime) -> Parcel | None:
    """The letter to be handed over; None where it is not wanted any more, or cannot be written: that is recorded.

    One that cannot be written waits and is reported; it does not stop the others.
    """
    message = claimed.message
    try:
        if not still_wanted(message, view):
            _record(claimed, UNWANTED, now)
            return None
        sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
        return Parcel(claimed, sender, envelope_address(claimed.mailbox), _written(claimed, view))
    except Exception as error:
        log.exception("messaging.letter_not_written", message=str(message.id), letter=message.letter_key)
        why = tidy(f"The letter could not be written: {type(error).__name__}: {error}")
        _record(claimed, Outcome(Fate.DEFERRED, why), now)
        return None


def _wanted(claimed: Claimed, view: LetterView) -> bool:
    try:
        return still_wanted(claimed.message, view)
    except Exception:
        log.exception("messaging.letter_not_asked", message=str(claimed.message.id), letter=claimed.message.letter_key)
        return True


def _record(claimed: Claimed, outcome: Outcome, now: datetime) -> None:
    with scopes.one(claimed.message.partner_id):
        actions.record_delivery(
            message_id=claimed.message.id, lease=claimed.lease, outcome=outcome, actor=CARRIER, now=now
        )


def _written(claimed: Claimed, view: LetterView) -> bytes:
    message = claimed.message
    words = render(message, view)
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return as_bytes(
        sender_name=name,
        sender=address,
        recipient_name=claimed.name,
        recipient=claimed.mailbox,
        subject=words.subject,
        text=words.text,
        html=words.html,
        header=message.header,
        at=message.queued_at,
        language=message.locale,
        extra=_extra_headers(words.decline_url, message.header),
    )


def _extra_headers(decline_url: str, header: str) -> dict[str, str]:
    """How a provider names the letter, where replies go, how a mail program declines the kind (RFC 2369, RFC 8058)."""
    headers = headers_for(settings.MAIL_EVENTS_PROVIDER, header)
    headers |= {"Reply-To": settings.EMAIL_REPLY_TO} if settings.EMAIL_REPLY_TO else {}
    if decline_url:
        headers["List-Unsubscribe"] = f"<{decline_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
