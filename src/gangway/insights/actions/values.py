"""Values that somebody or something else brings: baselines by people, observations by other contexts."""

from datetime import date, datetime
from math import isfinite
from uuid import UUID

from django.db.models import Max

from gangway.insights.events import BaselineSet
from gangway.insights.models import Baseline, KpiDefinition, Observation
from gangway.insights.rules.definitions import BY_KEY, Kpi, Unit
from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.outbox import publish
from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_key, clean_line
from gangway.partners import queries as partners


@action("insights.baseline.set")
def set_baseline(*, kpi_key: str, value: float, taken_on: date, source: str, actor: Actor, now: datetime) -> UUID:
    """Record what a KPI was before the programme; at the host it speaks of everybody. An earlier line stays.

    value: a share 0…1, or days. taken_on: the day it was true, not after today. source: where it is from, in words.
    Refuses with Invalid.
    """
    kpi = _kpi(kpi_key)
    source = clean_line(source, "source")
    _check_value(kpi, value)
    if taken_on > now.date():
        raise Invalid(
            field="taken_on",
            problem="{taken_on} is still to come.",
            mend="A baseline is a prior value.",
            taken_on=taken_on,
        )
    definition = _definition(kpi, now)
    last = Baseline.objects.filter(definition=definition).aggregate(n=Max("n"))["n"] or 0
    row: Baseline = Baseline.objects.create(
        definition=definition, n=last + 1, value=value, taken_on=taken_on, source=source, set_at=now
    )
    audit.record(
        actor=actor,
        verb="insights.baseline.set",
        object_type="insights.baseline",
        object_id=row.pk,
        changes={"kpi": kpi.key, "version": kpi.version, "value": value, "taken_on": taken_on.isoformat()},
        changes_personal={"source": source},
        now=now,
    )
    publish(
        BaselineSet(baseline_id=row.pk, kpi_key=kpi.key, kpi_version=kpi.version, value=value),
        subject_id=definition.pk,
        actor=actor,
        now=now,
    )
    return row.pk


def _kpi(key: str) -> Kpi:
    if key not in BY_KEY:
        raise Invalid(
            field="kpi",
            problem="There is no KPI “{key}”.",
            mend="Choose one of {known}.",
            key=key[:40],
            known=list(BY_KEY),
        )
    return BY_KEY[key]


def _check_value(kpi: Kpi, value: float) -> None:
    if not isfinite(value) or value < 0:
        raise Invalid(field="value", problem="{value} is no prior value.", mend="Give a number from 0 on.", value=value)
    if kpi.unit is Unit.SHARE and value > 1:
        raise Invalid(
            field="value", problem="{value} is more than everybody.", mend="Give a share, such as 0.41.", value=value
        )


def _definition(kpi: Kpi, now: datetime) -> KpiDefinition:
    """The stored definition that the code means; stored when it is first used, and never changed."""
    host = partners.host_partner()
    if host is None:
        raise Invalid(field="kpi", problem="The vendor is not set up yet.", mend="Apply the first partner file.")
    row, _ = KpiDefinition.objects.get_or_create(
        owner_id=host.id,
        key=kpi.key,
        version=kpi.version,
        defaults={
            "title": kpi.title,
            "words": kpi.words,
            "unit": kpi.unit,
            "target": kpi.target,
            "first_used_at": now,
        },
    )
    return row


@action("insights.observation.record")
def record_observation(
    *,
    measure: str,
    value: float,
    observed_at: datetime,
    source: str,
    source_key: str,
    actor: Actor,
    now: datetime,
) -> bool:
    """Record one value that another context or system measured at the scope's partner.

    measure and source are keys; source_key makes it one: the same again changes nothing and returns False.
    Refuses with Invalid a value that is no number.
    """
    measure, source = clean_key(measure, "measure"), clean_key(source, "source")
    if not isfinite(value):
        raise Invalid(field="value", problem="{value} is no number.", mend="Send a finite number.", value=value)
    found: tuple[Observation, bool] = Observation.objects.get_or_create(
        measure=measure,
        source=source,
        source_key=clean_line(source_key, "source_key"),
        defaults={"value": value, "observed_at": observed_at, "recorded_at": now},
    )
    made = found[1]
    if made:
        audit.record(
            actor=actor,
            verb="insights.observation.record",
            object_type="insights.observation",
            object_id=f"{measure}/{source}/{source_key}"[:80],
            changes={"value": value},
            now=now,
        )
    return made
