"""Marks stay on the paper, whatever the figures."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.ui import charts

figures = st.floats(-1e9, 1e9, allow_nan=False)
days = st.integers(-400, 400).map(lambda n: date(2026, 3, 2) + timedelta(days=n))
FIRST, LAST = date(2026, 3, 2), date(2026, 5, 24)


@given(figures, figures)
def test_a_share_is_between_nothing_and_all(value: float, whole: float) -> None:
    assert 0 <= charts.share(value, whole) <= 100


def test_a_share_of_nothing_is_nothing() -> None:
    assert charts.share(3, 0) == 0
    assert charts.share(1, 4) == 25


@given(days, days)
def test_a_span_stays_within_the_plan(one: date, other: date) -> None:
    start, end = sorted((one, other))
    mark = charts.mark(start, end, FIRST, LAST)
    assert 0 <= mark.start <= 100
    assert mark.width >= 0
    assert mark.start + mark.width <= 100.01


@given(days)
def test_a_day_of_the_plan_can_be_seen(on: date) -> None:
    width = charts.mark(on, on, FIRST, LAST).width
    assert (width > 0) == (FIRST <= on <= LAST)


def test_the_whole_plan_is_the_whole_width() -> None:
    assert charts.mark(FIRST, LAST, FIRST, LAST) == charts.Mark(start=0, width=100)
    week_seven = charts.mark(date(2026, 4, 13), date(2026, 4, 19), FIRST, LAST)
    assert week_seven == charts.Mark(start=50, width=8.33)


@given(st.lists(st.tuples(figures, figures, figures), max_size=40), st.floats(0, 1e6))
def test_a_curve_stays_on_its_paper(rows: list[tuple[float, float, float]], top: float) -> None:
    points = [charts.Point(label=str(n), value=row[0], low=row[1], high=row[2]) for n, row in enumerate(rows)]
    drawn = charts.curve(points, top, target=top / 2)
    for pair in (drawn.line + " " + drawn.band).split():
        x, y = map(float, pair.split(","))
        assert charts.LEFT <= x <= charts.WIDTH - charts.RIGHT
        assert charts.TOP <= y <= charts.HEIGHT - charts.BOTTOM
    assert len(drawn.line.split()) == len(points)
    assert len(drawn.labels) <= 7


def test_higher_figures_stand_higher() -> None:
    drawn = charts.curve([charts.Point("a", 0.2), charts.Point("b", 0.9)], 1.0)
    (_, low), (_, high) = (tuple(map(float, pair.split(","))) for pair in drawn.line.split())
    assert high < low
    assert drawn.band == ""


def test_the_largest_of_nothing_is_one() -> None:
    assert charts.largest([]) == charts.largest([("a", 0)]) == 1
    assert charts.largest([("a", 3), ("b", 7.5)]) == 7.5
