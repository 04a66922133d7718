"""The schema of the database: whether it is there, and bringing it to this version.

An empty database is built from the models at once, because going the way of every migration takes very much longer;
`config/tests/test_fresh_schema.py` holds both ways to the same tables, indexes and constraints.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.executor import MigrationExecutor

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
        bring_up(settings.MIGRATE_WITH)
        installation.ensure(settings.GANGWAY_ENVIRONMENT, clock.now())


def bring_up(alias: str) -> None:
    """Every table of this version in database `alias`, whatever stood there before, and its walls."""
    connection = connections[alias]
    if not connection.introspection.table_names():
        build(connection)
    call_command("migrate", database=alias, verbosity=0, interactive=False)


def build(connection: BaseDatabaseWrapper) -> None:
    """Make every table in an empty database as the models say, do what else migrations do, and mark them as done.

    All of it or nothing: a process that dies leaves an empty database.
    """
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        executor = MigrationExecutor(connection)
        executor.recorder.ensure_schema()
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                if model._meta.can_migrate(connection):
                    editor.create_model(model)
        state = executor.loader.project_state()
        for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes()):
            with connection.schema_editor() as editor:
                for operation in migration.operations:
                    if isinstance(operation, RunPython | RunSQL):
                        operation.database_forwards(migration.app_label, editor, state, state)
            executor.recorder.record_applied(migration.app_label, migration.name)


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
