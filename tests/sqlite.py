"""SQLite for tests: real files, migrated once per state of the code, copied per worker."""

import hashlib
import os
import shutil
import tempfile
import time
from pathlib import Path

from tests.migrate import ROOT, migrate, schema_sources

CACHE = ROOT / ".pytest_cache" / "gangway"
KEPT_SECONDS = 3 * 3600


class Sqlite:
    """A folder of copies of one migrated template file."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self.template = CACHE / f"{_fingerprint()}.sqlite3"

    def start(self) -> None:
        """Migrate the template, unless this very schema was migrated before."""
        if self.template.exists():
            return
        CACHE.mkdir(parents=True, exist_ok=True)
        for stale in CACHE.glob("*.sqlite3"):  # a run beside this one may still copy what was new an hour ago
            if time.time() - stale.stat().st_mtime > KEPT_SECONDS:
                stale.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            fresh = Path(folder, "fresh.sqlite3")
            migrate({"DATABASE_URL": f"sqlite:///{fresh}"})
            _fold_log(fresh)
            fresh.replace(self.template)

    def environment(self, name: str) -> dict[str, str]:
        return {"DATABASE_URL": f"sqlite:///{self._path(name)}"}

    def clone(self, name: str, source: str = "") -> None:
        """Put a fresh copy of the template where `environment(name)` points.

        Whoever still holds the old file keeps it to themselves: a connection that is closed while a cursor of it lives
        writes its log back when that cursor goes, and in a file written over it would bring the old rows with it.
        """
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{suffix}").unlink(missing_ok=True)
        shutil.copyfile(self._path(source) if source else self.template, self._path(name))

    def keep(self, name: str, kept: str) -> None:
        """Keep what the database says now under another name, for `clone(name, kept)`."""
        _fold_log(self._path(name))
        self.clone(kept, name)

    def empty(self, name: str) -> None:
        """No tables where `environment(name)` points."""
        self._path(name).unlink(missing_ok=True)

    def stop(self) -> None:
        """Nothing runs; the run's folder is removed by who made it."""

    def _path(self, name: str) -> Path:
        return self.run / f"{name}.sqlite3"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for path in schema_sources():
        digest.update(os.fsencode(path.name) + path.read_bytes())
    return digest.hexdigest()[:16]


def _fold_log(path: Path) -> None:
    """Bring the write-ahead log into the file, so that copying one file copies everything."""
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
