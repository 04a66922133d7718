"""Which ways in people have really come by, of those that the partner types propose. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class Way(StrEnum):
    """A way in that a type proposes: its first, or the code by mail that stands in for it."""

    COMPANY = "company"
    PORTAL = "portal"
    MAIL = "mail"
    BESIDE = "beside"  # the code by mail, where another way is the first


@dataclass(frozen=True, slots=True)
class Came:
    """How people of one partner came in. company, portal: by that for the first time; mail: by a code or a link for the
    last time. None: nobody has."""

    type_key: str
    company: datetime | None = None
    portal: datetime | None = None
    mail: datetime | None = None

    def by(self, way: Way, first: Way) -> bool:
        """Whether somebody came by it. A code stands in for another way only where that one is in use: before, it was
        simply how people came in."""
        if way is Way.BESIDE:
            since = self.company if first is Way.COMPANY else self.portal
            return since is not None and self.mail is not None and self.mail > since
        return {Way.COMPANY: self.company, Way.PORTAL: self.portal, Way.MAIL: self.mail}[way] is not None


def proposed(primary: str, fallback: str) -> tuple[Way, ...]:
    """The ways in of a type, the first first. Where that is a code by mail nothing stands in for it."""
    first = Way(primary)
    return (first, Way.BESIDE) if first is not Way.MAIL and fallback == Way.MAIL else (first,)


def unproven(ways: tuple[Way, ...], came: Iterable[Came]) -> tuple[Way, ...]:
    """Those of a type's ways by which nobody came, at none of its partners."""
    rows = list(came)
    return tuple(way for way in ways if not any(row.by(way, ways[0]) for row in rows))


@dataclass(frozen=True, slots=True)
class HeldLeaver:
    """Somebody whose directory said they are gone while its breaker was open. out_at None: they still come in."""

    person_id: UUID
    said_at: datetime
    out_at: datetime | None

    def waited(self, now: datetime) -> timedelta:
        return (self.out_at or now) - self.said_at
