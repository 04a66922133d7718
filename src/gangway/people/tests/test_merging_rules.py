"""Whether two accounts may become one, and two again: each reason, and that one reason alone refuses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.people.rules import COMES_IN, State
from gangway.people.rules.merging import Account, Hindrance, Late, hindrance, late

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ANA = Account(UUID(int=1), State.ACTIVE.value)
TWIN = Account(UUID(int=2), State.INVITED.value)
BEN = UUID(int=3)


def asked(
    stays: Account = ANA, gone: Account = TWIN, *, at_host: bool = False, by: UUID | None = BEN
) -> Hindrance | None:
    return hindrance(stays, gone, at_host=at_host, asked_by=by)


def test_two_open_accounts_of_a_partner_may_be_merged() -> None:
    assert asked() is None
    assert asked(by=None) is None
    assert asked(replace(ANA, managed_by="scim:1")) is None, "the one that a directory looks after stays"


@pytest.mark.parametrize("state", [State.SUSPENDED, State.LEFT, State.ERASED])
def test_neither_may_be_shut(state: State) -> None:
    assert asked(replace(ANA, state=state.value)) is Hindrance.CLOSED
    assert asked(gone=replace(TWIN, state=state.value)) is Hindrance.CLOSED


def test_each_reason() -> None:
    assert asked(at_host=True) is Hindrance.STAFF
    assert asked(gone=ANA) is Hindrance.SAME
    assert asked(by=ANA.id) is asked(by=TWIN.id) is Hindrance.OWN
    assert asked(gone=replace(TWIN, synthetic=True)) is Hindrance.CLOSED
    assert asked(gone=replace(TWIN, managed_by="scim:1")) is Hindrance.DIRECTORY
    managed = replace(ANA, managed_by="scim:1")
    for other in ("scim:1", "scim:2"):
        assert asked(managed, replace(TWIN, managed_by=other)) is Hindrance.DIRECTORIES


_accounts = st.builds(
    Account,
    st.sampled_from([ANA.id, TWIN.id]),
    st.sampled_from([state.value for state in State]),
    st.sampled_from(["", "scim:1", "scim:2"]),
    st.booleans(),
)


@given(_accounts, _accounts, st.booleans(), st.sampled_from([ANA.id, TWIN.id, BEN, None]))
def test_whatever_is_merged_is_two_open_accounts_of_a_partner_and_nobodys_own(
    stays: Account, gone: Account, at_host: bool, by: UUID | None
) -> None:
    if asked(stays, gone, at_host=at_host, by=by) is None:
        assert not at_host
        assert stays.id != gone.id
        assert by not in (stays.id, gone.id)
        assert {stays.state, gone.state} <= set(COMES_IN)
        assert not any((stays.synthetic, gone.synthetic, gone.managed_by))


def undone(
    stays: Account = ANA, gone: Account = TWIN, *, taken: bool = False, after: timedelta = timedelta()
) -> Late | None:
    gone = replace(gone, state=gone.state if gone.state == State.ERASED else State.LEFT.value)
    return late(stays, gone, until=NOW, taken=taken, now=NOW - timedelta(days=1) + after)


def test_a_merge_is_undone_in_time_while_both_are_there() -> None:
    assert undone() is None
    assert undone(after=timedelta(days=1)) is Late.OVER
    assert undone(taken=True) is Late.TAKEN
    assert undone(replace(ANA, state=State.ERASED.value)) is Late.ERASED
    assert undone(gone=replace(TWIN, state=State.ERASED.value)) is Late.ERASED
    for state in (State.SUSPENDED, State.LEFT):
        assert undone(replace(ANA, state=state.value)) is Late.CLOSED
