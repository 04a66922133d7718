"""An empty database is built at once from the models; whoever came by every migration has the same tables."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from tests.database import Run

from gangway.config import schema

WAYS = {
    "at once": "from gangway.config import schema; schema.bring_up(settings.MIGRATE_WITH)",
    "step by step": 'call_command("migrate", database=settings.MIGRATE_WITH, verbosity=0)',
}
TELL = """
import json, re, django
django.setup()
from django.conf import settings
from django.core.management import call_command
from django.db import connections
{way}
connection = connections[settings.MIGRATE_WITH]
told = {{}}
with connection.cursor() as cursor:
    look = connection.introspection
    for table in sorted(look.table_names(cursor)):
        told[table] = {{
            "columns": sorted(
                [c.name, str(look.get_field_type(c.type_code, c)), c.internal_size, c.null_ok, str(c.default)]
                for c in look.get_table_description(cursor, table)
            ),
            "constraints": sorted(
                json.dumps([re.sub(r"^(fk_|__unnamed).*", "", name), sorted(one.items())], default=str)
                for name, one in look.get_constraints(cursor, table).items()
            ),
        }}
    if connection.vendor == "postgresql":
        cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1, 2")
        told["functions"] = cursor.fetchall()
        cursor.execute("SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2")
        told["checks"] = cursor.fetchall()
    else:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') ORDER BY name")
        told["walls"] = cursor.fetchall()
    cursor.execute("SELECT app, name FROM django_migrations ORDER BY 1, 2")
    told["marked"] = cursor.fetchall()
print(json.dumps(told, default=str))
"""


def told(name: str, way: str) -> Any:
    """What stands in an empty database after one of the ways."""
    run = Run()
    run.database.empty(name)
    done = subprocess.run(
        [sys.executable, "-c", TELL.format(way=WAYS[way])],
        env={**os.environ, **run.environment(name)},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_both_ways_lead_to_the_same_tables() -> None:
    name = os.environ["GANGWAY_TEST_COPY"]
    short, long = (told(f"{name}_way{n}", way) for n, way in enumerate(WAYS))
    assert all(short["people_person"].values())
    assert short["marked"]
    assert short.keys() == long.keys()
    for what in long:
        assert short[what] == long[what], what


class Torn(Exception):
    """The machine stops here."""


@pytest.mark.sqlite_only
def test_a_build_that_is_torn_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, django_db_blocker: Any
) -> None:
    def torn(*_: Any) -> None:
        raise Torn

    apart = connections["default"].copy("apart")
    apart.settings_dict["NAME"] = str(tmp_path / "apart.sqlite3")
    connections["apart"] = apart
    try:
        with django_db_blocker.unblock():
            with monkeypatch.context() as patched:
                patched.setattr(MigrationRecorder, "record_applied", torn)
                with pytest.raises(Torn):
                    schema.build(apart)
            assert apart.introspection.table_names() == []
            schema.build(apart)
            assert "people_person" in apart.introspection.table_names()
    finally:
        apart.close()
        del connections["apart"]
