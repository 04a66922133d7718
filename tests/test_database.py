"""The ground the other tests stand on: their own database, as the role of production, clean for each test."""

import sqlite3
from pathlib import Path

import pytest
from django.db import connection
from django.db.utils import Error

from gangway.kernel import clock
from gangway.kernel.models import Installation
from tests.sqlite import Sqlite


def add_installation() -> None:
    Installation.objects.create(environment="sandbox", armed=False, created_at=clock.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", ["first", "second"])
def test_what_a_test_commits_is_gone_for_the_next(turn: str) -> None:
    """Only one row fits: the second turn would fail if the first one's were still there."""
    add_installation()
    assert Installation.objects.count() == 1


@pytest.mark.django_db
def test_a_rolled_back_test_finds_no_rows_either() -> None:
    add_installation()
    assert Installation.objects.count() == 1


@pytest.mark.sqlite_only
def test_a_cursor_that_outlives_its_connection_brings_no_old_rows_into_a_fresh_copy(tmp_path: Path) -> None:
    database = Sqlite(tmp_path)
    database.template = tmp_path / "template.sqlite3"
    with sqlite3.connect(database.template) as template:
        template.execute("PRAGMA journal_mode=wal")
        template.execute("CREATE TABLE told (id int)")
    template.close()
    database.clone("copy")
    old = sqlite3.connect(tmp_path / "copy.sqlite3")
    with old:
        old.executemany("INSERT INTO told VALUES (?)", [(number,) for number in range(1000)])
    alive = old.execute("SELECT id FROM told")
    alive.fetchone()
    old.close()
    database.clone("copy")
    del alive, old
    fresh = sqlite3.connect(tmp_path / "copy.sqlite3")
    assert fresh.execute("SELECT count(*) FROM told").fetchone() == (0,)
    fresh.close()


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_tests_connect_as_the_role_of_production() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("gangway_app", False, False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW server_version")
        assert cursor.fetchone()[0].startswith("18")


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_the_role_of_production_cannot_change_the_schema() -> None:
    with connection.cursor() as cursor, pytest.raises(Error, match=r"permission denied|must be owner"):
        cursor.execute("CREATE TABLE planted (id int)")
