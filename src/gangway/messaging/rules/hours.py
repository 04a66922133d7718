"""Hours at which people may be disturbed: 08:00 to 20:00 where they are. Pure."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

MORNING = time(8)
EVENING = time(20)


def is_daytime(at: datetime, zone: str) -> bool:
    """Whether the clocks of an IANA zone show a time from 08:00 and before 20:00 at this instant."""
    return MORNING <= at.astimezone(ZoneInfo(zone)).time() < EVENING


def next_daytime(at: datetime, zone: str) -> datetime:
    """The instant itself where it lies in the zone's day, else the next 08:00 there, in UTC.

    Where clocks are put forward over 08:00 it is the same distance behind the gap; where they are put back over it,
    each of the two mornings counts.
    """
    if is_daytime(at, zone):
        return at
    today = at.astimezone(ZoneInfo(zone)).date()
    for days in range(4):  # Samoa once skipped a whole day
        for fold in (0, 1):
            there = datetime.combine(today + timedelta(days=days), MORNING, ZoneInfo(zone)).replace(fold=fold)
            morning = there.astimezone(UTC)
            if morning >= at and is_daytime(morning, zone):
                return morning
    raise AssertionError(f"no morning within four days in {zone}")
