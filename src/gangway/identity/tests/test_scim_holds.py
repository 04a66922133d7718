"""Breakers: a directory that empties a partner, or floods it, is stopped until a human decides."""

from datetime import timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity import jobs
from gangway.identity.actions import scim as actions
from gangway.identity.models import Connection, ScimExchange
from gangway.identity.queries import scim as rows
from gangway.identity.rules.scim import HoldKind, HoldState, room_to_bring, room_to_remove
from gangway.identity.tests.conftest import World
from gangway.identity.tests.directory import ME, USER, Directory, connect
from gangway.kernel import clock
from gangway.kernel.models import AuditEntry
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.people.models import Person

OUT = {"op": "Replace", "path": "active", "value": "False"}


@pytest.fixture
def directory(house: World) -> Directory:
    return connect(house.ana.partner_id)


def settled(directory: Directory, n: int) -> list[str]:
    """People who have been here for longer than an hour."""
    with time_machine.travel(clock.now() - timedelta(hours=2)):
        return [directory.bring(f"person{one}")["id"] for one in range(n)]


def holds(directory: Directory) -> list[tuple[HoldKind, HoldState, int, int]]:
    with scopes.one(directory.connection.partner_id):
        return [(row.kind, row.state, row.seen, row.allowed) for row in rows.holds(directory.connection.id)]


def decide(directory: Directory, state: HoldState) -> None:
    with scopes.one(directory.connection.partner_id):
        (row,) = rows.holds(directory.connection.id, open_only=True)
        actions.decide_hold(hold_id=row.id, state=state, actor=ME, now=clock.now())
        with pytest.raises(NotFound):
            actions.decide_hold(hold_id=row.id, state=state, actor=ME, now=clock.now())


def test_the_sixth_leaver_of_an_hour_waits_for_a_human(directory: Directory) -> None:
    ids = settled(directory, 9)
    for one in ids[:3]:
        assert directory.ask("DELETE", f"/Users/{one}").status_code == 204
    for one in ids[3:5]:
        assert directory.patch(f"/Users/{one}", OUT).status_code == 200
    assert directory.ask("DELETE", f"/Users/{ids[3]}").status_code == 204, "who was shut out was counted then"
    stopped = directory.patch(f"/Users/{ids[5]}", OUT)
    assert (stopped.status_code, stopped.json()["status"]) == (429, "429")
    assert stopped.headers["Retry-After"].isdigit()
    assert directory.get(f"/Users/{ids[5]}").json()["active"] is True, (
        "never a 2xx without effect, nor the effect without it"
    )
    assert holds(directory) == [(HoldKind.REMOVALS, HoldState.OPEN, 6, 5)]
    assert directory.ask("DELETE", f"/Users/{ids[6]}").status_code == 429
    assert len(holds(directory)) == 1
    assert directory.patch(f"/Users/{ids[5]}", {"op": "replace", "path": "title", "value": "x"}).status_code == 200
    with time_machine.travel(clock.now() + timedelta(hours=3)):
        waits = directory.patch(f"/Users/{ids[5]}", OUT)
        assert waits.status_code == 429, "time alone decides nothing"
        assert "6 where 5 pass" in waits.json()["detail"], "it says what opened it, not that one is too many"
    decide(directory, HoldState.PASSED)
    for one in ids[5:]:
        assert directory.ask("DELETE", f"/Users/{one}").status_code == 204
    assert AuditEntry.objects.filter(verb="identity.scim.decide_hold", changes__state="passed").count() == 1


def test_a_directory_that_was_mended_is_counted_on(directory: Directory) -> None:
    ids = settled(directory, 8)
    codes = [directory.patch(f"/Users/{one}", OUT).status_code for one in ids[:6]]
    assert codes == [200] * 5 + [429]
    decide(directory, HoldState.MENDED)
    assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 429
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        decide(directory, HoldState.MENDED)
        assert directory.patch(f"/Users/{ids[5]}", OUT).status_code == 200


def test_whom_the_connection_made_within_the_hour_may_go_again(directory: Directory) -> None:
    """A rehearsal, or a mistake put right. Somebody who was here before and was adopted counts."""
    made = [directory.bring(f"person{one}")["id"] for one in range(8)]
    assert {directory.ask("DELETE", f"/Users/{one}").status_code for one in made} == {204}
    assert holds(directory) == []


def test_adopted_people_count_at_once(house: World, directory: Directory) -> None:
    from gangway.identity.tests.conftest import admit

    ids = []
    for n in range(6):
        admit(house.ana.partner_id, f"Old {n}", f"old{n}@nordwind.example", clock.now())
        ids.append(directory.bring(f"old{n}@nordwind.example")["id"])
    assert [directory.ask("DELETE", f"/Users/{one}").status_code for one in ids] == [204] * 5 + [429]


def test_more_people_than_were_named_wait_for_a_human(directory: Directory) -> None:
    with scopes.one(directory.connection.partner_id):
        Connection.objects.filter(pk=directory.connection.id).update(head_count=4)
        before = Person.objects.count()
    for n in range(5):
        directory.bring(f"person{n}")
    for _ in range(2):
        answer = directory.ask("POST", "/Users", {"schemas": [USER], "userName": "one too many"})
        assert answer.status_code == 429
        assert int(answer.headers["Retry-After"]) > 0
    assert holds(directory) == [(HoldKind.FLOOD, HoldState.OPEN, 6, 5)]
    with scopes.one(directory.connection.partner_id):
        assert Person.objects.count() == before + 5
    decide(directory, HoldState.PASSED)
    directory.bring("one too many")


@given(people=st.integers(0, 100_000))
def test_a_tenth_may_go_and_five_always(people: int) -> None:
    assert room_to_remove(people) >= 5
    assert people < 60 or people * 0.1 - 1 < room_to_remove(people) <= people * 0.1
    assert people <= room_to_bring(people) <= people * 1.25


def test_the_log_is_kept_for_a_month_and_bounded(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.bring("old")
    with time_machine.travel(clock.now() + timedelta(days=31)):
        for n in range(4):
            directory.bring(f"young{n}")
        monkeypatch.setattr("gangway.identity.actions.scim.log.LOG_LINES", 3)
        jobs.forget_old_challenges.func()
    with scopes.one(directory.connection.partner_id):
        assert ScimExchange.objects.count() == 3
