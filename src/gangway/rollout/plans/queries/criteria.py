"""The registry of criteria: config/wiring.CRITERIA by key."""

from collections.abc import Mapping

from gangway.kernel.evidence import Criterion
from gangway.kernel.wiring import part


def registry() -> Mapping[str, Criterion]:
    """key → criterion. A key that a template uses and nobody registered stays unseen."""
    return {criterion.key: criterion for criterion in part("CRITERIA")}


def criteria_after(event_name: str) -> frozenset[str]:
    """The criteria to ask again after an event."""
    return frozenset(key for key, criterion in registry().items() if event_name in criterion.depends_on)
