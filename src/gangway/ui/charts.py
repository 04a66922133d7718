"""Where the marks of a chart stand. Pure: figures in, percentages and points out; the macros draw them.

Bars, funnels and the Gantt are tables whose cells hold a small SVG measured in per cent, so that labels wrap, links
work and a screen reader meets a table. Only the line chart has a drawing of its own, with its table below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 44, 92, 12, 28


@dataclass(frozen=True)
class Mark:
    """A stretch of a row, in per cent of its width."""

    start: float
    width: float


@dataclass(frozen=True)
class Point:
    """One figure over time with the interval it may lie in. ``label`` is what stands below it."""

    label: str
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curve:
    """A drawn line: SVG point lists, ticks as (y, value), labels as (x, text, anchor)."""

    line: str
    band: str
    ticks: list[tuple[float, float]]
    labels: list[tuple[float, str]]
    end: tuple[float, float]
    target: float | None


@dataclass(frozen=True, kw_only=True)
class Span:
    """A row of the Gantt. ``state`` is a state of evidence; ``forecast`` where it will end if nothing changes."""

    label: str
    start: date
    end: date
    sprint: int
    state: str = "unproven"
    href: str = ""
    owner: str = ""
    group: str = ""
    done: float = 0.0
    forecast: date | None = None


def share(value: float, whole: float) -> float:
    """``value`` of ``whole`` in per cent, between 0 and 100; nothing of nothing is 0."""
    return round(min(max(value / whole, 0.0), 1.0) * 100, 2) if whole > 0 else 0.0


def largest(rows: Sequence[Sequence[float | str]]) -> float:
    """The largest figure of (label, figure, …) rows; 1 where there is none above 0."""
    figures = [float(row[1]) for row in rows]
    top = max(figures, default=0.0)
    return top if top > 0 else 1.0


def mark(start: date, end: date, first: date, last: date) -> Mark:
    """The days from ``start`` through ``end`` on a scale from ``first`` through ``last``, cut at both ends."""
    days = (last - first).days + 1
    begin = share((start - first).days, days)
    finish = share((end - first).days + 1, days)
    return Mark(start=begin, width=round(max(finish - begin, 0.0), 2))


def curve(points: Sequence[Point], top: float, target: float | None = None) -> Curve:
    """A line through ``points`` on a scale from 0 to ``top``, with its interval as a band."""
    along = [_x(index, len(points)) for index in range(len(points))]
    highs = [
        (x, _y(point.value if point.high is None else point.high, top)) for x, point in zip(along, points, strict=True)
    ]
    lows = [
        (x, _y(point.value if point.low is None else point.low, top)) for x, point in zip(along, points, strict=True)
    ]
    line = [(x, _y(point.value, top)) for x, point in zip(along, points, strict=True)]
    banded = any(point.high is not None or point.low is not None for point in points)
    every = max(1, -(-len(points) // 7))
    return Curve(
        line=_points(line),
        band=_points([*highs, *reversed(lows)]) if banded else "",
        ticks=[(_y(top * part / 4, top), top * part / 4) for part in range(5)],
        labels=[
            (x, point.label) for index, (x, point) in enumerate(zip(along, points, strict=True)) if index % every == 0
        ],
        end=line[-1] if line else (LEFT, HEIGHT - BOTTOM),
        target=None if target is None else _y(target, top),
    )


def _x(index: int, count: int) -> float:
    room = WIDTH - LEFT - RIGHT
    return round(LEFT + (room / 2 if count < 2 else room * index / (count - 1)), 1)


def _y(value: float, top: float) -> float:
    room = HEIGHT - TOP - BOTTOM
    return round(TOP + room * (1 - min(max(value / top, 0.0), 1.0)), 1) if top > 0 else HEIGHT - BOTTOM


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
