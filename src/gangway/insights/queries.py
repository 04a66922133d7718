"""Reads of insights: the figures of the open scope, from counts alone, in a constant number of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet, Sum

from gangway.insights.models import Baseline, CohortBin, CohortSize, FunnelCount, Journey
from gangway.insights.rules.definitions import BY_KEY, KPIS, VERSION_OF, Kpi, Measure
from gangway.insights.rules.figures import VERDICT_WORDS, Figure, Verdict, figure
from gangway.insights.rules.journeys import EVER, EVERYBODY, Exit, Stage, of_partner
from gangway.insights.rules.journeys import Funnel as Funnel
from gangway.insights.rules.survival import Ages, Interval
from gangway.insights.rules.words import funnel_sentences, funnel_words, sentence
from gangway.kernel.outbox.queries import health
from gangway.kernel.said import Said
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

__all__ = [
    "BY_KEY",
    "KPIS",
    "VERDICT_WORDS",
    "Kpi",
    "Verdict",
]  # words of rules/ that callers need with what they get here

GROUP = "insights"  # the group of handlers that keeps the counts


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """What a KPI was before the programme, as somebody said it."""

    value: float
    taken_on: date
    source: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class KpiRow:
    """One figure of one scope. value: a share 0…1 or days, None where nothing may be said."""

    kpi: Kpi
    value: float | None
    numerator: int
    n: int
    interval: Interval | None
    estimated: bool
    waiting: int
    verdict: Verdict | None
    sentence: Said
    baseline: BaselineRow | None
    as_of: datetime

    @property
    def key(self) -> str:
        return self.kpi.key


@dataclass(frozen=True, slots=True)
class CohortRow:
    """People whose clock began, or who were invited, on one day."""

    entry_on: date
    funnel: Funnel


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything the figures page and `gangway kpi` say. events_waiting: facts not counted yet."""

    as_of: datetime
    kpis: tuple[KpiRow, ...]
    funnel: Funnel
    funnel_parts: tuple[Said, ...]
    cohorts: tuple[CohortRow, ...]
    events_waiting: int

    @property
    def funnel_sentence(self) -> str:
        return funnel_words(self.funnel)


def figures(now: datetime) -> Figures:
    """The figures of the open scope: of one partner, a tree, a portfolio, or everybody (host)."""
    segments = _segments()
    by_day = _stages(segments)
    total = _total(by_day.values())
    return Figures(
        as_of=now,
        kpis=_kpis(segments, now),
        funnel=total,
        funnel_parts=tuple(funnel_sentences(total)),
        cohorts=tuple(CohortRow(day, by_day[day]) for day in sorted(by_day, reverse=True)),
        events_waiting=_events_waiting(),
    )


def kpis(now: datetime) -> tuple[KpiRow, ...]:
    """The KPIs of the open scope."""
    return _kpis(_segments(), now)


def kpi(key: str, now: datetime) -> KpiRow:
    """One KPI of the open scope; KeyError for a key that no definition has."""
    return {row.key: row for row in kpis(now)}[key]


def funnel() -> Funnel:
    """People of the open scope by stage."""
    rows = FunnelCount.objects.filter(scope__in=_segments()).values("stage").annotate(people=Sum("n")).order_by()
    return Funnel(**{row["stage"]: row["people"] for row in rows})


def funnels_of_partners() -> Mapping[UUID, Funnel]:
    """The funnel of each partner of the open scope that invited somebody, for the partner wall. Two statements."""
    names = {of_partner(partner.id): partner.id for partner in partners.list_partners()}
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    rows = FunnelCount.objects.filter(scope__in=names).values("scope", "stage").annotate(people=Sum("n"))
    for row in rows:
        found[names[row["scope"]]][row["stage"]] = row["people"]
    return {partner_id: Funnel(**counts) for partner_id, counts in found.items() if counts.get(Stage.INVITED)}


def baselines() -> Mapping[str, BaselineRow]:
    """The latest baseline of each KPI as it is defined now: of the open scope's partner, else of the programme."""
    subject = scopes.required().partner_id or getattr(partners.host_partner(), "id", None)
    rows = Baseline.objects.filter(partner_id=subject).select_related("definition").order_by("definition_id", "n")
    known = {(row.definition.key, row.definition.version): row for row in rows}
    meant = {kpi.key: known.get((kpi.key, kpi.version)) for kpi in KPIS}
    return {
        key: BaselineRow(row.value, row.taken_on, row.source, row.set_at)
        for key, row in meant.items()
        if row is not None
    }


def standing_still(
    *,
    clocks_after: datetime,
    clocks_until: datetime,
    came_in: bool | None,
    after: UUID | None = None,
    limit: int = 500,
) -> list[UUID]:
    """People of the open scope who have begun nothing, whose clock began in (clocks_after, clocks_until], in id order.

    came_in: only those who did or did not; None: both. Who left, or whose letter came back, is not among them.
    """
    rows = Journey.objects.filter(
        Q(bounced_at__isnull=True) | Q(sent_at__gte=F("bounced_at")) | Q(came_in_at__isnull=False),
        clock_at__gt=clocks_after,
        clock_at__lte=clocks_until,
        started_at__isnull=True,
        left_at__isnull=True,
    )
    if came_in is not None:
        rows = rows.filter(came_in_at__isnull=not came_in)
    if after is not None:
        rows = rows.filter(person_id__gt=after)
    return list(rows.order_by("person_id").values_list("person_id", flat=True)[:limit])


# ---------------------------------------------------------------- which counts


def _segments() -> list[str]:
    """The names under which the people of the open scope are counted."""
    scope = scopes.required()
    if scope.mode in (scopes.Mode.HOST, scopes.Mode.UNSCOPED):
        return [EVERYBODY]
    if scope.mode is scopes.Mode.ONE and scope.partner_id is not None:
        return [of_partner(scope.partner_id)]
    return [of_partner(partner.id) for partner in partners.list_partners()]


def _ages(segments: list[str], today: date) -> Mapping[Measure, Ages]:
    """Counts by age for every measure, in two statements; who is not gone is open at the age of their cohort."""
    by_exit: dict[str, dict[Measure, dict[int, int]]] = {exit_.value: defaultdict(dict) for exit_ in Exit}
    opened: dict[Measure, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    bins = _of(CohortBin.objects.filter(entry_on=EVER), segments)
    for row in bins.values("measure", "age_days", "exit").annotate(people=Sum("n")).order_by():
        if row["people"]:
            by_exit[row["exit"]][Measure(row["measure"])][row["age_days"]] = row["people"]
    sizes = _of(CohortSize.objects.all(), segments)
    for row in sizes.values("measure", "entry_on").annotate(people=Sum("n") - Sum("gone")).order_by():
        if row["people"]:
            opened[Measure(row["measure"])][max(0, (today - row["entry_on"]).days)] += row["people"]
    done, left = by_exit[Exit.EVENT.value], by_exit[Exit.LEFT.value]
    return {measure: Ages(done[measure], left[measure], opened[measure]) for measure in Measure}


def _of(rows: QuerySet[Any], segments: list[str]) -> QuerySet[Any]:
    """The rows of these scopes, in the version that the code means."""
    meant = reduce(or_, (Q(measure=measure, version=version) for measure, version in VERSION_OF.items()))
    return rows.filter(meant, scope__in=segments)


def _kpis(segments: list[str], now: datetime) -> tuple[KpiRow, ...]:
    ages = _ages(segments, now.date())
    known = baselines()
    return tuple(_row(figure(kpi, ages[kpi.measure]), known.get(kpi.key), now) for kpi in KPIS)


def _row(found: Figure, baseline: BaselineRow | None, now: datetime) -> KpiRow:
    return KpiRow(
        kpi=found.kpi,
        value=found.value,
        numerator=found.numerator,
        n=found.n,
        interval=found.interval,
        estimated=found.estimated,
        waiting=found.waiting,
        verdict=found.verdict,
        sentence=sentence(found),
        baseline=baseline,
        as_of=now,
    )


def _stages(segments: list[str]) -> dict[date, Funnel]:
    by_day: dict[date, dict[str, int]] = defaultdict(dict)
    rows = FunnelCount.objects.filter(scope__in=segments).values("entry_on", "stage").annotate(people=Sum("n"))
    for row in rows.order_by():
        if row["people"]:
            by_day[row["entry_on"]][row["stage"]] = row["people"]
    return {day: Funnel(**counts) for day, counts in by_day.items()}


def _total(funnels: Iterable[Funnel]) -> Funnel:
    total: dict[str, int] = defaultdict(int)
    for one in funnels:
        for stage, n in one.counts().items():
            total[stage] += n
    return Funnel(**total)


def _events_waiting() -> int:
    """How many facts are written but not counted yet."""
    state = health()
    ours = [group for group in state.groups if group.group == GROUP]
    return state.unplaced + sum(group.behind + group.retry + group.held + group.parked for group in ours)


# ---------------------------------------------------------------- as a document


def document(found: Figures, partner: str | None = None) -> dict[str, Any]:
    """What `gangway kpi --json` prints: every number with what it rests on."""
    return {
        "as_of": found.as_of,
        "partner": partner,
        "events_waiting": found.events_waiting,
        "kpis": [_kpi_document(row) for row in found.kpis],
        "funnel": {**found.funnel.counts(), "sentence": found.funnel_sentence},
    }


def _kpi_document(row: KpiRow) -> dict[str, Any]:
    return {
        "key": row.kpi.key,
        "version": row.kpi.version,
        "title": row.kpi.title,
        "unit": row.kpi.unit.value,
        "value": row.value,
        "numerator": row.numerator,
        "n": row.n,
        "interval": [row.interval.low, row.interval.high] if row.interval else None,
        "estimated": row.estimated,
        "waiting": row.waiting,
        "target": row.kpi.target,
        "verdict": row.verdict.value if row.verdict else None,
        "sentence": str(row.sentence),
        "baseline": {"value": row.baseline.value, "taken_on": row.baseline.taken_on, "source": row.baseline.source}
        if row.baseline
        else None,
        "as_of": row.as_of,
    }
