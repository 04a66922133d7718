"""Fifty strangers at a code of twenty seats, seven at a time, with real commits: twenty come in.

And one mailbox that is proven in several browsers at once is one person.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from tests.journeys.installation import until

from gangway.identity import actions
from gangway.identity.actions import joining
from gangway.identity.models import AccessCode, Challenge, CodeUse
from gangway.identity.queries.doors import browser_digest
from gangway.identity.queries.joining import Stranger
from gangway.identity.tests.conftest import ME, World
from gangway.kernel import clock
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy import scopes
from gangway.partners.actions import keep_domain
from gangway.people.actions import admit_person
from gangway.people.models import Person

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE, STRANGERS, SEATS = 7, 50, 20


def proven(code: str, number: int, address: str = "") -> str:
    """A browser that has proven the mailbox of one stranger."""
    now, browser = clock.now(), f"browser-{number}"
    address = address or f"n{number}@home.example"
    stranger = Stranger(name=f"Nora {number}", address=address, locale="en", code=code)
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
    except (actions.DoorClosed, actions.JoinedAlready):
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


def in_windows(partner_id: UUID, code: str) -> tuple[int, int, int]:
    """One mailbox in AT_ONCE browsers: how many came in, how many people were made, how many seats were taken."""
    browsers = [proven(code, number, "nora@nordwind.example") for number in range(AT_ONCE)]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        came = sum(pool.map(lambda browser: tried(partner_id, browser), browsers))
    with scopes.one(partner_id):
        made = Person.objects.filter(email_key="nora@nordwind.example").count()
        return came, made, CodeUse.objects.count()


def lets_in_by_domain(partner_id: UUID) -> None:
    with scopes.one(partner_id):
        keep_domain(name="nordwind.example", actor=ME, now=clock.now())
        actions.set_join_policy(by_domain=True, actor=ME, now=clock.now())


@pytest.mark.parametrize("by", ["code", "domain"])
def test_one_mailbox_in_many_windows_is_one_person(house: World, by: str) -> None:
    partner_id = house.ana.partner_id
    if by == "domain":
        lets_in_by_domain(partner_id)
        assert in_windows(partner_id, "") == (1, 1, 0)
        return
    with scopes.one(partner_id):
        code = actions.make_access_code(label="Class", seats=9, days=9, actor=ME, now=clock.now()).code
    assert in_windows(partner_id, code) == (1, 1, 1)


@pytest.mark.postgres_only  # on SQLite one transaction runs at a time
def test_who_looked_before_anybody_came_is_refused_by_the_database(
    house: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All look before anybody has come in: a unique key is left between them, and is told as what it means."""
    gate = Barrier(AT_ONCE)
    known = joining.people.mailbox_known
    monkeypatch.setattr(joining.people, "mailbox_known", lambda address: _together(gate, known(address)))
    lets_in_by_domain(house.ana.partner_id)
    assert in_windows(house.ana.partner_id, "") == (1, 1, 0)


def _together(gate: Barrier, known: bool) -> bool:
    """What was seen, once everybody has looked."""
    with suppress(BrokenBarrierError):
        gate.wait(timeout=5)
    return known


@pytest.mark.postgres_only  # on SQLite one transaction runs at a time: nobody comes between look and row
def test_who_is_brought_while_they_join_is_told_that_they_are_here(house: World) -> None:
    partner_id = house.ana.partner_id
    with scopes.one(partner_id):
        code = actions.make_access_code(label="Class", seats=3, days=9, actor=ME, now=clock.now()).code
    browser = proven(code, 1)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(), scopes.one(partner_id):
            admit_person(name="Nora", email="n1@home.example", source="csv", actor=ME, now=clock.now())
            came = pool.submit(tried, partner_id, browser)
            with connection.cursor() as cursor:
                until(20, lambda: waits(cursor), "somebody waits for the row that is being written")
        assert not came.result(30)
    with scopes.one(partner_id):
        assert (Person.objects.filter(email_key="n1@home.example").count(), CodeUse.objects.count()) == (1, 0)


def waits(cursor: Any) -> bool:
    """Whether a transaction of this database waits for another one."""
    cursor.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    return bool(cursor.fetchone()[0])
