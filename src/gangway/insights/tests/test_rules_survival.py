"""The estimator against two naive ones that share nothing with it: one person at a time, in exact fractions."""

from fractions import Fraction
from itertools import pairwise
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gangway.insights.rules.survival import Ages, Interval, estimate, median, supported, wilson

counts = st.dictionaries(st.integers(0, 45), st.integers(1, 6), max_size=6)
cohorts = st.builds(Ages, done=counts, left=counts, open=counts).filter(lambda ages: ages.n > 0)
days = st.integers(0, 50)
calmly = settings(deadline=None, max_examples=60)  # the oracles are slow on purpose


def one_by_one(ages: Ages) -> list[tuple[int, bool]]:
    """Every person as (age, did it), those who did it first where ages are equal."""
    people = [(age, True) for age, n in ages.done.items() for _ in range(n)]
    people += [(age, False) for by_age in (ages.left, ages.open) for age, n in by_age.items() for _ in range(n)]
    return sorted(people, key=lambda person: (person[0], not person[1]))


def efron(ages: Ages) -> list[tuple[int, Fraction]]:
    """Redistribution to the right: who goes out of sight hands their weight in equal parts to all who come after.

    The steps of the curve as (age, share done by then).
    """
    people = one_by_one(ages)
    weight, done, steps = Fraction(1, len(people)), Fraction(0), []
    for place, (age, did_it) in enumerate(people):
        after = len(people) - place - 1
        if did_it:
            done += weight
            steps.append((age, done))
        elif after:
            weight += weight / after  # all who come after weigh the same
    return steps


def efron_at(ages: Ages, day: int) -> Fraction:
    return max((done for age, done in efron(ages) if age <= day), default=Fraction(0))


def product_limit(ages: Ages, day: int) -> tuple[Fraction, Fraction]:
    """The textbook: multiply (1 - d/n) over the days, counting heads anew each day. Returns S and Greenwood's sum."""
    people, still, total = one_by_one(ages), Fraction(1), Fraction(0)
    for today in range(day + 1):
        at_risk = sum(1 for age, _ in people if age >= today)
        done = sum(1 for age, did_it in people if did_it and age == today)
        if done == at_risk and done:
            return Fraction(0), total
        if done:
            still *= 1 - Fraction(done, at_risk)
            total += Fraction(done, at_risk * (at_risk - done))
    return still, total


@calmly
@given(cohorts, days)
def test_estimate_equals_redistribution_to_the_right(ages: Ages, day: int) -> None:
    assert isclose(estimate(ages, day).share, float(efron_at(ages, day)), abs_tol=1e-12)


@calmly
@given(cohorts, days)
def test_estimate_equals_the_textbook(ages: Ages, day: int) -> None:
    assert isclose(estimate(ages, day).share, float(1 - product_limit(ages, day)[0]), abs_tol=1e-12)


@calmly
@given(cohorts, days)
def test_interval_carries_greenwoods_variance(ages: Ages, day: int) -> None:
    still, total = product_limit(ages, day)
    if not 0 < still < 1:
        return
    n_alike = (1 - still) / (still * total)
    expected = naive_wilson(float(1 - still), float(n_alike))
    assert isclose(estimate(ages, day).interval.low, expected.low, abs_tol=1e-9)
    assert isclose(estimate(ages, day).interval.high, expected.high, abs_tol=1e-9)


def naive_wilson(share: float, n: float) -> Interval:
    """Solve |p - share| = z·sqrt(p(1-p)/n) for p by halving, without the closed form."""
    z = 1.959963984540054

    def outside(p: float) -> bool:
        return (p - share) ** 2 * n > z * z * p * (1 - p)

    def edge(inside: float, out: float) -> float:
        for _ in range(200):
            middle = (inside + out) / 2
            inside, out = (inside, middle) if outside(middle) else (middle, out)
        return inside

    return Interval(edge(share, 0.0) if share > 0 else 0.0, edge(share, 1.0) if share < 1 else 1.0)


@calmly
@given(st.integers(1, 5000), st.data())
def test_wilson_solves_its_equation(n: int, data: st.DataObject) -> None:
    done = data.draw(st.integers(1, n)) if n > 1 else 1
    if done == n:
        return
    expected, got = naive_wilson(done / n, n), wilson(done, n)
    assert isclose(got.low, expected.low, abs_tol=1e-7)
    assert isclose(got.high, expected.high, abs_tol=1e-7)


def test_wilson_by_the_book() -> None:
    """Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662; 0 of 20 reaches 0.1611."""
    assert (round(wilson(81, 263).low, 4), round(wilson(81, 263).high, 4)) == (0.2553, 0.3662)
    assert round(wilson(0, 20).high, 4) == 0.1611


def test_freireichs_remission_data() -> None:
    """The 6-MP arm of Freireich 1963, the classic worked example: S(10) = 0.7529, S(22) = 0.5378, S(23) = 0.4482."""
    weeks = {6: 3, 7: 1, 10: 1, 13: 1, 16: 1, 22: 1, 23: 1}
    out = {6: 1, 9: 1, 10: 1, 11: 1, 17: 1, 19: 1, 20: 1, 25: 1, 32: 2, 34: 1, 35: 1}
    ages = Ages(done=weeks, open=out)
    assert [round(1 - estimate(ages, week).share, 4) for week in (10, 22, 23)] == [0.7529, 0.5378, 0.4482]
    found = median(ages)
    assert found is not None
    assert found.days == 23


@calmly
@given(counts.filter(bool), st.integers(0, 8), days)
def test_without_anybody_out_of_sight_it_is_the_plain_share(done: dict[int, int], open_n: int, day: int) -> None:
    ages = Ages(done=done, open={60: open_n} if open_n else {})
    by_day = ages.done_by(day)
    reading = estimate(ages, day)
    plain = wilson(by_day, ages.n)
    assert isclose(reading.share, by_day / ages.n, abs_tol=1e-12)
    assert isclose(reading.interval.low, plain.low, abs_tol=1e-9)
    assert isclose(reading.interval.high, plain.high, abs_tol=1e-9)


@calmly
@given(cohorts)
def test_the_curve_never_falls_and_stays_in_its_interval(ages: Ages) -> None:
    shares = [estimate(ages, day) for day in range(50)]
    assert all(a.share <= b.share + 1e-12 for a, b in pairwise(shares))
    assert all(0 <= r.interval.low <= r.share + 1e-9 and r.share - 1e-9 <= r.interval.high <= 1 for r in shares)


@calmly
@given(cohorts, days)
def test_supported_needs_known_fates(ages: Ages, day: int) -> None:
    if not supported(ages, day, minimum=5):
        return
    assert ages.done_by(day) + ages.watched(day) >= 5
    assert ages.waiting(day) == 0 or ages.watched(day) >= 5


@pytest.mark.parametrize(
    ("ages", "expected"),
    [
        (Ages(done={3: 20}, open={10: 30}), False),  # a pilot of ten days cannot be judged on day 30
        (Ages(done={3: 20}, open={30: 5, 10: 30}), True),  # five were watched to the end
        (Ages(done={3: 20}, open={30: 4, 10: 30}), False),
        (Ages(done={3: 3}, open={40: 2}), True),  # all had their days
        (Ages(done={3: 4}), False),  # four people
        (Ages(left={1: 50}, done={2: 1}), False),  # nearly everybody left at once
    ],
)
def test_supported_by_example(ages: Ages, expected: bool) -> None:
    assert supported(ages, 30, minimum=5) is expected


@calmly
@given(cohorts)
def test_median_is_the_first_day_of_half(ages: Ages) -> None:
    found = median(ages)
    first = next((age for age, done in efron(ages) if done >= Fraction(1, 2)), None)
    assert (None if found is None else found.days) == first
    if found is not None:
        assert found.low <= found.days
        assert found.high is None or found.days <= found.high
