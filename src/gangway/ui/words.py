"""How figures and times are said on a page, in the reader's language and zone. Each is a global and a filter."""

from datetime import date, datetime, timedelta, tzinfo

from babel import numbers
from django.utils import timezone
from django.utils.translation import ngettext
from markupsafe import Markup

from gangway.kernel import language
from gangway.kernel.language import direction, explain, language_name, listing, locale, number, say
from gangway.ui.brand import monogram

__all__ = [
    "brief",
    "day",
    "direction",
    "explain",
    "initials",
    "language_name",
    "listing",
    "minutes",
    "moment",
    "number",
    "percent",
    "say",
    "zone_name",
]


def day(value: date | datetime, *, year: bool = True) -> Markup:
    """``3 May 2026``; an instant is taken in the reader's zone."""
    on = timezone.localtime(value).date() if isinstance(value, datetime) else value
    words = language.day(on, year=year)
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), words)


def moment(value: datetime, *, zone: tzinfo | None = None, year: bool = True) -> Markup:
    """``3 May 2026, 14:02 CEST``: an instant always says its zone, because two people may read it."""
    zone = zone or timezone.get_current_timezone()
    local = value.astimezone(zone)
    return Markup('<time datetime="{}">{} {}</time>').format(
        value.isoformat(timespec="seconds"), _day_and_time(local, year), zone_name(local)
    )


def brief(value: datetime) -> Markup:
    """``3 May 2026, 14:02`` for dense rows, in the reader's zone, which its title names."""
    zone = timezone.get_current_timezone()
    local = value.astimezone(zone)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(timespec="seconds"), moment(value, zone=zone).striptags(), _day_and_time(local, True)
    )


def zone_name(local: datetime) -> str:
    """``CEST`` where the zone has letters of its own, else its distance: ``UTC+3``, ``UTC+5:45``."""
    letters = local.tzname() or ""
    if letters.isalpha():
        return letters
    minutes_east = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes_east), 60)
    return f"UTC{'−' if minutes_east < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")


def percent(share: float, *, digits: int = 0) -> str:
    """``0.46`` → ``46 %`` in the reader's spelling."""
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    spaced = pattern.replace("%", "\u00a0%") if "\u00a0" in locale().percent_formats[None].pattern else pattern
    return numbers.format_percent(share, format=spaced, locale=locale())


def minutes(count: int) -> str:
    """``12 minutes``."""
    return ngettext("%(n)s minute", "%(n)s minutes", count) % {"n": number(count)}


def capital(words: str) -> str:
    """``Partner IT``: the first letter large, the others as they are."""
    return words[:1].upper() + words[1:]


def initials(name: str) -> str:
    """The letters an avatar shows: of the first and the last word, in any script."""
    return monogram(name)


def _day_and_time(local: datetime, year: bool) -> str:
    """A day and its time by the clock of 24 hours, joined as the reader's language joins them."""
    time = f"{local:%H:%M}"
    return str(locale().datetime_formats["medium"]).format(time, language.day(local.date(), year=year)).replace("'", "")


ALL = (
    direction,
    language_name,
    say,
    explain,
    day,
    moment,
    brief,
    zone_name,
    number,
    percent,
    minutes,
    listing,
    capital,
    initials,
)
