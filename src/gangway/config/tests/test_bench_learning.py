"""`gangway bench learning` at a small size gives every figure; how big they are, the full run says."""

import pytest

from gangway.config import bench
from gangway.config.bench import learning, pages

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]  # no browser, but a real server


def test_a_small_run_gives_every_figure() -> None:
    report = bench.run_learning(rounds=2, batch=100, certificates=20)  # CPU is told in hundredths of a second
    print(f"\nbench learning: {report}")
    floor, bare, course, lesson = (cost["path"] for cost in report["pages"])
    assert (floor, bare, course) == (pages.FLOOR, learning.BARE, learning.COURSE)
    assert lesson.startswith(f"{learning.COURSE}/lessons/")
    assert all(cost["cpu_ms"] > 0 for cost in report["pages"])
    assert report["statements"][course] > report["statements"][bare] > report["statements"][floor] > 0
    assert [one["what"] for one in report["checks"]] == ["save an answer", "hand in"]
    assert report["first_visit"]["requests"] > 1
    assert report["first_visit"]["kilobytes"] > 1
    assert report["certificates"]["certificates"] == 20
    assert all(figure > 0 for figure in report["certificates"].values())


def test_what_a_page_holds_is_found_and_what_it_names_only_is_not() -> None:
    page = (
        '<link rel="stylesheet" href="/static/app.css"><link rel="canonical" href="/other">'
        '<script src="/static/app.js" defer></script><img src="data:image/png;base64,AA"><a href="/courses">x</a>'
    )
    assert learning._held(page, "/courses/x") == {"/static/app.css", "/static/app.js"}
