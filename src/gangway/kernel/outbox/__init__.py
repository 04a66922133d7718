"""The outbox: a log of facts. See data-model.md, "Events, jobs, outside world"."""

from gangway.kernel.outbox.publish import publish, publish_all
from gangway.kernel.wiring import Fact, Reaction

__all__ = ["Fact", "Reaction", "publish", "publish_all"]
