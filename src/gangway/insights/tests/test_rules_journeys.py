"""What a row adds to the counts, for any dates at all."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from gangway.insights.rules.definitions import Measure
from gangway.insights.rules.journeys import (
    Dates,
    Exit,
    Stage,
    age,
    bins,
    clock_of,
    counts_for_kpis,
    difference,
    sizes,
    stages,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
instants = st.none() | st.integers(-400, 4000).map(lambda hours: NOON + timedelta(hours=hours))
rows = st.builds(Dates, *[instants] * 9)


@settings(deadline=None)
@given(rows)
def test_a_person_is_counted_once_per_measure_or_not_at_all(dates: Dates) -> None:
    size, gone = sizes(dates), bins(dates)
    assert sum(size.values()) == (len(Measure) if counts_for_kpis(dates) else 0)
    for measure in Measure:
        exits = [key for key in gone if key[0] is measure]
        assert len(exits) <= 1
        assert all((measure, key[1]) in size for key in exits)


@settings(deadline=None)
@given(rows)
def test_everybody_invited_stands_in_exactly_one_place(dates: Dates) -> None:
    places = (Stage.CAME_IN, Stage.BOUNCED, Stage.UNKNOWN, Stage.UNSENT, Stage.LEFT)
    found = stages(dates)
    assert sum(n for (stage, _), n in found.items() if stage in places) == (1 if dates.invited_at else 0)


@settings(deadline=None)
@given(rows, rows, rows)
def test_differences_add_up(first: Dates, second: Dates, third: Dates) -> None:
    for part in (sizes, bins, stages):
        total: Counter[object] = Counter(part(first))  # type: ignore[operator]
        for before, after in ((first, second), (second, third)):
            for key, change in difference(part(before), part(after)).items():  # type: ignore[operator]
                total[key] += change
        assert {key: n for key, n in total.items() if n} == dict(part(third))  # type: ignore[operator]


def test_bounced_people_do_not_count_until_they_come_in() -> None:
    bounced = Dates(invited_at=NOON, clock_at=NOON, bounced_at=NOON)
    assert not counts_for_kpis(bounced)
    assert stages(bounced) == {(Stage.INVITED, NOON.date()): 1, (Stage.BOUNCED, NOON.date()): 1}
    came_in = Dates(invited_at=NOON, clock_at=NOON, bounced_at=NOON, came_in_at=NOON + timedelta(days=2))
    assert counts_for_kpis(came_in)
    assert bins(came_in) == {(Measure.ACTIVATION, NOON.date(), 2, Exit.EVENT): 1}


def test_a_letter_that_went_through_later_ends_the_bounce() -> None:
    again = Dates(invited_at=NOON, clock_at=NOON, bounced_at=NOON, sent_at=NOON + timedelta(days=1))
    assert counts_for_kpis(again)
    assert Stage.UNKNOWN in {stage for stage, _ in stages(again)}
    returned = Dates(invited_at=NOON, clock_at=NOON, sent_at=NOON, bounced_at=NOON + timedelta(hours=1))
    assert not counts_for_kpis(returned)


def test_who_left_before_the_launch_was_never_in_it() -> None:
    assert not counts_for_kpis(Dates(invited_at=NOON, clock_at=NOON, left_at=NOON - timedelta(days=1)))
    left = Dates(invited_at=NOON, clock_at=NOON, left_at=NOON + timedelta(days=1))
    assert {key[2:] for key in bins(left)} == {(1, Exit.LEFT)}


def test_the_clock_is_the_later_of_launch_and_invitation() -> None:
    later = NOON + timedelta(days=3)
    assert clock_of(NOON, later) == clock_of(later, NOON) == later
    assert clock_of(None, NOON) is None
    assert clock_of(NOON, None) is None


def test_ages_are_days_of_utc_and_never_negative() -> None:
    assert age(NOON, NOON + timedelta(hours=11)) == 0
    assert age(NOON, NOON + timedelta(hours=12)) == 1
    assert age(NOON, NOON - timedelta(days=5)) == 0
