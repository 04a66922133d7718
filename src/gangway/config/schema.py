"""The schema of the database: whether it is there, and bringing it to this version."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from gangway.kernel import clock, installation
from gangway.kernel.refusal import Refusal


class NotPrepared(Refusal):
    """PostgreSQL without tables, or SQLite of another version: nothing is changed behind the operator's back."""

    code = "config.not_prepared"
    message = "This database has not been prepared for Gangway."
    next_step = "Run `gangway up` once: it makes the tables as DATABASE_OWNER_URL."


def migrate() -> None:
    """Bring the database to this version, as the owner where there is one, and raise its walls.

    One at a time in a home: whoever comes meanwhile waits, and finds it done.
    """
    with _held(fcntl.LOCK_EX):
        call_command("migrate", database=settings.MIGRATE_WITH, verbosity=0, interactive=False)
        installation.ensure(settings.GANGWAY_ENVIRONMENT, clock.now())


def require() -> None:
    """For commands on a fresh machine: an empty SQLite file is prepared at once; PostgreSQL is refused. Where another
    process prepares it at this moment, its end is waited for."""
    connection = connections["default"]
    with _held(fcntl.LOCK_SH):
        prepared = "kernel_installation" in connection.introspection.table_names()
    if prepared:
        return
    if connection.vendor != "sqlite":
        raise NotPrepared
    migrate()


@contextmanager
def _held(how: int) -> Iterator[None]:
    """Many may look at the schema, one may change it. A killed process leaves no lock behind."""
    with (settings.HOME / "schema.lock").open("a") as file:
        fcntl.flock(file, how)
        yield
