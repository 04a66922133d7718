"""Instants as SAML writes them: xs:dateTime in UTC (saml-core-2.0, 1.3.3)."""

import re
from datetime import UTC, datetime

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,12}))?(?:Z|[+-]00:00)")


class NoInstant(ValueError):
    """What stands there is no time."""


def instant(text: str) -> datetime:
    """The instant a text names; NoInstant where it names none, or one of another zone."""
    found = _INSTANT.fullmatch(text.strip())
    if found is None:
        raise NoInstant(text[:40])
    try:
        whole = datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError as error:
        raise NoInstant(text[:40]) from error
    return whole.replace(microsecond=int((found[2] or "0").ljust(6, "0")[:6]))


def written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
