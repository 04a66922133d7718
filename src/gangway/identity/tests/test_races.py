"""Many at once, with real commits: one letter lets in once, and five tries are five."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection

from gangway.identity import actions
from gangway.identity.actions import Completed
from gangway.identity.models import Challenge, Session
from gangway.identity.rules import State
from gangway.identity.rules.connections import Asserted, ConnectionKind
from gangway.identity.tests.conftest import ME, World, invitation_path, letters, sign_in_letter
from gangway.identity.tests.connections import connect
from gangway.identity.tests.test_invitations import admitted
from gangway.kernel import clock
from gangway.kernel.tenancy import scopes

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 7  # more than the tries, fewer than the pool's connections


def all_at_once(act: Callable[[int], Any]) -> list[Any]:
    """Run `act(n)` in as many threads, begun together, each with its own connection."""
    gate, writing = Barrier(AT_ONCE), Barrier(AT_ONCE)

    def run(number: int) -> Any:
        gate.wait()
        try:
            with together_before_writing(writing):
                return act(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


@contextmanager
def together_before_writing(gate: Barrier) -> Iterator[None]:
    """Hold this thread before its first write until the others stand there too: all have read the same state.

    On SQLite one transaction runs at a time, so nobody can be waited for, and the gate opens by itself.
    """
    waited = False

    def hold(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal waited
        if sql.startswith("UPDATE") and not waited:
            waited = True
            with suppress(BrokenBarrierError):
                gate.wait(timeout=5 if connection.vendor == "postgresql" else 0)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hold):
        yield


def asked() -> str:
    browser = "the-browser-that-asked"
    actions.start_challenge(address="ana@nordwind.example", browser=browser, next_path="/", actor=ME, now=clock.now())
    return browser


def complete(browser: str, **proof: str) -> Completed:
    return actions.complete_challenge(browser=browser, actor=ME, now=clock.now(), **proof)


def test_the_same_right_code_at_the_same_moment_makes_one_session(house: World) -> None:
    browser = asked()
    code = sign_in_letter().code
    done = all_at_once(lambda _: complete(browser, code=code))
    assert sum(one.session is not None for one in done) == 1
    assert Session.objects.count() == 1


def test_the_same_link_pressed_at_the_same_moment_makes_one_session(house: World) -> None:
    browser = asked()
    link = sign_in_letter().link
    done = all_at_once(lambda _: complete(browser, link=link))
    assert sum(one.session is not None for one in done) == 1
    assert {one.state for one in done if one.session is None} == {State.USED}
    assert Session.objects.count() == 1


def test_guesses_in_parallel_get_five_tries_together(house: World) -> None:
    browser = asked()
    right = int(sign_in_letter().code)
    wrong = [f"{(right + 1 + number) % 1_000_000:06d}" for number in range(AT_ONCE)]
    done = all_at_once(lambda number: complete(browser, code=wrong[number]))
    assert Challenge.objects.get().wrong_tries == 5
    assert not any(one.session for one in done)
    assert complete(browser, code=f"{right:06d}").state is State.LOCKED
    assert not Session.objects.exists()


def test_an_invitation_pressed_at_the_same_moment_sends_one_letter(house: World) -> None:
    admitted(house)
    token = invitation_path().rpartition("/")[2]
    answers = all_at_once(
        lambda number: actions.follow_invitation(token=token, browser=f"browser-{number}", actor=ME, now=clock.now())
    )
    assert sum(answer.sent_at is None for answer in answers) == 1
    assert Challenge.objects.count() == len(letters()) == 1


def test_workers_take_an_assertion_once(house: World) -> None:
    """Replayed to several workers at the same moment: one takes it, the others are told that it was used."""
    way, now = connect(house.ana.partner_id, ConnectionKind.SAML), clock.now()

    def take(number: int) -> bool:
        with scopes.one(house.ana.partner_id):
            try:
                actions.remember_assertion(
                    connection_id=way.id,
                    assertion_id="_once",
                    until=now + timedelta(minutes=5),
                    state=f"_request-{number}",
                    asserted=Asserted("nw-7"),
                    actor=ME,
                    now=now,
                )
            except actions.Replayed:
                return False
        return True

    assert all_at_once(take).count(True) == 1
