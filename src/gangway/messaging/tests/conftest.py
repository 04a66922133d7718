"""A small world: Ana at Nordwind, Caz at Südstern; a real mail server on this machine."""

import asyncio
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from typing import Any
from uuid import UUID

import pytest
from aiosmtpd.controller import Controller

from gangway.kernel import clock, installation
from gangway.kernel.actor import Actor
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner
from gangway.people.actions import admit_person

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME = Actor.operator()


@dataclass
class Someone:
    id: UUID
    partner_id: UUID
    email: str


@dataclass
class People:
    ana: Someone
    caz: Someone


def admit(slug: str, name: str, email: str) -> Someone:
    partner_id = find_partner(slug).id
    with scopes.one(partner_id):
        person_id = admit_person(name=name, email=email, letter=False, actor=ME, now=NOW)
    return Someone(person_id, partner_id, email)


@pytest.fixture
def people(db: Any) -> People:
    rows = [Line(2, {"slug": "nordwind", "name": "Nordwind"}), Line(3, {"slug": "suedstern", "name": "Südstern"})]
    apply_partners(rows=rows, host_name="Acme Cloud", actor=ME, now=NOW)
    return People(
        ana=admit("nordwind", "Ana López", "ana@nordwind.example"),
        caz=admit("suedstern", "Caz O'Brien", "caz@suedstern.example"),
    )


@dataclass
class Sink:
    """What the mail server took, and what it says to whom."""

    port: int = 0
    mails: list[Message] = field(default_factory=list)
    taken_at: dict[str, datetime] = field(default_factory=dict)  # by Message-ID, the first time
    at_rcpt: dict[str, str] = field(default_factory=dict)
    at_data: dict[str, str] = field(default_factory=dict)
    once: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)  # taken only when the other's was, or after five seconds

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:
        if address in self.once:
            return self.once.pop(address)
        if address in self.at_rcpt:
            return self.at_rcpt[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        answer = self.at_data.get(envelope.rcpt_tos[0], "250 2.0.0 taken")
        for _ in range(500 if envelope.rcpt_tos[0] in self.after else 0):
            if any(self.after[envelope.rcpt_tos[0]] in str(mail["To"]) for mail in self.mails):
                break
            await asyncio.sleep(0.01)
        if answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
            self.taken_at.setdefault(str(mail["Message-ID"]), clock.now())
        return answer


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real SMTP server (aiosmtpd) on a free port of this machine."""
    taken = Sink()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        taken.port = probe.getsockname()[1]
    controller = Controller(taken, hostname="127.0.0.1", port=taken.port, ready_timeout=60)
    controller.start()
    yield taken
    controller.stop()


@pytest.fixture
def sending(sink: Sink, people: People, settings: Any) -> Sink:
    """This installation is armed, in production, and sends through the sink."""
    settings.EMAIL_URL = sink.url
    settings.DEFAULT_FROM_EMAIL = "Acme Cloud <learn@acme.example>"
    installation.ensure("production", NOW)
    return sink
