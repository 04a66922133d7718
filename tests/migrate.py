"""Migrate a database for tests, as the role that migrates in production, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = "gangway.config.settings"


def migrate(environment: dict[str, str]) -> None:
    """Run every migration against the database that `environment` names; what Django said is shown if it fails."""
    alias = "owner" if "DATABASE_OWNER_URL" in environment else "default"
    done = subprocess.run(
        [sys.executable, "-m", "django", "migrate", "--database", alias, "--verbosity", "0"],
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
