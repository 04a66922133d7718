"""`gangway bench scim` at a small size gives every figure, ours and django-scim2's."""

import pytest

from gangway.config import bench

pytestmark = [pytest.mark.browser, pytest.mark.sqlite_only]  # no browser, but a real server


def test_a_small_run_gives_every_figure() -> None:
    report = bench.run_scim(many=1_200, requests=10, seconds=2)
    print(f"\nbench scim: {report}")
    ours, peer = ([one["what"] for one in report[whose]] for whose in ("ours", "peer"))
    assert peer == ["userName eq", "POST /Users", "startIndex=1081&count=100"]
    assert ours[:3] == peer
    assert list(report["times_faster"]) == peer
    assert all(one["wait_ms_p50"] > 0 for whose in ("ours", "peer") for one in report[whose])
    assert [one["members"] for one in report["groups"]] == [10]
    assert report["rate"]["waits"]["requests"] == 50
