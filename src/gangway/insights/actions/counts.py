"""Adding to the counts: one statement per table, whatever the number of keys, safe beside other writers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from gangway.insights.models import CohortBin, CohortSize, FunnelCount
from gangway.insights.rules.definitions import VERSION_OF
from gangway.insights.rules.journeys import EVER, Dates, bins, difference, sizes, stages
from gangway.kernel.ids import new_id
from gangway.kernel.tenancy.models import KernelModel

CHUNK = 500
SIZE_KEY = ("scope", "measure", "version", "entry_on")
BIN_KEY = (*SIZE_KEY, "age_days", "exit")
STAGE_KEY = ("scope", "stage", "entry_on")
Key = tuple[Any, ...]


class Changes:
    """What a transaction adds to the counts, gathered first and written once."""

    def __init__(self) -> None:
        self.sizes: Counter[Key] = Counter()
        self.gone: Counter[Key] = Counter()
        self.bins: Counter[Key] = Counter()
        self.stages: Counter[Key] = Counter()

    def moved(self, scopes: Iterable[str], before: Dates, after: Dates) -> None:
        """A row changed from `before` to `after`: what its scopes' counts must change by."""
        for scope in scopes:
            for (measure, day), n in difference(sizes(before), sizes(after)).items():
                self.sizes[scope, measure.value, VERSION_OF[measure], day] += n
            for (measure, day, age, exit_), n in difference(bins(before), bins(after)).items():
                size = (scope, measure.value, VERSION_OF[measure])
                self.gone[*size, day] += n
                for entry_on in (day, EVER):
                    self.bins[*size, entry_on, age, exit_.value] += n
            for (stage, day), n in difference(stages(before), stages(after)).items():
                self.stages[scope, stage.value, day] += n

    def write(self) -> None:
        _add(CohortSize, SIZE_KEY, {"n": self.sizes, "gone": self.gone})
        _add(CohortBin, BIN_KEY, {"n": self.bins})
        _add(FunnelCount, STAGE_KEY, {"n": self.stages})


def _add(model: type[KernelModel], key: tuple[str, ...], changes: Mapping[str, Counter[Key]]) -> None:
    """Add to the columns of these keys' rows, making those that are missing; in the order of the keys, so that two
    writers wait for each other instead of locking each other out."""
    touched = sorted({values for counter in changes.values() for values, n in counter.items() if n})
    fields: list[Any] = [model._meta.get_field(name) for name in ("id", *key, *changes)]
    for at in range(0, len(touched), CHUNK):
        rows = [
            (new_id(), *values, *(counter[values] for counter in changes.values()))
            for values in touched[at : at + CHUNK]
        ]
        _upsert(model._meta.db_table, key, tuple(changes), fields, rows)


def _upsert(table: str, key: tuple[str, ...], added: tuple[str, ...], fields: list[Any], rows: list[Key]) -> None:
    columns = ", ".join(f'"{field.column}"' for field in fields)
    one = f"({', '.join(['%s'] * len(fields))})"
    target = ", ".join(f'"{name}"' for name in key)
    sums = ", ".join(f'"{name}" = "{table}"."{name}" + excluded."{name}"' for name in added)
    values = [
        field.get_db_prep_save(value, connection) for row in rows for field, value in zip(fields, row, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({columns}) VALUES {", ".join([one] * len(rows))} '  # noqa: S608  our own names
            f"ON CONFLICT ({target}) DO UPDATE SET {sums}",
            values,
        )
