"""Figures and times as people of a language write them."""

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone as zones
from django.utils import translation

from gangway.ui import words

WHEN = datetime(2026, 5, 3, 22, 30, tzinfo=UTC)


def test_an_instant_says_its_zone_and_keeps_its_machine_form() -> None:
    said = words.moment(WHEN, zone=ZoneInfo("Europe/Stockholm"))
    assert said.startswith('<time datetime="2026-05-03T22:30:00+00:00">4 May 2026, 00:30 ')
    assert said.endswith("00:30 CEST</time>")


def test_a_zone_without_a_name_is_said_by_its_distance() -> None:
    assert "04:15 UTC+5:45" in words.moment(WHEN, zone=timezone(timedelta(hours=5, minutes=45)))
    assert "01:30 UTC+3" in words.moment(WHEN, zone=ZoneInfo("Asia/Riyadh"))
    assert "19:30 UTC−3" in words.moment(WHEN, zone=ZoneInfo("America/Sao_Paulo"))


def test_dense_rows_name_the_zone_in_the_title() -> None:
    with zones.override(ZoneInfo("Asia/Riyadh")):
        said = words.brief(WHEN)
    assert said.endswith('title="4 May 2026, 01:30 UTC+3">4 May 2026, 01:30</time>')


def test_a_day_is_the_readers_day() -> None:
    with zones.override(ZoneInfo("Asia/Tokyo")):
        assert words.day(WHEN) == '<time datetime="2026-05-04">4 May 2026</time>'
    assert words.day(date(2026, 3, 1), year=False) == '<time datetime="2026-03-01">1 Mar</time>'


@pytest.mark.parametrize(
    ("language", "figure", "share"),
    [("en", "12,345", "46%"), ("de", "12.345", "46\u00a0%"), ("ar", "12,345", "46%")],
)
def test_figures(language: str, figure: str, share: str) -> None:
    with translation.override(language):
        plain = words.number(12345).translate(EASTERN)
        assert plain.replace("٬", ",") == figure
        assert (
            words.percent(0.463).translate(EASTERN).replace("٪", "%").replace("\u061c", "").replace("\u200e", "")
            == share
        )


EASTERN = {0x0660 + n: str(n) for n in range(10)}


def test_lists_of_names() -> None:
    assert words.listing([]) == ""
    assert words.listing(["Ana"]) == "Ana"
    assert words.listing(["Ana", "Ben", "Caz"]) == "Ana, Ben and Caz"
    with translation.override("ar"):  # two Latin names side by side would change places, and the “and” between them
        assert words.listing(["Silver: 1 / 10", "Gold"]) == "\u2068Silver: 1 / 10\u2069 و\u2068Gold\u2069"
        assert words.listing(["Ana"]) == "Ana"


def test_minutes() -> None:
    assert words.minutes(1) == "1 minute"
    assert words.minutes(12) == "12 minutes"


def test_an_unknown_language_falls_back() -> None:
    with translation.override("xx"):
        assert words.number(1234) == "1,234"
