"""An installation with people in it is brought to a newer version: its rows stay, its walls stand again.

Its way to an older version and back makes the same tables anew as an upgrade does. Control: where the walls are left
standing, the way is blocked.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MADE = """
import django
django.setup()
from gangway.config import demo, schema
from gangway.kernel import clock
schema.migrate()
demo.load(clock.now())
"""
COUNTED = """
import json, django
django.setup()
from django.db import connection
from gangway.kernel.tenancy.inspection import expected_walls, standing_walls
rows = {}
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names(cursor)):
        if table.startswith(("learning_", "credentials_", "people_")):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            rows[table] = cursor.fetchone()[0]
    cursor.execute("PRAGMA foreign_key_check")
    astray = len(cursor.fetchall())
missing = sorted(expected_walls() - standing_walls())
print(json.dumps({"rows": rows, "astray": astray, "missing": missing}))
"""
BACK = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", "learning", "0001_initial", verbosity=0)
"""
STANDING = """
import django
django.setup()
from django.apps import apps
from django.db.models.signals import pre_migrate
assert pre_migrate.disconnect(sender=apps.get_app_config("kernel"), dispatch_uid="gangway.walls")
"""
FORTH = """
import django
django.setup()
from gangway.config import schema
schema.migrate()
"""


@pytest.mark.sqlite_only
def test_rows_and_walls_survive_tables_that_are_made_anew(tmp_path: Path) -> None:
    unset = {"DATABASE_URL", "DATABASE_OWNER_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {"GANGWAY_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "gangway.config.settings"}

    def run(script: str) -> "subprocess.CompletedProcess[str]":
        words = [sys.executable, "-c", script]
        return subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=300)

    def counted() -> Any:
        return json.loads(run(COUNTED).stdout)

    assert run(MADE).returncode == 0
    before = counted()
    assert before["rows"]["credentials_award"]
    assert run(STANDING + BACK).returncode, "the control"
    done = run(BACK)
    assert done.returncode == 0, done.stderr
    older = counted()["rows"]
    assert older.keys() >= {"learning_enrolment", "credentials_award", "people_person"}
    done = run(FORTH)
    assert done.returncode == 0, done.stderr
    after = counted()
    for table in before["rows"].keys() - older.keys():  # a table that the older version has not got took its rows along
        assert after["rows"].pop(table) == 0
        del before["rows"][table]
    assert after == before
    assert (before["astray"], before["missing"]) == (0, [])
