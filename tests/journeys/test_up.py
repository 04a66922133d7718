"""`gangway up` with its real processes: it answers, mends itself, refuses a taken port, stops in time."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.journeys.installation import GANGWAY, Installation, until

pytestmark = pytest.mark.browser  # no browser, but real servers: these run once, after everything else


def test_it_serves_mends_itself_and_stops(tmp_path: Path) -> None:
    with Installation(tmp_path) as house:
        assert house.status("/healthz") == 200
        assert "gangway_outbox_depth" in house.get("/metrics")
        assert house.json("check")["ok"] is True

        taken = subprocess.run(
            [*GANGWAY, "up"], env=house.environment, capture_output=True, text=True, timeout=600, check=False
        )
        assert taken.returncode == 1
        assert f"Port {house.port} on 127.0.0.1 is taken by another program." in taken.stderr

        before = house.children()
        assert set(before) == {"web", "worker"}
        for name in ("web", "worker"):
            os.kill(before[name], signal.SIGKILL)
        after = until(
            120,
            lambda: (now := house.children()) and len(now) == 2 and not set(now.values()) & set(before.values()),
            "both children start again",
        )
        assert after
        until(120, lambda: house.status("/readyz") == 200, "it answers again")

        house.ctrl_c()
        assert house.status("/healthz") == 0


def test_a_second_start_finds_what_the_first_one_made(tmp_path: Path) -> None:
    key = tmp_path / "home" / "secret.key"
    with Installation(tmp_path):
        first = key.read_text()
    with Installation(tmp_path) as house:
        assert key.read_text() == first
        assert house.json("partner", "list") == []
