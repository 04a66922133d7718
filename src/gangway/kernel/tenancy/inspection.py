"""Which walls stand in a database, read from its catalogue: what `gangway check` compares with the models.

Written apart from walls.py on purpose: it says what must be there, walls.py how to build it; a test removes each kind.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connections

from gangway.kernel.tenancy.models import Table, TenantTable
from gangway.kernel.tenancy.walls import house_models, tenant_keys

POLICIES = ("gw_read", "gw_add", "gw_change", "gw_remove")
NAME_BYTES = 63  # where PostgreSQL cuts a name


def expected_walls(using: str = "default") -> set[str]:
    """Names of every wall the models ask for, as `standing_walls` spells them."""
    postgresql = connections[using].vendor == "postgresql"
    return {name for model in house_models() for name in (_on_postgresql if postgresql else _on_sqlite)(model)}


def standing_walls(using: str = "default") -> set[str]:
    """Names of the walls found in the database."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            return set(_read_postgresql(cursor))
        cursor.execute("SELECT 'trigger ' || name FROM sqlite_master WHERE type = 'trigger'")
        return {name for (name,) in cursor.fetchall()}


def _on_sqlite(model: type[Table]) -> Iterator[str]:
    table = model._meta.db_table
    for column, _target in tenant_keys(model):
        yield f"trigger gw_ins_{table}_{column}"
        yield f"trigger gw_upd_{table}_{column}"
    yield from _append_only(model)


def _on_postgresql(model: type[Table]) -> Iterator[str]:
    table = model._meta.db_table
    if issubclass(model, TenantTable):
        yield f"security {table}"
        for policy in POLICIES:
            yield f"policy {table}.{policy}"
    for column, _target in tenant_keys(model):
        yield f"constraint {f'gw_fk_{table}_{column}'[:NAME_BYTES]}"
    yield from _append_only(model)


def _append_only(model: type[Table]) -> Iterator[str]:
    if model.append_only:
        for prefix in ("gw_keep", "gw_hold"):
            yield f"trigger {f'{prefix}_{model._meta.db_table}'[:NAME_BYTES]}"


def _read_postgresql(cursor: Any) -> Iterator[str]:
    for statement in (
        "SELECT 'security ' || relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace",
        "SELECT 'policy ' || tablename || '.' || policyname FROM pg_policies WHERE schemaname = 'public'",
        "SELECT 'constraint ' || conname FROM pg_constraint WHERE convalidated AND conname LIKE 'gw\\_fk\\_%'",
        "SELECT 'trigger ' || tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal",
    ):
        cursor.execute(statement)
        yield from (name for (name,) in cursor.fetchall())
