"""The K clock: K is the Monday of the kickoff week; week n is due on its Friday at 17:00 in the plan's zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

WEEKS = 12
DUE_WEEKDAY = 4  # Friday
DUE_TIME = time(17, 0)


def known_zone(name: str) -> bool:
    """True for an IANA zone of this machine."""
    return name in available_timezones()


def monday(day: date) -> date:
    """The Monday of the week that holds `day`."""
    return day - timedelta(days=day.weekday())


def k_day(kickoff_on: date, days: int) -> date:
    """K plus a number of days."""
    return monday(kickoff_on) + timedelta(days=days)


def week_starts_on(kickoff_on: date, week: int) -> date:
    """The Monday of week n (1-based)."""
    return k_day(kickoff_on, 7 * (week - 1))


def due_on(kickoff_on: date, week: int) -> date:
    """The Friday of week n."""
    return week_starts_on(kickoff_on, week) + timedelta(days=DUE_WEEKDAY)


def instant(day: date, at: time, zone: str) -> datetime:
    """A wall-clock time in a zone as UTC. In a gap the clock's old offset counts, in a fold the first pass."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def due_at(kickoff_on: date, week: int, zone: str) -> datetime:
    """When week n is due: Friday 17:00 by the plan's own clock, whatever summer time does in between."""
    return instant(due_on(kickoff_on, week), DUE_TIME, zone)


def local_day(now: datetime, zone: str) -> date:
    """The calendar day in the plan's zone."""
    return now.astimezone(ZoneInfo(zone)).date()


def week_of(kickoff_on: date, now: datetime, zone: str) -> int:
    """The week that runs now: 1 to 12; 0 or less before K, 13 or more after."""
    return (local_day(now, zone) - monday(kickoff_on)).days // 7 + 1


def shown_week(kickoff_on: date, now: datetime, zone: str) -> int:
    """The week a page opens with: the one that runs, or the nearest there is."""
    return min(max(week_of(kickoff_on, now, zone), 1), WEEKS)


def sprint_of(week: int) -> int:
    """Sprint 1 to 4: three weeks each."""
    return (week - 1) // 3 + 1
