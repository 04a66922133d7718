"""Statements that Django writes once and that then run with other values: for what is asked with every request.

Making a query's SQL anew takes Django ten times as long as SQLite takes to answer it. A read is declared as the query
it stands for, which says what it always said, scope and all:

    @prepared
    def _of_person(connection_id: UUID, person_id: UUID) -> QuerySet[Any]:
        return ScimUser.objects.filter(connection=connection_id, person=person_id).values_list("id", "version")

    rows = _of_person(connection.id, person_id)  # tuples

`@prepared_as(make)` gives what `make` makes of each row instead, once for as long as the database gives the same row.

The first call in scope `one` writes the SQL with a stand-in for each argument and for the partner; later ones put the
values in its place. Any other scope asks the query itself. Row-level security is told the scope as ever.
"""

import functools
import inspect
import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar, get_type_hints
from uuid import UUID, uuid5

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.models.query import ValuesListIterable

from gangway.kernel.tenancy import scopes
from gangway.kernel.tenancy.models import TenantTable, tenant_field
from gangway.kernel.tenancy.scopes import Mode, Scope

P = ParamSpec("P")
T = TypeVar("T")
M = TypeVar("M", bound=models.Model)
Row = tuple[Any, ...]
Write = Callable[[Any], Any]  # of a row, what the database is given for one column
FEW = 20  # rows of one statement that is kept; more of them are not written with every request
MADE = 500  # rows of one statement whose makings are kept
PARTNER = "the scope's partner"
_PLACE = UUID("0190b4a0-0000-7000-8000-000000000000")
_numbers = itertools.count()
_generation = 0


class NoRow(RuntimeError):
    """A row that was read is gone. Rows are locked before they are written, so it is a bug."""


def forget() -> None:
    """Have every statement written anew: a test changed what its query says."""
    global _generation
    _generation += 1


@dataclass(frozen=True, slots=True)
class _Plan:
    """SQL; its parameters, of which some are names of arguments; what makes Python's values of the columns."""

    sql: str
    constants: tuple[Any, ...]
    places: tuple[tuple[int, str], ...]
    converters: tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]
    locks: bool
    made: dict[Row, Any] = field(default_factory=dict)  # by the row as the database gives it


def prepared(build: Callable[P, Any]) -> Callable[P, list[Row]]:
    """Declare a read: a query of `values_list`; its arguments are UUIDs, texts, instants or bytes, compared as they
    are. TypeError at its first call, where an argument is not."""
    return _declared(build, None)


def prepared_as(make: Callable[[Row], T]) -> Callable[[Callable[P, Any]], Callable[P, list[T]]]:
    """Declare a read as `prepared` does; each row comes as what `make` makes of it, which nobody may change: it is
    made once, and given again while the database, which is asked every time, gives the same row."""
    return lambda build: _declared(build, make)


def _declared(build: Callable[P, Any], make: Callable[[Row], Any] | None) -> Callable[P, list[Any]]:
    hints = get_type_hints(build)
    names = tuple(inspect.signature(build).parameters)
    stand_ins = {name: _stand_in(hints[name], build.__name__) for name in names}
    number = next(_numbers)

    @functools.wraps(build)
    def ask(*args: P.args, **kwargs: P.kwargs) -> list[Any]:
        scope = scopes.current()
        if scope is not None and scope.mode is not Mode.ONE:
            return list(map(make, build(*args, **kwargs))) if make else list(build(*args, **kwargs))
        plans = _plans()
        key = (number, scope is None)
        plan: _Plan | None = plans.get(key)
        if plan is None:
            plan = plans[key] = _written(build, stand_ins, scope)
        given = dict(zip(names, args, strict=False)) | kwargs if kwargs else dict(zip(names, args, strict=True))
        if scope is not None:
            given[PARTNER] = scope.partner_id
        return _answer(plan, given, make)

    return ask


def _answer(plan: _Plan, given: Mapping[str, Any], make: Callable[[Row], Any] | None) -> list[Any]:
    here = connections[DEFAULT_DB_ALIAS]  # looked up once: `connection` asks which thread it is for every name
    if plan.locks and not here.in_atomic_block:
        raise transaction.TransactionManagementError("A row is locked inside a transaction.")
    values = list(plan.constants)
    for place, name in plan.places:
        values[place] = _adapted(given[name], here)
    with closing(_run(plan.sql, values, here)) as cursor:
        rows = cursor.fetchall()
    if make:
        return [_made(tuple(row), plan, here, make) for row in rows]
    if not plan.converters:
        return [tuple(row) for row in rows]
    return [_converted(row, plan, here) for row in rows]


def _run(sql: str, values: list[Any], here: Any) -> Any:
    """The cursor behind a statement. On SQLite it is not Django's, which rewrites the placeholders of a statement each
    time, unless somebody looks at what is asked or the transaction is broken."""
    watched = here.execute_wrappers or here.queries_logged or here.needs_rollback
    if here.vendor == "sqlite" and here.connection is not None and not watched:
        with here.wrap_database_errors:
            return here.connection.execute(_question_marks(sql), values)
    cursor = here.cursor()
    cursor.execute(sql, values)
    return cursor


@functools.cache
def _question_marks(sql: str) -> str:
    """As SQLite reads placeholders."""
    return re.sub(r"(?<!%)%s", "?", sql).replace("%%", "%")


def _converted(row: Sequence[Any], plan: _Plan, here: Any) -> Row:
    values = list(row)
    for place, converters, expression in plan.converters:
        value = values[place]
        for convert in converters:
            value = convert(value, expression, here)
        values[place] = value
    return tuple(values)


def _made(row: Row, plan: _Plan, here: Any, make: Callable[[Row], Any]) -> Any:
    found = plan.made.get(row)
    if found is None:
        if len(plan.made) >= MADE:
            plan.made.clear()
        found = plan.made[row] = make(_converted(row, plan, here))
    return found


def _plans() -> dict[Any, Any]:
    """Those of this thread's connection, which its compilers belong to."""
    here: Any = connections[DEFAULT_DB_ALIAS]
    kept: tuple[int, dict[Any, Any]] | None = getattr(here, "gangway_plans", None)
    if kept is None or kept[0] != _generation:
        kept = here.gangway_plans = (_generation, {})
    return kept[1]


def _written(build: Callable[..., Any], stand_ins: Mapping[str, Any], scope: Scope | None) -> _Plan:
    places: dict[str, Any] = dict(stand_ins)
    if scope is None:
        rows = build(**stand_ins)
    else:
        places[PARTNER] = uuid5(_PLACE, PARTNER)
        with scopes.one(places[PARTNER]):
            rows = build(**stand_ins)
    compiler = rows.query.get_compiler(connection=connection)
    sql, params = compiler.as_sql()
    adapted = {name: _adapted(value, connection) for name, value in places.items()}
    found = tuple(
        (place, name)
        for place, param in enumerate(params)
        for name, value in adapted.items()
        if type(param) is type(value) and _plain(param) == _plain(value)
    )
    missing = set(stand_ins) - {name for _, name in found}
    if missing or not issubclass(rows._iterable_class, ValuesListIterable):
        raise TypeError(f"{build.__name__} cannot be prepared: {sorted(missing) or 'no values_list'}.")
    expressions = [expression for expression, _, _ in compiler.select]
    converters = compiler.get_converters(expressions)
    return _Plan(
        sql=sql,
        constants=tuple(params),
        places=found,
        converters=tuple((place, tuple(convert), expression) for place, (convert, expression) in converters.items()),
        locks=rows.query.select_for_update,
    )


def _stand_in(kind: Any, name: str) -> Any:
    """A value that stands nowhere else."""
    number = next(_numbers)
    if kind is UUID:
        return uuid5(_PLACE, f"{name} {number}")
    if kind is str:
        return f"\ue000{name} {number}\ue001"
    if kind is datetime:
        return datetime(1, 1, 2, tzinfo=UTC) + timedelta(microseconds=number)
    if kind is bytes:
        return f"{name} {number}".encode()
    raise TypeError(f"{name} is prepared with UUIDs, texts, instants and bytes, not with {kind}.")


def _plain(param: Any) -> Any:
    """psycopg wraps bytes in something that equals nothing."""
    return getattr(param, "obj", param)


def _adapted(value: Any, here: Any) -> Any:
    """As the fields of Django give it to the database."""
    if isinstance(value, UUID):
        return value if here.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return here.ops.adapt_datetimefield_value(value)
    if isinstance(value, bytes):
        return here.Database.Binary(value)
    return value


# ---------------------------------------------------------------- whole rows


def columns(model: type[models.Model]) -> list[str]:
    """What a prepared query names in `values_list` for `loaded`."""
    return [field.attname for field in model._meta.concrete_fields]


def loaded(model: type[M], rows: Iterable[Row]) -> list[M]:
    """Rows of `columns` as what Django's manager would give."""
    names = columns(model)
    return [model.from_db(connection.alias, names, row) for row in rows]


def insert(*rows: Any) -> None:
    """Write new rows of one table, each whole: what `save(force_insert=True)` does of it, without looking for anything
    to do besides. What the database numbers itself is not read back."""
    if not rows:
        return
    if len(rows) > FEW:
        type(rows[0])._default_manager.bulk_create(rows)
        return
    for row in rows:
        if isinstance(row, TenantTable):
            row.take_partner()
    writes, sql = _insertion(type(rows[0]), len(rows))
    params = [write(row) for row in rows for write in writes]
    _run(sql, params, connections[DEFAULT_DB_ALIAS]).close()
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Any, *names: str) -> None:
    """Write these columns of a row of a partner's that was read and locked, or all of them: what `save()` does of it.
    NoRow where it is gone."""
    row.take_partner()
    writes, sql = _updating(type(row), names)
    here = connections[DEFAULT_DB_ALIAS]
    params = [write(row) for write in writes]
    with closing(_run(sql, [*params, _adapted(row.tenant_id, here), _adapted(row.pk, here)], here)) as cursor:
        if cursor.rowcount != 1:
            raise NoRow(f"{type(row).__name__} {row.pk} is not there any more.")


def _write(field: Any) -> Write:
    """What `get_db_prep_save` makes of a value, without asking for what needs nothing made of it."""
    here = connections[DEFAULT_DB_ALIAS]
    name, last = field.attname, getattr(field, "target_field", field)
    if type(last) in (models.CharField, models.TextField):
        as_it_is: type | None = str
    elif type(last) is models.UUIDField and here.features.has_native_uuid_field:
        as_it_is = UUID
    else:
        as_it_is = None

    def write(row: Any) -> Any:
        value = getattr(row, name)
        kind = type(value)
        return value if kind is as_it_is else field.get_db_prep_save(value, here)

    def write_hex(row: Any) -> Any:
        value = getattr(row, name)
        return value.hex if type(value) is UUID else field.get_db_prep_save(value, here)

    return write_hex if type(last) is models.UUIDField and as_it_is is None else write


def _updating(model: type[models.Model], only: tuple[str, ...]) -> tuple[tuple[Write, ...], str]:
    plans = _plans()
    found: tuple[tuple[Write, ...], str] | None = plans.get((model, "update", only))
    if found is None:
        name, partner = connection.ops.quote_name, tenant_field(model)
        columns_of = {field.name: name(str(field.column)) for field in model._meta.concrete_fields}
        fields = [field for field in model._meta.concrete_fields if field.name not in ("id", partner)]
        fields = [field for field in fields if field.name in only] if only else fields
        said = ", ".join(f"{columns_of[field.name]} = %s" for field in fields)
        where = f"{columns_of[partner]} = %s AND {columns_of['id']} = %s"
        sql = f"UPDATE {name(model._meta.db_table)} SET {said} WHERE {where}"  # noqa: S608  our own names
        found = plans[model, "update", only] = (tuple(map(_write, fields)), sql)
    return found


def _insertion(model: type[models.Model], count: int) -> tuple[tuple[Write, ...], str]:
    plans = _plans()
    found: tuple[tuple[Write, ...], str] | None = plans.get((model, count))
    if found is None:
        fields = tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        places = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * count)
        table = connection.ops.quote_name(model._meta.db_table)
        sql = f"INSERT INTO {table} ({names}) VALUES {places}"  # noqa: S608  our own names
        found = plans[model, count] = (tuple(map(_write, fields)), sql)
    return found
