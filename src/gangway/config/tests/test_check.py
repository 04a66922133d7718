"""`gangway check` finds each thing it looks for, once it is broken."""

import uuid

import pytest
from django.db import connection

from gangway.config import check
from gangway.kernel.models import Job
from gangway.kernel.tenancy import inspection, scopes

pytestmark = pytest.mark.django_db


def test_a_fresh_installation_is_in_order() -> None:
    report = check.report()
    assert report["ok"], [finding for finding in report["checks"] if not finding["ok"]]
    assert {finding["key"] for finding in report["checks"]} >= {"walls", "role", "migrations", "partners_kept_apart"}


def test_every_finding_is_in_words_and_says_what_was_counted() -> None:
    walls = next(finding for finding in check.run() if finding.key == "walls")
    assert walls.words == f"all {len(inspection.expected_walls())} stand"
    assert len(inspection.expected_walls()) > 20


@pytest.mark.sqlite_only
@pytest.mark.parametrize("prefix", ["gw_ins_", "gw_upd_", "gw_keep_", "gw_hold_"])
def test_a_missing_trigger_is_found(prefix: str) -> None:
    name = next(wall for wall in sorted(inspection.expected_walls()) if prefix in wall).removeprefix("trigger ")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"')
    finding = check.walls()
    assert finding.ok is False
    assert name in finding.words


@pytest.mark.postgres_only
@pytest.mark.parametrize("kind", ["security", "policy", "constraint", "trigger"])
def test_every_kind_of_wall_is_looked_for(kind: str) -> None:
    """The role of tests cannot tear walls down; that each kind is asked for and found is what it can see."""
    expected = {wall for wall in inspection.expected_walls() if wall.startswith(f"{kind} ")}
    assert expected
    assert expected <= inspection.standing_walls()


def test_a_job_that_gave_up_is_found() -> None:
    from gangway.kernel import clock

    Job.objects.create(task="planted", state="failed", run_after=clock.now(), created_at=clock.now())
    assert check.jobs_well() == check.Finding("jobs_well", False, "1 jobs gave up")


@pytest.mark.sqlite_only
def test_a_row_that_refers_to_another_partner_is_found() -> None:
    """Planted behind the triggers' back: they are taken away first."""
    from gangway.config.check import _tenant_keys

    with connection.cursor() as cursor:
        for wall in sorted(inspection.standing_walls()):
            cursor.execute(f'DROP TRIGGER "{wall.removeprefix("trigger ")}"')
        cursor.execute("PRAGMA defer_foreign_keys = ON")
    model, key = next((m, k) for m, k in _tenant_keys() if m.__name__ == "GroupMember")
    stranger = uuid.uuid4()
    columns = {f.column: f for f in model._meta.local_concrete_fields}
    values = {
        name: uuid.uuid4().hex if field.get_internal_type() != "DateTimeField" else "2026-03-02 09:00:00"
        for name, field in columns.items()
    }
    values[key.column] = stranger.hex
    marks = ", ".join(["%s"] * len(values))
    names = ", ".join(f'"{name}"' for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', list(values.values()))
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        finding = check.partners_kept_apart()
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
    assert finding.ok is False
    assert f"GroupMember.{key.name}" in finding.words
