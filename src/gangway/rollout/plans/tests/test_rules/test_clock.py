"""The K clock, over years, weeks and zones."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules import clock

DAYS = st.dates(min_value=date(2024, 1, 1), max_value=date(2035, 12, 31))
WEEKS = st.integers(min_value=1, max_value=clock.WEEKS)
ZONES = st.sampled_from(
    ["Europe/Berlin", "America/New_York", "Pacific/Apia", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
)


@given(DAYS, WEEKS, ZONES)
def test_a_week_is_due_on_friday_at_five_by_the_wall_clock(kickoff_on: date, week: int, zone: str) -> None:
    due = clock.due_at(kickoff_on, week, zone)
    local = due.astimezone(ZoneInfo(zone))
    assert due.tzinfo is UTC
    assert (local.weekday(), local.hour, local.minute) == (4, 17, 0)


@given(DAYS, ZONES)
def test_every_day_of_the_kickoff_week_gives_the_same_plan(kickoff_on: date, zone: str) -> None:
    k = clock.monday(kickoff_on)
    assert {clock.due_at(k + timedelta(days=day), 1, zone) for day in range(7)} == {clock.due_at(k, 1, zone)}


@given(DAYS, WEEKS, ZONES)
def test_what_is_due_in_week_n_is_due_while_week_n_runs(kickoff_on: date, week: int, zone: str) -> None:
    assert clock.week_of(kickoff_on, clock.due_at(kickoff_on, week, zone), zone) == week


@given(DAYS, st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2039, 1, 1)), ZONES)
def test_the_page_always_opens_with_a_week_of_the_plan(kickoff_on: date, naive: datetime, zone: str) -> None:
    assert 1 <= clock.shown_week(kickoff_on, naive.replace(tzinfo=UTC), zone) <= clock.WEEKS


def test_summer_time_moves_the_instant_and_not_the_hour() -> None:
    before = clock.due_at(date(2026, 3, 23), 1, "Europe/Berlin")
    after = clock.due_at(date(2026, 3, 23), 2, "Europe/Berlin")
    assert before == datetime(2026, 3, 27, 16, 0, tzinfo=UTC)
    assert after == datetime(2026, 4, 3, 15, 0, tzinfo=UTC)


def test_the_day_is_counted_in_the_plans_zone() -> None:
    sunday_evening_in_london = datetime(2026, 3, 8, 23, 30, tzinfo=UTC)
    assert clock.week_of(date(2026, 3, 2), sunday_evening_in_london, "Europe/London") == 1
    assert clock.week_of(date(2026, 3, 2), sunday_evening_in_london, "Europe/Berlin") == 2


def test_sprints_are_three_weeks() -> None:
    assert [clock.sprint_of(week) for week in range(1, 13)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


def test_a_zone_must_be_known() -> None:
    assert clock.known_zone("Europe/Berlin")
    assert not clock.known_zone("Europe/Atlantis")
