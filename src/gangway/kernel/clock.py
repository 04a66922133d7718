"""The only place that reads the system clock. Surfaces and jobs ask here and hand `now` down."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)
