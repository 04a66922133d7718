"""What a database says, without the accidents of one run: two databases that tell the same story are equal.

Keys are drawn by chance, so they are replaced by what is said about them: each key gets a colour from the rows it
stands in, again and again, as one compares graphs. Times and secrets count as given or not given.
"""

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection

from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import Table
from tests.planting import unfiltered

ROUNDS = 4
# How far the machinery has come is not the story it tells.
MACHINERY = {"kernel.Lane", "kernel.Cursor", "kernel.CronMark"}
ACCIDENTS = {
    "kernel.Job": {"attempts", "worker", "last_error"},
    "kernel.OutboxEvent": {"number", "position", "lane"},  # a lane follows from a key, and keys are drawn
    "kernel.AuditEntry": {"request_id"},
    "learning.AttemptItem": {"shown"},
    "messaging.Message": {"attempts"},
}
_KEY = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
Masked = frozenset[tuple[str, str]]
Raw = list[tuple[str, dict[str, str]]]


@dataclass(frozen=True)
class State:
    """How often each row stands in each table."""

    rows: Counter[tuple[str, str]]
    columns: dict[tuple[str, str], Counter[str]] = field(compare=False, default_factory=dict)

    def tables(self) -> Counter[str]:
        told: Counter[str] = Counter()
        for (table, _), number in self.rows.items():
            told[table] += number
        return told

    def against(self, other: "State") -> str:
        """Where two stories differ, in one line."""
        mine, theirs = self.tables(), other.tables()
        counts = [
            f"{table} {mine[table]} instead of {theirs[table]}"
            for table in sorted({*mine, *theirs})
            if mine[table] != theirs[table]
        ]
        values = [
            f"{table}.{column} {_few(mine - theirs)} instead of {_few(theirs - mine)}"
            for (table, column), mine in self.columns.items()
            if (theirs := other.columns.get((table, column), Counter())) != mine
        ]
        return "; ".join([*counts, *values]) or "the same values, otherwise connected"


def read() -> Raw:
    """What stands in every table, as text."""
    return list(_rows())


def accidents(one: Raw, other: Raw) -> Masked:
    """The columns whose values differ between two runs of the same work: drawn by chance."""
    first, second = _columns(one), _columns(other)
    return frozenset(column for column in {*first, *second} if first.get(column) != second.get(column))


def told(rows: Raw, masked: Masked = frozenset(), aside: frozenset[str] = frozenset()) -> State:
    """The story of `rows`, without the columns of `masked` and the tables of `aside`."""
    facts = [
        (table, {name: value for name, value in values.items() if (table, name) not in masked})
        for table, values in rows
        if table not in aside
    ]
    colours: dict[str, str] = defaultdict(str)
    for _ in range(ROUNDS):
        seen: dict[str, list[str]] = defaultdict(list)
        for table, values in facts:
            said = _hash(table, values, colours)
            for column, value in values.items():
                for key in _KEY.findall(value):
                    seen[key].append(f"{said}{column}")
        colours = defaultdict(str, {key: _digest("".join(sorted(said))) for key, said in seen.items()})
    return State(Counter((table, _hash(table, values, colours)) for table, values in facts), _columns(facts))


def _few(values: Counter[str]) -> str:
    return ", ".join(f"{value[:40]!r}" for value in list(values)[:3]) or "nothing"


def _columns(rows: Raw) -> dict[tuple[str, str], Counter[str]]:
    """(table, column) → its values, keys aside."""
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for table, values in rows:
        for column, value in values.items():
            found[table, column][_KEY.sub("§", value)] += 1
    return found


def _rows() -> Iterator[tuple[str, dict[str, str]]]:
    with scopes.unscoped(scopes.Reason.INVARIANTS):
        for model in _filled():
            label = model._meta.label
            accidents = ACCIDENTS.get(label, ())
            names = [field.attname for field in model._meta.concrete_fields if field.attname not in accidents]
            for row in unfiltered(model).values_list(*names):
                yield label, {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _filled() -> list[type[Table]]:
    """The tables that hold a row: most are empty, and asking each by itself took most of the time of a death."""
    models = {model._meta.db_table: model for model in apps.get_models() if issubclass(model, Table)}
    tables = [table for table, model in models.items() if model._meta.label not in MACHINERY]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM \"{name}\")" for name in tables)
        )
        return [models[name] for (name,) in cursor.fetchall()]


def _plain(value: Any) -> str:
    match value:
        case None:
            return "–"
        case UUID():
            return value.hex
        case bytes() | memoryview() | date():
            return "given"
        case dict() | list():
            return _KEY.sub(lambda key: key.group().replace("-", ""), json.dumps(value, sort_keys=True, default=str))
        case _:
            return _KEY.sub(lambda key: key.group().replace("-", ""), str(value))


def _hash(table: str, values: dict[str, str], colours: dict[str, str]) -> str:
    told = {name: _KEY.sub(lambda key: colours[key.group()], value) for name, value in values.items()}
    return _digest(f"{table}{sorted(told.items())}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
