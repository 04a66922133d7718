"""Criteria over the figures. A KPI that cannot be measured yet proves nothing."""

from datetime import timedelta

from django.urls import reverse

from gangway.credentials.events import AwardIssued
from gangway.identity.events import PersonSignedIn
from gangway.insights import queries
from gangway.insights.events import BaselineSet
from gangway.insights.queries import BY_KEY, KPIS, VERDICT_WORDS, KpiRow, Verdict
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import N_, Said, content, said, together
from gangway.learning.events import CourseCompleted
from gangway.messaging.events import MessageSent

TARGETED = tuple(kpi for kpi in KPIS if kpi.target is not None)
GREEN = (Verdict.MET, Verdict.ON_TRACK)


def baselines_stored(asking: Asking) -> Finding:
    """Every KPI with a target, or at least `minimum` of all, has a baseline of the whole programme."""
    known = queries.baselines()
    wanted = asking.number("minimum", len(TARGETED))
    titles = [content(BY_KEY[key].title) for key in sorted(known)]
    text, none = N_("{n} of {m} KPIs have a baseline: {keys}."), N_("None of {m} KPIs has a baseline.")
    return Finding(
        holds=len(known) >= wanted,
        value=len(known),
        n=len(known),
        words=said(text if known else none, n=len(known), m=len(KPIS), keys=titles),
        newest_at=max((row.set_at for row in known.values()), default=None),
        breaks=said("A KPI gets a new version, for which nothing was recorded yet."),
        link=reverse("insights:figures"),
    )


def kpis_run(asking: Asking) -> Finding:
    """The query of every KPI runs. "Not measurable yet" is an answer too: this is due before anybody was let in."""
    rows = queries.kpis(asking.now)
    measured = [row for row in rows if row.value is not None]
    return Finding(
        holds=len(rows) == len(KPIS),
        value=len(rows),
        n=len(KPIS),
        words=said(
            "{n} of {m} queries ran; {measured} of the KPIs can be measured today.",
            n=len(rows),
            m=len(KPIS),
            measured=len(measured),
        ),
        newest_at=asking.now,
        breaks=said("A query fails."),
        link=reverse("insights:figures"),
    )


def on_target(asking: Asking) -> Finding:
    """Every KPI with a target is met or on track."""
    rows = [row for row in queries.kpis(asking.now) if row.kpi in TARGETED]
    green = [row for row in rows if row.verdict in GREEN]
    return Finding(
        holds=len(green) == len(rows),
        value=len(green),
        n=min((row.n for row in rows), default=0),
        words=together(*(sentence for row in rows for sentence in (_verdict(row), row.sentence))),
        newest_at=asking.now,
        breaks=said("A figure falls to its target or below."),
        link=reverse("insights:figures"),
    )


def _verdict(row: KpiRow) -> Said:
    verdict = VERDICT_WORDS[row.verdict] if row.verdict else said("without a target")
    return said("{figure}: {verdict}.", figure=content(row.kpi.title), verdict=verdict)


def funnel_live(asking: Asking) -> Finding:
    """Every partner that invited people has somebody who came in."""
    funnels = queries.funnels_of_partners()
    untouched = sum(1 for funnel in funnels.values() if funnel.came_in == 0)
    return Finding(
        holds=bool(funnels) and untouched == 0,
        value=len(funnels) - untouched,
        n=len(funnels),
        words=said(
            "{n} of {m} launched partners have somebody who came in.", n=len(funnels) - untouched, m=len(funnels)
        ),
        newest_at=asking.now,
        breaks=said("A partner is launched of which nobody comes in."),
        link=reverse("insights:figures"),
    )


_COUNTED = (MessageSent.name, PersonSignedIn.name, CourseCompleted.name, AwardIssued.name)

CRITERIA = (
    Criterion(
        key="insights.baselines_stored",
        words="At least {minimum} KPIs have a baseline on record",
        query=baselines_stored,
        depends_on=(BaselineSet.name,),
        defaults={"minimum": len(TARGETED)},
    ),
    Criterion(
        key="insights.kpis_run",
        words="Every KPI has a query that runs",
        query=kpis_run,
        freshness=timedelta(days=2),
    ),
    Criterion(
        key="insights.on_target",
        words="Activation and completion are met, or on track",
        query=on_target,
        minimum_n=5,
        freshness=timedelta(days=2),
        depends_on=_COUNTED,
    ),
    Criterion(
        key="insights.funnel_live",
        words="Every launched partner has a funnel, and none is untouched",
        query=funnel_live,
        freshness=timedelta(days=2),
        depends_on=_COUNTED,
    ),
)
