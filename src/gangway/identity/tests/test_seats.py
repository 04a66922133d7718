"""Fifty strangers at a code of twenty seats, seven at a time, with real commits: twenty come in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from gangway.identity import actions
from gangway.identity.actions import joining
from gangway.identity.models import AccessCode, Challenge, CodeUse
from gangway.identity.queries.doors import browser_digest
from gangway.identity.queries.joining import Stranger
from gangway.identity.tests.conftest import ME, World
from gangway.kernel import clock
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, STRANGERS, SEATS = 7, 50, 20


def proven(code: str, number: int) -> str:
    """A browser that has proven the mailbox of one stranger."""
    now, browser = clock.now(), f"browser-{number}"
    stranger = Stranger(name=f"Nora {number}", address=f"n{number}@home.example", locale="en", code=code)
    Challenge.objects.create(
        kind="mail",
        link=new_id().bytes,
        browser=browser_digest(browser),
        mailbox=new_id().bytes,
        joining=stranger.sealed(),
        asked_at=now,
        expires_at=now,
        proven_at=now,
        proven_by="code",
    )
    return browser


def tried(partner_id: UUID, browser: str) -> bool:
    """Whether one of them came in."""
    try:
        actions.join(browser=browser, partner_id=partner_id, actor=ME, now=clock.now())
    except actions.DoorClosed:
        return False
    finally:
        connection.close()
    return True


def rush(partner_id: UUID, *, strangers: int, seats: int) -> tuple[int, int, int]:
    """How many were told that they are in, how many seats are taken, how many people were made."""
    with scopes.one(partner_id):
        code = actions.make_access_code(label="Class", seats=seats, days=9, actor=ME, now=clock.now()).code
        before = Person.objects.count()
    browsers = [proven(code, number) for number in range(strangers)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        came = sum(pool.map(lambda browser: tried(partner_id, browser), browsers))
    with scopes.one(partner_id):
        return came, CodeUse.objects.count(), Person.objects.count() - before


def test_fifty_at_twenty_seats_are_twenty(house: World) -> None:
    assert rush(house.ana.partner_id, strangers=STRANGERS, seats=SEATS) == (SEATS, SEATS, SEATS)


@pytest.mark.postgres_only  # on SQLite one transaction runs at a time, with a lock or without
def test_without_lock_and_ledger_more_come_in_than_there_are_seats(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever counts without a lock, and numbers seats as they like, gives seats twice."""
    gate = Barrier(AT_ONCE)
    monkeypatch.setattr(joining, "_locked_code", _unlocked)
    monkeypatch.setattr(joining, "_take_seat", _careless(gate))
    came, taken, _made = rush(house.ana.partner_id, strangers=AT_ONCE, seats=2)
    assert came == taken
    assert taken > 2


def _unlocked(code: str) -> AccessCode | None:
    return AccessCode.objects.filter(digest=joining.access_code_digest(code)).first()


def _careless(gate: Barrier) -> Callable[..., Any]:
    def take(code: AccessCode, person_id: UUID, now: Any) -> None:
        if CodeUse.objects.filter(code=code.pk).count() >= code.seats:
            raise actions.DoorClosed
        with suppress(BrokenBarrierError):
            gate.wait(timeout=5)
        CodeUse.objects.create(code=code, seat=person_id.int % 1_000_000_007, person_id=person_id, at=now)

    return take
