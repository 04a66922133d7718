"""For what a connection waits that is not open yet, and since when. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class WaitsFor(StrEnum):
    """What has to happen next, and by whom: IT gives the values, tries, mends what failed, proves a domain; the
    partner's admin says yes; or everything is there, and somebody opens it."""

    VALUES = "values"
    TRY = "try"
    MENDING = "mending"
    DNS = "dns"
    ADMIN = "admin"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Waiting:
    """`since`: when what came before it was done."""

    what: WaitsFor
    since: datetime


@dataclass(frozen=True, slots=True)
class Tried:
    at: datetime
    passed: bool


def waits_for(
    *,
    made_at: datetime,
    signs_in: bool,
    told_at: datetime | None,
    tried: Tried | None,
    proven: bool,
    asked_zones: Sequence[datetime],
) -> Waiting:
    """For what a draft waits. told_at: when IT said who its provider is; proven: the partner has a mail domain;
    asked_zones: since when its zones are looked into for the proof of one.

    Without a proven domain it may be opened by the admin alone, so it waits for the zone where one is on its way, and
    else for the admin (actions.open_tried).
    """
    ready = made_at
    if signs_in:
        if told_at is None:
            return Waiting(WaitsFor.VALUES, made_at)
        if tried is None:
            return Waiting(WaitsFor.TRY, told_at)
        if not tried.passed:
            return Waiting(WaitsFor.MENDING, tried.at)
        ready = tried.at
    if proven:
        return Waiting(WaitsFor.OPENING, ready)
    if asked_zones:
        return Waiting(WaitsFor.DNS, max(ready, min(asked_zones)))
    return Waiting(WaitsFor.ADMIN, ready)
