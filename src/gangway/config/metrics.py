"""Numbers for Prometheus, read from the database at each scrape: the same whichever process answers."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from gangway.kernel.jobs import queries as jobs
from gangway.kernel.outbox import queries as outbox
from gangway.kernel.tenancy import scopes
from gangway.messaging import queries as messages


def exposition(now: datetime) -> bytes:
    """The text Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(House(now))
    with scopes.unscoped(scopes.Reason.METRICS):
        return generate_latest(registry)


class House(Collector):
    """Depth and lag of the outbox, failures, jobs and messages by state."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        yield from self._outbox()
        yield _by_label("gangway_jobs", "Jobs by state.", "state", dict(jobs.counts()))
        yield _by_label("gangway_messages", "Letters by state.", "state", dict(messages.counts_by_state()))

    def _outbox(self) -> Iterator[Metric]:
        health = outbox.health()
        oldest = health.oldest_unplaced_at
        lag = (self.now - oldest).total_seconds() if oldest else 0.0
        yield GaugeMetricFamily("gangway_outbox_unplaced", "Events without a position yet.", value=health.unplaced)
        yield GaugeMetricFamily("gangway_outbox_lag_seconds", "Age of the oldest of them.", value=max(0.0, lag))
        depth = {group.group: group.behind for group in health.groups}
        yield _by_label("gangway_outbox_depth", "Events a group of handlers has not read yet.", "group", depth)
        failures = GaugeMetricFamily("gangway_outbox_failures", "Failed reactions.", labels=("group", "state"))
        for group in health.groups:
            for state in ("retry", "held", "parked"):
                failures.add_metric((group.group, state), getattr(group, state))
        yield failures


def _by_label(name: str, words: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, words, labels=(label,))
    for key, value in sorted(values.items()):
        family.add_metric((key,), value)
    return family
