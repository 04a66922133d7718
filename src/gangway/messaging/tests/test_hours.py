"""When people may be disturbed: by day where they are, and not too often. No database, no clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.messaging.rules import (
    BETWEEN_NUDGES,
    LETTERS_A_WEEK,
    WEEK,
    Category,
    Gone,
    is_daytime,
    next_daytime,
    next_turn,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(1980, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
ZONES = st.sampled_from(sorted(available_timezones()))


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@given(INSTANTS, ZONES)
def test_the_next_daytime_is_day_is_not_before_and_is_the_first(instant: datetime, zone: str) -> None:
    found = next_daytime(instant, zone)
    assert found >= instant
    assert is_daytime(found, zone)
    assert next_daytime(found, zone) == found
    quarters = range(1, int((found - instant) / timedelta(minutes=15)))
    days_between = [step for step in quarters if is_daytime(instant + step * timedelta(minutes=15), zone)]
    assert len(days_between) <= 4, "no more of the day is lost than a gap that swallows 08:00"


@pytest.mark.parametrize(
    "zone, asked, answered",
    [
        ("Europe/Berlin", "2026-03-28T20:00", "2026-03-29T08:00"),  # the night in which an hour is missing
        ("Europe/Berlin", "2026-10-24T23:00", "2026-10-25T08:00"),  # the night with an hour twice
        ("Europe/Berlin", "2026-10-25T07:59", "2026-10-25T08:00"),
        ("Europe/Berlin", "2026-03-02T19:59:59", "2026-03-02T19:59:59"),
        ("Asia/Kathmandu", "2026-03-02T05:00", "2026-03-02T08:00"),
        ("Pacific/Apia", "2011-12-29T21:00", "2011-12-31T08:00"),  # 30 December 2011 did not exist there
    ],
)
def test_mornings_at_odd_places(zone: str, asked: str, answered: str) -> None:
    assert next_daytime(at(asked, zone).astimezone(UTC), zone) == at(answered, zone)


def test_the_same_instant_is_day_for_one_and_night_for_another() -> None:
    assert is_daytime(NOW, "Europe/Berlin")
    assert not is_daytime(NOW, "America/Los_Angeles")


def gone(*days_ago: float, category: Category = Category.NUDGE) -> list[Gone]:
    return [Gone(category, NOW - timedelta(days=days)) for days in days_ago]


@pytest.mark.parametrize(
    "category, before, turn",
    [
        (Category.NUDGE, [], NOW),
        (Category.NUDGE, gone(2), NOW),
        (Category.NUDGE, gone(1), NOW + timedelta(days=1)),
        (Category.REPORT, gone(1), NOW),
        (Category.NUDGE, gone(1, category=Category.REPORT), NOW),
        (Category.REPORT, gone(6, 4, 2), NOW + timedelta(days=1)),
        (Category.REPORT, gone(7, 4, 2), NOW),
        (Category.NUDGE, gone(1, 1.5, 2), NOW + timedelta(days=5)),
        (Category.SERVICE, gone(0, 0, 0, 0), NOW),
        (Category.SIGN_IN, gone(0, 0, 0, 0), NOW),
    ],
)
def test_whose_turn_it_is(category: Category, before: list[Gone], turn: datetime) -> None:
    assert next_turn(category, before, NOW) == turn


LETTERS = st.lists(
    st.tuples(st.sampled_from([Category.NUDGE, Category.REPORT]), st.integers(0, 30 * 24)), min_size=1, max_size=40
)


@given(LETTERS)
def test_whoever_waits_for_their_turn_is_never_written_to_too_often(wanted: list[tuple[Category, int]]) -> None:
    """Letters go out one by one, each asked again at its turn, as the worker asks."""
    sent: list[Gone] = []
    for category, hour in sorted(wanted, key=lambda pair: pair[1]):
        moment = max([NOW + timedelta(hours=hour), *(one.at for one in sent)])
        while (turn := next_turn(category, sent, moment)) > moment:
            moment = turn
        sent.append(Gone(category, moment))
    times = [one.at for one in sent]
    nudges = [one.at for one in sent if one.category is Category.NUDGE]
    assert all(later - earlier >= BETWEEN_NUDGES for earlier, later in pairwise(nudges))
    assert all(fourth - first >= WEEK for first, fourth in zip(times, times[LETTERS_A_WEEK:], strict=False))
