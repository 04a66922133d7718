"""What runs out: when both sides are told, and which token counts. No database."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.expiry import STEPS, Credential, Ending, Holding, end_of, step_due, token_that_counts

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAYS = st.floats(min_value=-10, max_value=100, allow_nan=False)
TIMES = st.none() | st.integers(0, 500).map(lambda hours: NOW - timedelta(hours=hours))
HOLDING = st.builds(
    Holding,
    name=st.text(max_size=4),
    ends_at=st.integers(1, 500).map(lambda days: NOW + timedelta(days=days)),
    tail=st.just("abcd"),
    used_at=TIMES,
)


@pytest.mark.parametrize(
    ("days", "told", "due"),
    [
        (61, (), None),
        (60, (), 60),
        (59.9, (60,), None),
        (30, (60,), 30),
        (8, (60, 30), None),
        (7, (60, 30), 7),
        (3, (), 7),  # nobody looked before: one letter, not three
        (0.01, (60, 30, 7), None),
        (0, (), None),
        (-1, (), None),
    ],
)
def test_the_step_that_is_due(days: float, told: tuple[int, ...], due: int | None) -> None:
    assert step_due(NOW + timedelta(days=days), NOW, told) == due


@given(st.lists(st.floats(0, 1.5), max_size=90))
def test_each_step_is_told_at_most_once_and_in_order(pauses: list[float]) -> None:
    """However often somebody looks, and however long nobody did."""
    ends_at, now, told = NOW + timedelta(days=70), NOW, list[int]()
    for pause in pauses:
        now += timedelta(days=pause)
        step = step_due(ends_at, now, told)
        if step is not None:
            assert ends_at - now <= timedelta(days=step)
            told.append(step)
    assert told == sorted(set(told), reverse=True)
    assert set(told) <= set(STEPS)


@given(st.lists(HOLDING, max_size=3))
def test_the_token_that_counts_is_the_one_in_use(holding: list[Holding]) -> None:
    found = token_that_counts(holding)
    used = [one for one in holding if one.used_at is not None]
    if used:
        assert found in used
        assert all(one.used_at <= found.used_at for one in used if found and found.used_at and one.used_at)
    elif holding:
        assert found in [one for one in holding if one.ends_at == max(other.ends_at for other in holding)]
    else:
        assert found is None


def test_how_long_it_is() -> None:
    ending = Ending(Credential.SECRET, "2026-03-25", end_of(date(2026, 3, 25)))
    assert (ending.days(NOW), ending.soon(NOW)) == (23, True)
    assert Ending(Credential.SECRET, "x", NOW - timedelta(hours=1)).days(NOW) == -1
    assert not Ending(Credential.SECRET, "x", NOW + timedelta(days=61)).soon(NOW)
