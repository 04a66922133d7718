"""Invented samples for the styleguide: every component in every state, with long names, no data, and Arabic."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import mark_safe

from gangway.kernel.lists import BulkAction, Column, Filter, ListSpec, Page, Row
from gangway.ui.brand import DEFAULT_ACCENT, NotAColour, normal, palette
from gangway.ui.charts import Point, Span
from gangway.ui.shell import Account, Brand, Group, Item, Kind, Shell

KINDS: tuple[Kind, ...] = ("portal", "desk", "console", "plain")
LONG_NAME = "Maximiliane Freifrau von Hohenstein-Württemberg zu Langenburg"
WHEN = datetime(2026, 5, 3, 14, 2, tzinfo=UTC)
MONDAY = date(2026, 3, 2)
ACCENTS = ("#3b4fd1", "#0e7c66", "#e4002b", "#ffd400", "#111111", "#00a3e0", "#f4f4f4")


def dress(request: HttpRequest, kind: str) -> None:
    """Give this request a sample shell, and the theme, direction and accent its address asks for."""
    asked: Any = request
    try:
        accent = normal(request.GET.get("accent", DEFAULT_ACCENT))
    except NotAColour:
        accent = DEFAULT_ACCENT
    asked.ui_shell = _shell(kind, accent)
    if request.GET.get("theme") in ("light", "dark"):
        asked.ui_theme = request.GET["theme"]
    if request.GET.get("dir") in ("ltr", "rtl"):
        asked.ui_direction = request.GET["dir"]


def context(kind: str) -> dict[str, Any]:
    """What the page of this kind shows."""
    return {
        "accents": [(accent, palette(accent)) for accent in ACCENTS],
        "long_name": LONG_NAME,
        "when": WHEN,
        "page": _list(_ROWS),
        "empty_page": _list((), noun=("partner", "partners")),
        "no_match": _list((), query="zzz", noun=("course", "courses")),
        "points": _POINTS,
        "spans": _SPANS,
        "first": MONDAY,
        "last": MONDAY + timedelta(days=83),
        "today": MONDAY + timedelta(days=31),
        "sprints": [
            (name, MONDAY + timedelta(days=21 * n), MONDAY + timedelta(days=21 * n + 20))
            for n, name in enumerate(("Discovery", "Content", "Pilot", "Rollout"))
        ],
        "weeks": [(str(n + 1), MONDAY + timedelta(days=7 * n)) for n in range(12)],
        "sentence": mark_safe("<b>29 of 41</b> came in; <b>7</b> never got the letter; <b>5</b> have not looked."),
        "kinds": KINDS,
    }


def _shell(kind: str, accent: str) -> Shell:
    places = {
        "portal": [
            ("Home", "house", ""),
            ("Courses", "book-open", ""),
            ("Certificates", "award", ""),
            ("Help", "life-buoy", ""),
        ],
        "desk": [("Home", "house", ""), ("Team", "users", ""), ("Tier", "trophy", ""), ("Connection", "plug", "")],
        "console": [("Today", "layout-dashboard", "t"), ("Plan", "list-checks", "p"), ("Partners", "handshake", "w")],
        "plain": [],
    }[kind]
    items = [
        Item(
            label=words,
            url=f"/styleguide/{kind}#{icon}",
            icon=icon,
            key=key,
            current=n == 0,
            count=3 if n == 1 else None,
        )
        for n, (words, icon, key) in enumerate(places)
    ]
    groups = [Group(items=items)]
    if kind == "console":
        groups.append(Group(label="Learning", items=[Item(label="Courses", url="#courses", icon="book-open", key="c")]))
    return Shell(
        brand=Brand(
            name="Nordwind Systems" if kind != "console" else "Acme Cloud", accent=accent, vendor="with Acme Cloud"
        ),
        groups=groups,
        account=None
        if kind == "plain"
        else Account(name="Ana Lindqvist", detail="Nordwind Systems", sign_out="#sign-out"),
        home=f"/styleguide/{kind}",
        footer=[Item(label="Privacy", url="#privacy"), Item(label="Help", url="#help")],
    )


_ROWS: tuple[tuple[str, str, Any, int, datetime | None], ...] = (
    ("Ana Lindqvist", "Nordwind", ("proven", "Signed in"), 3, WHEN),
    (LONG_NAME, "Südstern", ("decayed", "Bounced"), 0, None),
    ("ليلى حداد", "شركة النور", ("unproven", "Invited"), 0, None),
    ("Ben Okafor", "Nordwind", ("attested", "Vouched for"), 12345, WHEN),
)


def _list(rows: tuple[Any, ...], query: str = "", noun: tuple[str, str] = ("person", "people")) -> Page:
    def nobody(queryset: Any, value: str) -> Any:
        return queryset

    spec = ListSpec(
        key="sample.people",
        noun=noun,
        rows=lambda: None,  # type: ignore[arg-type, return-value]  # the sample brings its own rows
        columns=(
            Column("name", "Name", "person"),
            Column("partner", "Partner"),
            Column("state", "State", "state"),
            Column("lessons", "Lessons", "number"),
            Column("seen", "Last seen", "instant"),
        ),
        cells=lambda row: {},
        search=("name",),
        filters=(Filter("state", "State", (("bounced", "Bounced"), ("in", "Signed in")), nobody),),
        bulk=(BulkAction("remind", "Write a reminder", "ui:styleguide"),),
    )
    found = tuple(
        Row(str(n), {"name": a, "partner": b, "state": c, "lessons": d, "seen": e, "href": "#person"})
        for n, (a, b, c, d, e) in enumerate(rows)
    )
    return Page(
        spec=spec,
        rows=found,
        count=10_000 if rows else 0,
        counted_fully=not rows,
        next="abc" if rows else None,
        previous=None,
        query=query,
        chosen={"state": "bounced"} if rows or query else {},
    )


_POINTS = [
    Point(label=f"{day} d", value=share, low=max(share - spread, 0.0), high=min(share + spread, 1.0))
    for day, share, spread in (
        (0, 0.08, 0.02),
        (5, 0.24, 0.04),
        (10, 0.39, 0.05),
        (15, 0.47, 0.07),
        (20, 0.52, 0.09),
        (25, 0.55, 0.12),
        (30, 0.57, 0.16),
    )
]

_SPANS = [
    Span(
        label=label,
        start=MONDAY + timedelta(days=begin),
        end=MONDAY + timedelta(days=end),
        sprint=sprint,
        state=state,
        owner=owner,
        group=group,
        href="#milestone",
        done=done,
        forecast=MONDAY + timedelta(days=slip) if slip else None,
    )
    for label, begin, end, sprint, state, owner, group, done, slip in (
        ("Executive kickoff", 0, 4, 1, "proven", "Dee", "Stakeholders", 1.0, 0),
        ("Scope signed", 14, 18, 1, "attested", "Dee", "Stakeholders", 1.0, 0),
        ("Pilot kickoff calls", 42, 46, 3, "unproven", "Ben", "Stakeholders", 0.0, 0),
        ("Partner Essentials, version 1", 21, 32, 2, "unproven", "Mia", "Content", 0.6, 39),
        ("Content freeze and accessibility pass", 35, 39, 2, "unproven", "Mia", "Content", 0.0, 0),
        ("Mail domain answers for itself", 0, 4, 1, "decayed", "Jon", "Technical", 0.8, 0),
        ("Launch wave 1", 63, 67, 4, "unmeasurable", "Dee", "Technical", 0.0, 0),
    )
]
