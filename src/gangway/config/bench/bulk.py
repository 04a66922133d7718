"""What runs in a process of its own: an import, and the same rows once more by `executemany` alone.

    main(["import", "people.csv", "many"])
    main(["peer", "many", "peer"])

Each prints one JSON document: people, seconds, milliseconds of CPU, megabytes at the most.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

BATCH = 500  # people in a transaction
Rows = tuple[str, Sequence[tuple[Any, ...]]]


def main(words: list[str]) -> None:
    """Do the work that is named, and say what it cost."""
    work, *rest = words
    begin = {"import": _import, "peer": _peer}[work](*rest)
    begun, spent = time.perf_counter(), time.process_time()
    people = begin()
    seconds, spent = time.perf_counter() - begun, time.process_time() - spent
    print(json.dumps({"people": people, "seconds": seconds, "cpu_ms": spent * 1000, "peak_mb": _peak()}))


def _peak() -> float:
    """Megabytes this program held at the most. getrusage would count whoever started it, too."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1024


def _import(file: str, slug: str) -> Callable[[], int]:
    """As `gangway person import` does it, without its table on the screen."""
    from gangway.kernel import clock
    from gangway.kernel.actor import Actor
    from gangway.kernel.sheets import Result, read_csv
    from gangway.partners.queries import find_partner
    from gangway.people.actions import import_people
    from gangway.people.rules import ALIASES, COLUMNS

    partner_id = find_partner(slug).id

    def work() -> int:
        with open(file, "rb") as stream:
            lines = read_csv(stream, COLUMNS, ALIASES, bare="email")
            report = import_people(
                lines=lines,
                partner_id=partner_id,
                file_name="many.csv",
                digest=file,
                letters=False,
                actor=Actor.operator(),
                now=clock.now(),
            )
        return report.counts[Result.NEW]

    return work


def _peer(slug: str, other: str) -> Callable[[], int]:
    """The rows an import wrote for one partner, prepared for another one, into the same tables, 500 people at once."""
    from django.db import connection, transaction

    from gangway.kernel.tenancy import scopes
    from gangway.partners.queries import find_partner

    source, target = find_partner(slug).id, find_partner(other).id
    people, tables = _prepared(source, target)

    def work() -> int:
        slices = -(-people // BATCH)
        for n in range(slices):
            with scopes.one(target), transaction.atomic(), connection.cursor() as cursor:
                for statement, rows in tables:
                    cursor.executemany(statement, _slice(rows, n, slices))
        return people

    return work


def _slice(rows: Sequence[tuple[Any, ...]], n: int, of: int) -> Sequence[tuple[Any, ...]]:
    """The rows of one transaction; a table with few of them is written first, since others point to it."""
    if len(rows) < of:
        return () if n else rows
    return rows[len(rows) * n // of : len(rows) * (n + 1) // of]


def _prepared(source: UUID, target: UUID) -> tuple[int, list[Rows]]:
    """How many people the source has, and for each table that tells of it an INSERT with rows for the target."""
    from gangway.kernel.tenancy import scopes

    with scopes.one(source):
        tables = [_of_table(model, source, target) for model in _in_order()]
    filled = [rows for rows in tables if rows[1]]
    return max(len(rows) for statement, rows in filled if "people_person" in statement), filled


def _in_order() -> Iterator[Any]:
    """The tables an import writes, each behind those it points to."""
    from django.apps import apps

    for label in (
        "people.Person", "people.Mailbox", "people.ExternalId", "people.Group", "people.GroupMember", "people.Grant",
        "people.ImportRun", "people.ImportChunk", "kernel.AuditEntry", "kernel.OutboxEvent",
    ):  # fmt: skip
        yield apps.get_model(label)


def _of_table(model: Any, source: UUID, target: UUID) -> Rows:
    """Keys are turned over, so that they are new ones and still point at each other; numbers the database gives."""
    from django.db import connection, models

    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    columns = [connection.ops.quote_name(field.column) for field in fields]
    table = connection.ops.quote_name(model._meta.db_table)
    bound = next(field for field in model._meta.concrete_fields if field.column == "partner_id")
    unread = " AND position IS NULL" if _has(model, "position") else ""  # the log has placed what was before
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {', '.join(columns)} FROM {table} WHERE partner_id = %s{unread} ORDER BY id",  # noqa: S608  our own names
            [bound.get_db_prep_value(source, connection)],
        )
        found = cursor.fetchall()
    turned = _Turned(source, target)
    rows = [tuple(turned.cell(value) for value in row) for row in found]
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows  # noqa: S608


def _has(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.concrete_fields)


class _Turned:
    """Gives every key but the partner's a twin that no row has yet."""

    def __init__(self, source: UUID, target: UUID) -> None:
        self.source, self.target = source, target

    def cell(self, value: Any) -> Any:
        from django.db import connection

        if isinstance(value, UUID):
            return self._key(value)
        if connection.vendor == "sqlite" and isinstance(value, str) and len(value) == 32 and _is_key(value):
            return self._key(UUID(value)).hex
        if isinstance(value, dict | list):
            return json.dumps(value)
        return value

    def _key(self, key: UUID) -> UUID:
        return self.target if key == self.source else UUID(int=key.int ^ 1)


def _is_key(text: str) -> bool:
    return not set(text) - set("0123456789abcdef")
