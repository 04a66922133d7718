"""`gangway rehearse` with its real processes: a whole one, and one that finds the fault that was planted."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.journeys.installation import GANGWAY, Installation

pytestmark = pytest.mark.browser  # no browser, but real servers: these run once, after everything else

ROOT = Path(__file__).resolve().parents[2]
PARTNERS = "slug,name,kind,type\nacme,Acme,host,\nnordwind,Nordwind,partner,reseller\n"


def rehearse(house: Installation, *words: str) -> tuple[int, dict[str, object]]:
    done = subprocess.run(
        [*GANGWAY, "rehearse", "--json", *words],
        env=house.environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr[-3000:]
    return done.returncode, json.loads(done.stdout)


def test_it_passes_by_itself_and_finds_a_session_that_outlives_its_person(tmp_path: Path) -> None:
    """First without a server, against one of its own; then against a running one with a planted fault."""
    house = Installation(tmp_path, DJANGO_SETTINGS_MODULE="tests.journeys.careless_sessions", PYTHONPATH=str(ROOT))
    (tmp_path / "partners.csv").write_text(PARTNERS)
    with house:
        house.run("partner", "apply", tmp_path / "partners.csv")
        code, said = rehearse(house)
        assert (code, said["passed"], said["failed"]) == (1, False, "door_session")
        failed = {step["name"]: step["failed"] for step in said["steps"] if not step["passed"]}
        assert set(failed) == {"door_session", "door_course"}, said
        assert failed["door_session"] == {
            "expected": "no session: sent to the sign-in",
            "method": "GET",
            "path": "/courses",
            "status": 200,
            "said": "Courses. Nothing is left to do.",
        }
    house.environment = {**house.environment, "DJANGO_SETTINGS_MODULE": "gangway.config.settings"}
    code, said = rehearse(house, "--partner-type", "reseller")
    assert (code, said["passed"], said["failed"], said["partner_type"]) == (0, True, None, "reseller"), said
    assert len(said["steps"]) == 20
    assert all(step.keys() == {"name", "passed", "ms"} for step in said["steps"])
    assert house.status("/healthz") == 0, "its own server was stopped again"
