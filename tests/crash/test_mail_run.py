"""A launch by a real mail server that refuses some people and puts others off, while a worker is killed in between.

Every letter ends sent, or bounced with its reason; nobody is written to under two Message-IDs; what was put off goes
out later; and codes for the sign-in, queued meanwhile, overtake the launch.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import Q

from gangway.kernel import clock, installation
from gangway.kernel.models import OutboxEvent
from gangway.kernel.sheets import Line
from gangway.kernel.tenancy import scopes
from gangway.messaging import actions
from gangway.messaging.jobs import send_due
from gangway.messaging.models import Message
from gangway.messaging.rules import Priority
from gangway.messaging.tests.conftest import ME, Sink, sink
from gangway.partners.actions import apply_partners
from gangway.partners.queries import find_partner
from gangway.people.actions import admit_person
from tests import proof
from tests.crash.killing import forget_connections

__all__ = ["sink"]
pytestmark = pytest.mark.django_db(transaction=True)
CAUSE = UUID("019a0f3e-7c5e-7d11-8a3e-3f1f5f0c0aff")
PARTNERS = 3
CODES = 20
PATIENCE_SECONDS = 600


@pytest.mark.parametrize("people", [150, pytest.param(5_000, marks=pytest.mark.prove)])
def test_a_launch_with_refusals_delays_and_a_killed_worker(people: int, sink: Sink, settings: Any) -> None:
    settings.EMAIL_URL, settings.DEFAULT_FROM_EMAIL = sink.url, "Acme Cloud <learn@acme.example>"
    refused, delayed = launch(people, sink)

    killed = worker()
    until(lambda: len(sink.mails) > people // 3)
    before_codes = ask_for_codes(CODES // 2)
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    dead = under_way()
    began, at_first = time.monotonic(), len(sink.mails)
    second = worker()
    waits = [*before_codes, *ask_for_codes(CODES - CODES // 2)]
    until(lambda: not waiting(dead, delayed))
    rate = (len(sink.mails) - at_first + len(refused)) / (time.monotonic() - began)
    os.kill(second, signal.SIGTERM)
    os.waitpid(second, 0)
    for minutes in (3, 6, 9):  # the lease of the dead, and the pause before those that were put off
        while send_due(clock.now() + timedelta(minutes=minutes)):
            pass

    with scopes.host():
        letters = list(Message.objects.filter(cause=CAUSE).select_related("person"))
    taken = Counter(str(mail["Message-ID"]) for mail in sink.mails)
    assert Counter(row.state for row in letters) == {"sent": people - len(refused), "bounced": len(refused)}
    assert {row.person.email for row in letters if row.state == "bounced"} == refused
    assert {row.last_error for row in letters if row.state == "bounced"} == {"550 5.1.1 No such user"}
    assert {row.header for row in letters if row.state == "sent"} == set(taken) - codes()
    told = Counter(OutboxEvent.objects.filter(payload__letter_key="identity.launch").values_list("name", flat=True))
    assert told == {"messaging.message.sent.v1": people - len(refused), "messaging.message.bounced.v1": len(refused)}
    seconds = queue_seconds(sink)
    copies = sum(taken.values()) - len(taken)
    assert copies <= settings.MAIL_CONNECTIONS * 4, "only what was on the wire when the worker died goes out again"
    figures = {
        "letters": people,
        "bounced": len(refused),
        "put_off_and_sent": len(delayed),
        "second_copies_after_the_kill": copies,
        "letters_per_second": round(rate),
        "codes": len(waits),
        "code_p95_seconds": round(seconds[int(len(seconds) * 0.95) - 1], 2),
    }
    print(figures)
    if people >= 5_000:
        proof.write("letters: a launch with refusals, delays and a killed worker", **figures)


def launch(people: int, sink: Sink) -> tuple[set[str], set[str]]:
    """Letters to so many people of three partners; the addresses that are refused, and those put off once."""
    installation.ensure("production", clock.now())
    rows = [Line(n + 2, {"slug": f"p{n}", "name": f"Partner {n}"}) for n in range(PARTNERS)]
    apply_partners(rows=rows, host_name="Acme Cloud", actor=ME, now=clock.now())
    refused, delayed = set(), set()
    for number in range(PARTNERS):
        slug, drafts = f"p{number}", []
        with scopes.one(find_partner(slug).id):
            for n in range(number, people, PARTNERS):
                email = f"person{n}@{slug}.example"
                person = admit_person(name=f"Person {n}", email=email, letter=False, actor=ME, now=clock.now())
                drafts.append(actions.Draft(person_id=person, dedupe_key=f"launch:{person}", secret="the-token"))
                if n % 10 == 3:
                    refused.add(email)
                    sink.at_rcpt[email] = "550 5.1.1 No such user"
                elif n % 10 == 7:
                    delayed.add(email)
                    sink.once[email] = "451 4.7.1 greylisted"
            for at in range(0, len(drafts), actions.AT_ONCE):
                actions.queue_messages(
                    drafts=drafts[at : at + actions.AT_ONCE],
                    letter_key="identity.launch",
                    cause=CAUSE,
                    actor=ME,
                    now=clock.now(),
                )
    return refused, delayed


def worker() -> int:
    """A worker in a process of its own, sending until it is told to stop; its process id."""
    forget_connections()
    child = os.fork()
    if child:
        return child
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    signal.signal(signal.SIGTERM, stop)
    try:
        while not stopped:
            if not send_due(clock.now()):
                time.sleep(0.05)
    finally:
        os._exit(0)


def ask_for_codes(count: int) -> list[UUID]:
    """Sign-in letters, one every 50 ms, to somebody of the first partner."""
    asked = []
    with scopes.one(find_partner("p0").id):
        somebody = admit_person(
            name="Kim", email=f"kim{time.monotonic_ns()}@p0.example", letter=False, actor=ME, now=clock.now()
        )
        for n in range(count):
            asked.append(
                actions.queue_message(
                    person_id=somebody,
                    letter_key="identity.sign_in",
                    dedupe_key=f"code:{somebody}:{n}",
                    secret="link 123456",
                    priority=Priority.SIGN_IN,
                    actor=ME,
                    now=clock.now(),
                )
            )
            time.sleep(0.05)
    return asked


def under_way() -> set[UUID]:
    """What the dead worker had taken: it waits until its lease is over."""
    with scopes.host():
        return set(Message.objects.filter(state="sending").values_list("pk", flat=True))


def waiting(dead: set[UUID], delayed: set[str]) -> bool:
    """Whether something is still open that a living worker could send now."""
    with scopes.host():
        mine = Message.objects.exclude(pk__in=dead)
        put_off = Q(state="queued", attempts__gt=0, person__email__in=delayed)
        return mine.filter(state__in=["queued", "sending"]).exclude(put_off).exists()


def codes() -> set[str]:
    with scopes.host():
        return set(Message.objects.filter(letter_key="identity.sign_in").values_list("header", flat=True))


def queue_seconds(sink: Sink) -> list[float]:
    """How long each code took from the queue to the mail server."""
    with scopes.host():
        rows = Message.objects.filter(letter_key="identity.sign_in").values_list("header", "queued_at")
        return sorted((sink.taken_at[header] - queued_at).total_seconds() for header, queued_at in rows)


def until(true: Callable[[], bool]) -> None:
    for _ in range(PATIENCE_SECONDS * 10):
        if true():
            return
        time.sleep(0.1)
    raise AssertionError(f"it did not come to an end in {PATIENCE_SECONDS} s on {connection.vendor}")
