"""A wiring with criteria whose facts a test turns on and off: the plan's own, and two that read a dictionary."""

from datetime import datetime, timedelta
from typing import Any

from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.rollout.plans import evidence

FACTS: dict[str, Any] = {}


def fact(asking: Asking) -> Finding:
    """What the test says; raises what the test wants raised."""
    if "raises" in FACTS:
        raise FACTS["raises"]
    value: int = FACTS.get("value", 0)
    newest: datetime | None = FACTS.get("newest_at")
    wanted = asking.number("minimum", 1)
    return Finding(
        holds=value >= wanted, value=value, n=FACTS.get("n", value), words=f"{value} seen.", newest_at=newest
    )


REACTIONS = ()
CRON = ()
CRITERIA = (
    *evidence.CRITERIA,
    Criterion(key="catalog.courses_published", words="{minimum} courses", query=fact, minimum_n=2),
    Criterion(key="portal.fresh", words="fresh", query=fact, freshness=timedelta(days=7), depends_on=("a.b.c.v1",)),
)
