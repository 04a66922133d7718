"""The worker's rounds of messaging: due letters go out (`sending`), what came back is collected (`returns`)."""

from gangway.messaging.jobs.returns import collect_returns
from gangway.messaging.jobs.sending import send_due

__all__ = ["collect_returns", "send_due"]
