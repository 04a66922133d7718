"""How many will have done it by day t, when some have not had their t days yet. Pure arithmetic on counts by age.

A person's age is the number of days from the start of their clock. At the reading every person is in one of three
states: *done* at an age, *left* at an age (they can no longer do it), or *open* at their present age. The estimate is
the product-limit (Kaplan–Meier) one with Greenwood's variance; at equal ages what was done comes before what went out
of sight. Its interval is Wilson's with the number of people that would carry the same variance: where nobody is out of
sight, both are exactly the plain share and the plain Wilson interval.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import sqrt

Z95 = 1.959963984540054
ROUNDING = 1e-12  # a half reached in many small steps is still a half


@dataclass(frozen=True, slots=True)
class Ages:
    """Counts of people by age in days: who has done it, who left before, who is still open."""

    done: Mapping[int, int] = field(default_factory=dict)
    left: Mapping[int, int] = field(default_factory=dict)
    open: Mapping[int, int] = field(default_factory=dict)

    @property
    def n(self) -> int:
        return sum(self.done.values()) + sum(self.left.values()) + sum(self.open.values())

    @property
    def done_n(self) -> int:
        return sum(self.done.values())

    def done_by(self, day: int) -> int:
        return sum(n for age, n in self.done.items() if age <= day)

    def waiting(self, day: int) -> int:
        """People who can still do it and have not had `day` days."""
        return sum(n for age, n in self.open.items() if age < day)

    def watched(self, day: int) -> int:
        """People who were in sight for `day` days and had not done it by then."""
        late = sum(n for age, n in self.done.items() if age > day)
        out = sum(n for age, n in self.left.items() if age >= day)
        return late + out + sum(n for age, n in self.open.items() if age >= day)


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """The share that will have done it by `day`, with its 95 % interval."""

    day: int
    share: float
    interval: Interval


def wilson(done: float, n: float) -> Interval:
    """Wilson's 95 % interval for `done` of `n`; everything is possible where n is 0."""
    if n <= 0:
        return Interval(0.0, 1.0)
    share, z2 = done / n, Z95 * Z95
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return Interval(max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share)))


@dataclass(frozen=True, slots=True)
class _Step:
    """The curve from this age on: the share still to do it, and Greenwood's sum."""

    age: int
    still: float
    greenwood: float


def _steps(ages: Ages) -> Iterator[_Step]:
    at_risk, still, greenwood = ages.n, 1.0, 0.0
    for age in sorted({*ages.done, *ages.left, *ages.open}):
        done = ages.done.get(age, 0)
        if done:
            still = 0.0 if done == at_risk else still * (1 - done / at_risk)
            greenwood += done / (at_risk * (at_risk - done)) if done < at_risk else 0.0
            yield _Step(age, still, greenwood)
        at_risk -= done + ages.left.get(age, 0) + ages.open.get(age, 0)


def estimate(ages: Ages, day: int) -> Estimate:
    """The share done by `day`; read `supported` first, because a curve always has a value."""
    last = _Step(0, 1.0, 0.0)
    for step in _steps(ages):
        if step.age > day:
            break
        last = step
    return Estimate(day, 1 - last.still, _interval(ages, last, day))


def _interval(ages: Ages, step: _Step, day: int) -> Interval:
    done = 1 - step.still
    return wilson(done * (alike := _alike(ages, step, day)), alike)


def _alike(ages: Ages, step: _Step, day: int) -> float:
    """How many people, all seen to the end, would carry the same variance; at 0 and 1 those whose fate is known."""
    if 0 < step.still < 1:
        return (1 - step.still) / (step.still * step.greenwood)  # p(1-p)/n = (1-p)² · greenwood, solved for n
    return ages.done_by(day) + ages.watched(day)


def supported(ages: Ages, day: int, *, minimum: int) -> bool:
    """Whether the share by `day` rests on observation rather than on a guess.

    At least `minimum` people's fate by that day must be known; and either nobody is still waiting for their day, or
    at least `minimum` who had not done it were watched to the end.
    """
    watched = ages.watched(day)
    if ages.done_by(day) + watched < minimum:
        return False
    return ages.waiting(day) == 0 or watched >= minimum


@dataclass(frozen=True, slots=True)
class Median:
    """Days until half have done it; `high` None means the data do not bound it."""

    days: int
    low: int
    high: int | None


def median(ages: Ages) -> Median | None:
    """None while fewer than half are known to do it."""
    days = low = high = None
    for step in _steps(ages):
        interval = _interval(ages, step, step.age)
        if low is None and interval.high >= 0.5 - ROUNDING:
            low = step.age
        if days is None and step.still <= 0.5 + ROUNDING:
            days = step.age
        if high is None and interval.low >= 0.5:
            high = step.age
    return None if days is None or low is None else Median(days, low, high)
