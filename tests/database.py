"""Which database this test run stands on (GANGWAY_TEST_DB: sqlite or postgres), and the copies its workers use.

The environment must name a worker's database before Django reads its settings. So the run is begun by the root
conftest, and xdist's workers are born with their own names (`conftest.pytest_xdist_setupnodes`).
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Protocol

from tests.migrate import SETTINGS
from tests.postgres import Postgres
from tests.sqlite import Sqlite

RUN = "GANGWAY_TEST_RUN"  # folder of this run
NAME = "GANGWAY_TEST_COPY"  # name of this process's copy
# What a developer's shell may hold must not reach a test. Without compiled modules a command takes three times as long.
SHELL_SETTINGS = (
    "EMAIL_URL", "BASE_URL", "PORT", "DATABASE_OWNER_URL", "DATABASE_URL", "SECRET_KEY", "PYTHONDONTWRITEBYTECODE",
)  # fmt: skip


class Database(Protocol):
    def start(self) -> None: ...
    def environment(self, name: str) -> dict[str, str]: ...
    def clone(self, name: str, source: str = "") -> None: ...
    def keep(self, name: str, kept: str) -> None: ...
    def empty(self, name: str) -> None: ...
    def stop(self) -> None: ...


class Run:
    """One test run: its folder, its database server if any, and the name of this process's copy."""

    def __init__(self) -> None:
        self.is_worker = RUN in os.environ
        self.folder = Path(os.environ.get(RUN) or tempfile.mkdtemp(prefix="gangway-test-"))
        self.kind = os.environ.get("GANGWAY_TEST_DB", "sqlite")
        self.database: Database = {"sqlite": Sqlite, "postgres": Postgres}[self.kind](self.folder)

    def begin(self) -> None:
        """In the first process: start and migrate. In every process: point the environment at its own copy."""
        if self.is_worker:
            return
        for name in SHELL_SETTINGS:
            os.environ.pop(name, None)
        try:
            self.database.start()
        except BaseException:
            self.end()
            raise
        os.environ.update(self.environment("main"))

    def environment(self, name: str) -> dict[str, str]:
        """What a process that works on copy `name` is born with."""
        home = self.folder / f"home-{name}"
        return {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "GANGWAY_HOME": str(home),
            RUN: str(self.folder),
            NAME: name,
            **self.database.environment(name),
        }

    def fresh_copy(self, kept: str = "") -> None:
        """Give this process an untouched database again, or what it kept by a name. Its connections must be closed."""
        self.database.clone(os.environ[NAME], kept and f"{os.environ[NAME]}_{kept}")

    def keep(self, kept: str) -> None:
        """Keep what this process's database says now, for `fresh_copy(kept)`. Its connections must be closed."""
        self.database.keep(os.environ[NAME], f"{os.environ[NAME]}_{kept}")

    def end(self) -> None:
        if not self.is_worker:
            self.database.stop()
            shutil.rmtree(self.folder, ignore_errors=True)
