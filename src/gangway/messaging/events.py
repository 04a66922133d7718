"""What messaging tells the house: what became of a letter. Ids, codes and numbers only."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class MessageSent:
    """The recipient's mail server took the letter (SMTP 250). It says nothing about anybody reading it."""

    name: ClassVar[str] = "messaging.message.sent.v1"
    example: ClassVar[dict[str, Any]] = {
        "message_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a01",
        "person_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02",
        "letter_key": "identity.launch",
        "state": "sent",
    }

    message_id: UUID
    person_id: UUID
    letter_key: str
    state: str


@dataclass(frozen=True, kw_only=True)
class MessageBounced:
    """The letter was refused for good (SMTP 5xx about this recipient), or its mailbox had refused one before."""

    name: ClassVar[str] = "messaging.message.bounced.v1"
    example: ClassVar[dict[str, Any]] = {
        "message_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a01",
        "person_id": "019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0a02",
        "letter_key": "identity.launch",
        "state": "bounced",
        "code": 550,
    }

    message_id: UUID
    person_id: UUID
    letter_key: str
    state: str
    code: int | None = None
