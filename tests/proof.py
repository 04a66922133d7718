"""docs/proof.json: what `make prove` measured, by experiment and database, with its N and its control."""

import fcntl
import json
import os
from pathlib import Path
from typing import Any

PROOF = Path(__file__).resolve().parents[1] / "docs" / "proof.json"


def write(experiment: str, **figures: Any) -> None:
    """Put the figures of one experiment on this run's database in their place; the others stay."""
    database = os.environ.get("GANGWAY_TEST_DB", "sqlite")
    PROOF.parent.mkdir(exist_ok=True)
    with PROOF.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        text = file.read()
        proof = json.loads(text) if text else {}
        proof.setdefault(experiment, {})[database] = figures
        file.seek(0)
        file.truncate()
        file.write(json.dumps(proof, indent=2, sort_keys=True, ensure_ascii=False) + "\n")
