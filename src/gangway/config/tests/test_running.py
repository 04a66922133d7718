"""A command beside `gangway up` writes the links of the one that runs, unless it is told another address."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gangway.config.running import address_in, announced

RUNS_AT = "http://127.0.0.1:8391"


def base_url(home: Path, **told: str) -> str:
    """BASE_URL as a command in that home reads it."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PORT", "BASE_URL")}
    done = subprocess.run(
        [sys.executable, "-c", "from gangway.config.settings import BASE_URL; print(BASE_URL)"],
        env={**kept, "GANGWAY_HOME": str(home), **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()


def test_it_is_known_while_it_runs_and_not_a_moment_longer(tmp_path: Path) -> None:
    assert address_in(tmp_path) == ""
    with announced(tmp_path, RUNS_AT):
        assert address_in(tmp_path) == RUNS_AT
    assert address_in(tmp_path) == ""


def test_the_first_of_two_stands(tmp_path: Path) -> None:
    with announced(tmp_path, RUNS_AT), announced(tmp_path, "http://127.0.0.1:9"):
        assert address_in(tmp_path) == RUNS_AT


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ({}, RUNS_AT),
        ({"PORT": "8123"}, "http://127.0.0.1:8123"),
        ({"BASE_URL": "https://learn.example/"}, "https://learn.example"),
    ],
)
def test_what_a_command_is_told_comes_first(tmp_path: Path, told: dict[str, str], address: str) -> None:
    with announced(tmp_path, RUNS_AT):
        assert base_url(tmp_path, **told) == address


def test_alone_it_is_made_from_the_port(tmp_path: Path) -> None:
    with announced(tmp_path, RUNS_AT):
        pass
    assert base_url(tmp_path) == "http://127.0.0.1:8000"
