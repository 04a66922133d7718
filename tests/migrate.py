"""The tables of a database for tests, made as the role that migrates in production, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "gangway.config.settings"


SCRIPT = """
import django
django.setup()
from django.conf import settings
from gangway.config import schema
schema.bring_up(settings.MIGRATE_WITH)
"""


def migrate(environment: dict[str, str]) -> None:
    """Bring the database that `environment` names to this version; what Django said is shown if it fails."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": SETTINGS, **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The test database could not be migrated:\n{done.stdout}{done.stderr}")


def schema_sources() -> Iterator[Path]:
    """Every file that can change what the migrated database looks like."""
    house = ROOT / "src" / "gangway"
    for path in sorted(house.rglob("*.py")):
        parts = path.relative_to(house).parts
        if "tests" in parts or "node_modules" in parts:
            continue
        if parts[0] in {"kernel", "config"} or "migrations" in parts or any(p.startswith("models") for p in parts):
            yield path
