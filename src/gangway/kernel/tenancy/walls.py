"""The walls in the database, raised after every migration from what the models declare.

For each table of class `partner`: row-level security (PostgreSQL), composite foreign keys `(partner, x)` (PostgreSQL)
or triggers with the same effect (SQLite). For each append-only table: triggers, and no right to UPDATE or DELETE.
Raising is idempotent and only builds what is missing, so an ordinary migration takes no lock here. SQLite's triggers
come down before a migration: it changes a table by making it anew, and a trigger that names the old one stops that.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connections, models

from gangway.kernel.tenancy.models import (
    CLOSURE,
    PORTFOLIO,
    PartnerModel,
    Table,
    TenantForeignKey,
    TenantTable,
)


def raise_walls(using: str = "default", **_: Any) -> None:
    """Build every missing wall in database `using`; on PostgreSQL that connection must be the owner."""
    connection = connections[using]
    present = set(connection.introspection.table_names())
    tables = [model for model in house_models() if model._meta.db_table in present]
    builder = _postgresql if connection.vendor == "postgresql" else _sqlite
    with connection.cursor() as cursor:
        builder(cursor, tables, present)


def lower_walls(using: str = "default", plan: Sequence[Any] = (), **_: Any) -> None:
    """Take SQLite's triggers down where there is something to migrate. `raise_walls` builds them again after it, also
    after one that failed and is run again.
    """
    connection = connections[using]
    if connection.vendor != "sqlite" or not plan:
        return
    with connection.cursor() as cursor:
        cursor.execute(_SQLITE_TRIGGERS)
        for name, _sql in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{name}"')


def house_models() -> Iterator[type[Table]]:
    """Every concrete table of Gangway."""
    for model in apps.get_models():
        if issubclass(model, Table) and not model._meta.proxy:
            yield model


def tenant_keys(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    """(column, target table) of each foreign key that must stay inside its partner."""
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            yield field.column, field.related_model._meta.db_table


def guarded_columns(model: type[Table]) -> list[str]:
    """The columns of an append-only table that never change."""
    return [f.column for f in model._meta.local_concrete_fields if f.column and f.column not in model.erasable_columns]


# ── SQLite ──────────────────────────────────────────────────────────────────────────────────────────────────────────


_SQLITE_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'gw\\_%' ESCAPE '\\'"


def _sqlite(cursor: Any, tables: list[type[Table]], present: set[str]) -> None:
    wanted: dict[str, str] = {}
    for model in tables:
        if issubclass(model, PartnerModel):
            wanted.update(_sqlite_stay(model))
            wanted.update(_sqlite_composites(model))
        if model.append_only:
            wanted.update(_sqlite_append_only(model))
    cursor.execute(_SQLITE_TRIGGERS)
    built = dict(cursor.fetchall())
    for name, sql in built.items():
        if wanted.get(name) != sql:
            cursor.execute(f'DROP TRIGGER "{name}"')
    for name, sql in wanted.items():
        if built.get(name) != sql:
            cursor.execute(sql)


def _sqlite_stay(model: type[Table]) -> dict[str, str]:
    """A row never moves to another partner: rows that point at it would be left behind."""
    table = model._meta.db_table
    return {
        f"gw_stay_{table}": f'CREATE TRIGGER "gw_stay_{table}" BEFORE UPDATE OF partner_id ON "{table}" '
        "WHEN NEW.partner_id IS NOT OLD.partner_id "
        f"BEGIN SELECT RAISE(ABORT, 'a row stays with its partner: {table}'); END"
    }


def _sqlite_composites(model: type[Table]) -> dict[str, str]:
    table = model._meta.db_table
    triggers = {}
    for column, target in tenant_keys(model):
        for moment in ("INSERT", f"UPDATE OF {column}, partner_id"):
            name = f"gw_{moment[:3].lower()}_{table}_{column}"
            triggers[name] = (
                f'CREATE TRIGGER "{name}" BEFORE {moment} ON "{table}" WHEN NEW."{column}" IS NOT NULL '
                f'AND NOT EXISTS (SELECT 1 FROM "{target}" t WHERE t.id = NEW."{column}" '
                "AND t.partner_id = NEW.partner_id) "
                f"BEGIN SELECT RAISE(ABORT, 'FOREIGN KEY of another partner: {table}.{column}'); END"
            )
    return triggers


def _sqlite_append_only(model: type[Table]) -> dict[str, str]:
    table = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column in guarded_columns(model))
    fail = f"BEGIN SELECT RAISE(ABORT, 'append-only: {table}'); END"
    return {
        f"gw_keep_{table}": f'CREATE TRIGGER "gw_keep_{table}" BEFORE UPDATE OF {columns} ON "{table}" {fail}',
        f"gw_hold_{table}": f'CREATE TRIGGER "gw_hold_{table}" BEFORE DELETE ON "{table}" {fail}',
    }


# ── PostgreSQL ──────────────────────────────────────────────────────────────────────────────────────────────────────

_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION gangway_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'append-only: %', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$
"""


def _postgresql(cursor: Any, tables: list[type[Table]], present: set[str]) -> None:
    role = app_role()
    cursor.execute(_APPEND_ONLY)
    cursor.execute("SELECT conname FROM pg_constraint WHERE conname LIKE 'gw\\_%'")
    constraints = {name for (name,) in cursor.fetchall()}
    cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'gw\\_%'")
    triggers = {name for (name,) in cursor.fetchall()}
    cursor.execute("SELECT tablename || '.' || policyname FROM pg_policies WHERE policyname LIKE 'gw\\_%'")
    policies = {name for (name,) in cursor.fetchall()}
    for model in tables:
        if issubclass(model, PartnerModel):
            _pg_composite_target(cursor, model._meta.db_table, constraints)
    for model in tables:
        if issubclass(model, TenantTable):
            _pg_security(cursor, model, policies)
            _pg_composites(cursor, model, constraints)
        if model.append_only:
            _pg_append_only(cursor, model, triggers)
        if role:
            _pg_grants(cursor, model, role)
    if role:
        cursor.execute(f'GRANT USAGE ON SCHEMA public TO "{role}"')
        cursor.execute(f'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
        if "django_migrations" in present:
            cursor.execute(f'GRANT SELECT ON django_migrations TO "{role}"')


def app_role() -> str:
    """The role that web, worker and tests connect as; empty where the same role migrates."""
    owner = settings.DATABASES.get("owner")
    return str(settings.DATABASES["default"].get("USER", "")) if owner else ""


def _pg_composite_target(cursor: Any, table: str, built: set[str]) -> None:
    name = _short(f"gw_pk_{table}")
    if name not in built:
        cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" UNIQUE (partner_id, id)')


def _pg_composites(cursor: Any, model: type[Table], built: set[str]) -> None:
    table = model._meta.db_table
    for column, target in tenant_keys(model):
        name = _short(f"gw_fk_{table}_{column}")
        if name not in built:
            cursor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" FOREIGN KEY (partner_id, "{column}") '
                f'REFERENCES "{target}" (partner_id, id) DEFERRABLE INITIALLY IMMEDIATE NOT VALID'
            )
            cursor.execute(f'ALTER TABLE "{table}" VALIDATE CONSTRAINT "{name}"')


def _pg_security(cursor: Any, model: type[TenantTable], built: set[str]) -> None:
    table, column = model._meta.db_table, model.partner_column
    closure, portfolio = (apps.get_model(*name)._meta.db_table for name in (CLOSURE, PORTFOLIO))
    mode = "(SELECT current_setting('gangway.mode', true))"
    partner = "(SELECT nullif(current_setting('gangway.partner', true), '')::uuid)"
    person = "(SELECT nullif(current_setting('gangway.person', true), '')::uuid)"
    mine = f"({mode} = 'one' AND {column} = {partner})"
    readable = (
        f"{mode} IN ('host', 'unscoped') OR {mine} "
        f"OR ({mode} = 'tree' AND {column} IN (SELECT descendant_id FROM {closure} WHERE ancestor_id = {partner})) "
        f"OR ({mode} = 'portfolio' AND {column} IN (SELECT partner_id FROM {portfolio} WHERE person_id = {person}))"
    )
    cursor.execute("SELECT relrowsecurity FROM pg_class WHERE oid = %s::regclass", [f'"{table}"'])
    if not cursor.fetchone()[0]:
        cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
    for name, rule in {
        "gw_read": f"FOR SELECT USING ({readable})",
        "gw_add": f"FOR INSERT WITH CHECK ({mine})",
        "gw_change": f"FOR UPDATE USING ({mine}) WITH CHECK ({mine})",
        "gw_remove": f"FOR DELETE USING ({mine})",
    }.items():
        if f"{table}.{name}" not in built:
            cursor.execute(f'CREATE POLICY {name} ON "{table}" {rule}')


def _pg_append_only(cursor: Any, model: type[Table], built: set[str]) -> None:
    table = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column in guarded_columns(model))
    for prefix, moment in (("gw_keep", f"UPDATE OF {columns}"), ("gw_hold", "DELETE")):
        name = _short(f"{prefix}_{table}")
        if name not in built:
            cursor.execute(
                f'CREATE TRIGGER "{name}" BEFORE {moment} ON "{table}" '
                "FOR EACH ROW EXECUTE FUNCTION gangway_append_only()"
            )


def _pg_grants(cursor: Any, model: type[Table], role: str) -> None:
    table = model._meta.db_table
    if model.append_only:
        cursor.execute(f'REVOKE ALL ON "{table}" FROM "{role}"')
        cursor.execute(f'GRANT SELECT, INSERT ON "{table}" TO "{role}"')
        if model.erasable_columns:
            columns = ", ".join(f'"{column}"' for column in model.erasable_columns)
            cursor.execute(f'GRANT UPDATE ({columns}) ON "{table}" TO "{role}"')
    else:
        cursor.execute(f'GRANT SELECT, INSERT, UPDATE, DELETE ON "{table}" TO "{role}"')


def _short(name: str) -> str:
    """PostgreSQL cuts names at 63 bytes; cut them ourselves so that looking them up finds them."""
    return name[:63]
