"""From counts to a figure, from a figure to a verdict. A verdict is computed, never set."""

from dataclasses import dataclass
from enum import StrEnum

from gangway.insights.rules.definitions import MINIMUM_N, Kind, Kpi
from gangway.insights.rules.survival import Ages, Interval, estimate, median, supported, wilson
from gangway.kernel.said import said


class Verdict(StrEnum):
    MET = "met"
    ON_TRACK = "on track"
    AT_RISK = "at risk"
    NOT_MEASURABLE = "not measurable yet"


VERDICT_WORDS = {
    Verdict.MET: said("met"),
    Verdict.ON_TRACK: said("on track"),
    Verdict.AT_RISK: said("at risk"),
    Verdict.NOT_MEASURABLE: said("not measurable yet"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """What can be said about one KPI of one scope.

    value: a share 0…1 or days; None where nothing may be said. numerator: how many have done it until now. n: how
    many count. estimated: some are still waiting for their days, and the value foresees them. waiting: how many.
    verdict: None where the KPI has no target.
    """

    kpi: Kpi
    value: float | None
    numerator: int
    n: int
    interval: Interval | None
    estimated: bool
    waiting: int
    verdict: Verdict | None


def figure(kpi: Kpi, ages: Ages) -> Figure:
    match kpi.kind:
        case Kind.SO_FAR:
            return _so_far(kpi, ages)
        case Kind.BY_HORIZON:
            return _by_horizon(kpi, ages)
        case Kind.MEDIAN:
            return _median(kpi, ages)


def _so_far(kpi: Kpi, ages: Ages) -> Figure:
    done, n = ages.done_n, ages.n
    known = n >= MINIMUM_N
    return Figure(
        kpi=kpi,
        value=done / n if known else None,
        numerator=done,
        n=n,
        interval=wilson(done, n) if known else None,
        estimated=False,
        waiting=ages.waiting(kpi.settles_days),
        verdict=judge(kpi, ages),
    )


def _by_horizon(kpi: Kpi, ages: Ages) -> Figure:
    day = kpi.settles_days
    known = supported(ages, day, minimum=MINIMUM_N)
    reading = estimate(ages, day)
    return Figure(
        kpi=kpi,
        value=reading.share if known else None,
        numerator=ages.done_by(day),
        n=ages.n,
        interval=reading.interval if known else None,
        estimated=ages.waiting(day) > 0,
        waiting=ages.waiting(day),
        verdict=judge(kpi, ages),
    )


def _median(kpi: Kpi, ages: Ages) -> Figure:
    reading = median(ages) if ages.n >= MINIMUM_N else None
    bounded = reading is not None and reading.high is not None
    return Figure(
        kpi=kpi,
        value=float(reading.days) if reading else None,
        numerator=ages.done_n,
        n=ages.n,
        interval=Interval(float(reading.low), float(reading.high or 0)) if reading and bounded else None,
        estimated=ages.waiting(reading.days) > 0 if reading else False,
        waiting=ages.waiting(kpi.settles_days),
        verdict=None,
    )


def judge(kpi: Kpi, ages: Ages) -> Verdict | None:
    """Met: already more than the target, whatever the others do. On track or at risk: what we expect when everybody
    has had their days. Not measurable yet: too few people, or too few who were watched long enough; so a programme
    of 21 days can never fail a KPI of 30."""
    if kpi.target is None:
        return None
    day = kpi.settles_days
    done = ages.done_n if kpi.kind is Kind.SO_FAR else ages.done_by(day)
    if ages.n < MINIMUM_N:
        return Verdict.NOT_MEASURABLE
    if done > kpi.target * ages.n:
        return Verdict.MET
    if not supported(ages, day, minimum=MINIMUM_N):
        return Verdict.NOT_MEASURABLE
    above = estimate(ages, day).share > kpi.target
    if ages.waiting(day) == 0:
        # Everybody had their days: nothing more is to come, except that people who left early count for neither side.
        return Verdict.MET if above else Verdict.AT_RISK
    return Verdict.ON_TRACK if above else Verdict.AT_RISK
