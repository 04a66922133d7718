"""Writes of messaging: queue letters and take them back (`queueing`), take those that are due (`claiming`), record what
became of them (`recording`) and what came back (`returning`), decline a kind of them, want it again, believe a
mailbox again (`consent`)."""

from gangway.messaging.actions.claiming import Claimed, claim
from gangway.messaging.actions.consent import NotDeclinable, accept, allow_mailbox, decline
from gangway.messaging.actions.queueing import (
    AT_ONCE,
    Draft,
    cancel_letters,
    queue_message,
    queue_messages,
    queue_to_stranger,
    sender_domain,
)
from gangway.messaging.actions.recording import CARRIER, come_back, record_delivery
from gangway.messaging.actions.returning import RETURNS, keep_reply, look_into, note_read, take_return

__all__ = [
    "AT_ONCE",
    "CARRIER",
    "RETURNS",
    "Claimed",
    "Draft",
    "NotDeclinable",
    "accept",
    "allow_mailbox",
    "cancel_letters",
    "claim",
    "come_back",
    "decline",
    "keep_reply",
    "look_into",
    "note_read",
    "queue_message",
    "queue_messages",
    "queue_to_stranger",
    "record_delivery",
    "sender_domain",
    "take_return",
]
