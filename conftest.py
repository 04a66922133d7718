"""Begins the test run before Django reads its settings, and gives every worker a database of its own.

GANGWAY_TEST_DB=sqlite (default) or postgres. Tests with `django_db` roll back; with `django_db(transaction=True)` they
commit, and the worker gets a fresh copy afterwards (append-only tables cannot be flushed, and should not be).
"""

import signal
import weakref
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import django
import pytest
from django.db import connections
from django.db.backends.signals import connection_created
from django.test import TransactionTestCase
from hypothesis import settings
from tests.database import Run

signal.signal(signal.SIGTERM, signal.default_int_handler)  # being told to stop must still stop PostgreSQL
settings.register_profile("house", deadline=None)  # how long an example takes says more about the machine
settings.load_profile("house")
RUN = Run()
RUN.begin()
django.setup()

pytest_plugins = ("tests.world",) if Path(__file__).with_name("tests").joinpath("world.py").exists() else ()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[Any]) -> None:
    for number, spec in enumerate(specs):
        spec.env.update(RUN.environment(f"gw{number}"))


def pytest_unconfigure() -> None:
    connections.close_all()
    RUN.end()


OPENED: weakref.WeakSet[Any] = weakref.WeakSet()
connection_created.connect(lambda connection, **_: OPENED.add(connection), weak=False, dispatch_uid="fresh copy")


def _let_go() -> None:
    """Every connection of this process is closed first, also those that this place cannot see.

    Under a browser Django keeps them by asynchronous context, and a live server's thread keeps its own while a tab
    that nobody closed holds the line.
    """
    for connection in {*connections.all(initialized_only=True), *OPENED}:
        connection.inc_thread_sharing()
        connection.close()
        connection.dec_thread_sharing()
        if connection.vendor == "postgresql":
            connection.close_pool()


def _fresh_copy(kept: str = "") -> None:
    _let_go()
    RUN.fresh_copy(kept)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> None:
    """The worker's own copy of the migrated template, instead of a `test_` database made by Django."""
    with django_db_blocker.unblock():
        _fresh_copy()


def _replace_instead_of_flush(self: TransactionTestCase) -> None:
    _fresh_copy()


TransactionTestCase._fixture_teardown = _replace_instead_of_flush  # type: ignore[method-assign]


MADE: dict[str, Any] = {}


@pytest.fixture
def made_once(transactional_db: None) -> Callable[[str, Callable[[], Any]], Any]:
    """made_once(name, make): what make() returned, in a database as make() left it. The first test of this process that
    asks for it waits until it is made; the others, and that one, get a copy."""

    def found(name: str, make: Callable[[], Any]) -> Any:
        if name in MADE:
            _fresh_copy(name)
        else:
            MADE[name] = make()
            _let_go()
            RUN.keep(name)
        return MADE[name]

    return found


@pytest.fixture
def on_postgres() -> bool:
    """Whether this run stands on PostgreSQL."""
    return RUN.kind == "postgres"


# No database speaks in these; once is enough. A test among them that does use one still runs on both.
NO_DATABASE = (
    "*rules*",
    "tests/architecture/*",
    "tests/docs/*",
    "tests/words/*",
    "src/gangway/ui/*",
    "*/catalog/tests/*",
)
DATABASE_FIXTURES = frozenset(("db", "transactional_db", "live_server"))


def _needs_no_database(item: pytest.Item) -> bool:
    name = item.nodeid.partition("::")[0]
    asks = item.get_closest_marker("django_db") or DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ()))
    return not asks and any(fnmatch(name, pattern) for pattern in NO_DATABASE)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Left out: tests that say something about the other database, and on PostgreSQL those that ask no database."""
    other = {"sqlite": "postgres_only", "postgres": "sqlite_only"}[RUN.kind]
    left_out = [
        item
        for item in items
        if item.get_closest_marker(other) or (RUN.kind == "postgres" and _needs_no_database(item))
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        chosen = set(items).difference(left_out)
        items[:] = [item for item in items if item in chosen]
