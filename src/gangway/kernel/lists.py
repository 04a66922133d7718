"""Lists: one ListSpec gives a list's columns, search, filters, keyset order, export and bulk actions.

The spec stands in `queries.py`; the page is drawn by `ui/list.jinja`. Reading a page costs two statements for any
number of rows: one for the rows (one more than shown), one for the count, which stops at 10,000.
"""

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from gangway.kernel.refusal import Invalid
from gangway.kernel.said import content

COUNT_STOPS_AT = 10_000
PAGE = 30
CHOSEN_AT_ONCE = 200
EXPORT_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """key: of the row's cell; label: in words; kind: text, person, number, date, instant, state, link.

    The cell of a state may be (shape, words), that of a link is (words, address)."""

    key: str
    label: str
    kind: str = "text"
    export: bool = True


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice above the list. `apply(queryset, value)` narrows; `choices`: (value, words), or a function of them."""

    key: str
    label: str
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]]
    apply: Callable[[QuerySet[Any], str], QuerySet[Any]]

    def options(self) -> Sequence[tuple[str, str]]:
        return self.choices() if callable(self.choices) else self.choices


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A verb over selected rows, posted to the route `route` (with `args`) as `ids`."""

    key: str
    label: str
    route: str
    args: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list. `order`: model fields of the keyset, the last one unique; a leading "-" is descending.

    `rows()` is called inside the scope of the reader; `cells(row)` gives column key → value, and may hold "href".
    `search` names fields that are matched by prefix, whatever the case; `fold` turns what was typed into the spelling
    that those fields keep. `noun`: one and many. Nouns, labels and choices are msgids (gettext_noop), translated where
    they are shown.
    """

    key: str
    noun: tuple[str, str]
    rows: Callable[[], QuerySet[Any]]
    columns: tuple[Column, ...]
    cells: Callable[[Any], Mapping[str, Any]]
    order: tuple[str, ...] = ("id",)
    search: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    bulk: tuple[BulkAction, ...] = ()
    fold: Callable[[str], str] = str


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows. `next` and `previous` are cursors for the URL, or None."""

    spec: ListSpec
    rows: tuple[Row, ...]
    count: int
    counted_fully: bool
    next: str | None
    previous: str | None
    query: str
    chosen: Mapping[str, str] = field(default_factory=dict)

    @property
    def narrowed(self) -> bool:
        return bool(self.query or self.chosen)


def page(spec: ListSpec, params: Mapping[str, str], size: int = PAGE) -> Page:
    """Read one page. params: q, one per filter key, after or before.

    Refuses with Invalid a value that is no choice, or a cursor that is not ours.
    """
    found, query, chosen = narrow(spec, params)
    total = found.order_by()[: COUNT_STOPS_AT + 1].count()
    backwards = bool(params.get("before"))
    cursor = params.get("before") or params.get("after")
    rows = list(_from_cursor(spec, found, cursor, backwards)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (bool(cursor), more) if backwards else (more, bool(cursor))
    return Page(
        spec=spec,
        rows=tuple(Row(str(row.pk), spec.cells(row)) for row in rows),
        count=min(total, COUNT_STOPS_AT),
        counted_fully=total <= COUNT_STOPS_AT,
        next=_cursor(spec, rows[-1]) if rows and has_next else None,
        previous=_cursor(spec, rows[0]) if rows and has_previous else None,
        query=query,
        chosen=chosen,
    )


def narrow(spec: ListSpec, params: Mapping[str, str]) -> tuple[QuerySet[Any], str, dict[str, str]]:
    """The rows that search and filters leave, the search text, and the filters in force."""
    found = spec.rows()
    query = params.get("q", "").strip().replace("\x00", "")[:100]
    if query and spec.search:
        condition = Q()
        for name in spec.search:
            condition |= Q(**{f"{name}__istartswith": spec.fold(query)})
        found = found.filter(condition)
    chosen: dict[str, str] = {}
    for filter_ in spec.filters:
        value = params.get(filter_.key, "")
        if not value:
            continue
        if value not in {choice for choice, _ in filter_.options()}:
            raise Invalid(
                field=filter_.key,
                problem="“{value}” is not a choice of “{filter}”.",
                mend="Choose one from the list.",
                value=value[:40],
                filter=content(filter_.label),
            )
        found = filter_.apply(found, value)
        chosen[filter_.key] = value
    return found, query, chosen


def chosen(values: Sequence[str], *, none: str, many: str, mend: str, most: int = CHOSEN_AT_ONCE) -> tuple[UUID, ...]:
    """The rows that were ticked in a list and posted as `ids`: each once, in their order.

    Invalid: what is no id, no row at all (`none` says so), more than `most` (`many` says so); `mend`: what to do then.
    """
    try:
        ids = tuple(dict.fromkeys(UUID(value) for value in values))
    except ValueError as error:
        raise Invalid(field="ids", problem="That is no choice of rows.", mend="Choose again in the list.") from error
    if not 0 < len(ids) <= most:
        raise Invalid(field="ids", problem=many if ids else none, mend=mend)
    return ids


def export_csv(spec: ListSpec, params: Mapping[str, str]) -> Iterator[str]:
    """The narrowed list as CSV text, in pieces; cells that a spreadsheet would run as a formula are quoted."""
    found, _, _ = narrow(spec, params)
    columns = [column for column in spec.columns if column.export]
    yield "\ufeff" + csv_line([gettext(column.label) for column in columns])
    for row in found.order_by(*spec.order).iterator(chunk_size=EXPORT_CHUNK):
        cells = spec.cells(row)
        yield csv_line([safe_cell(_words(column, cells.get(column.key))) for column in columns])


def _words(column: Column, value: Any) -> Any:
    """What a file says where a page shows a shape beside it."""
    return value[1] if column.kind == "state" and isinstance(value, tuple) else value


def safe_cell(value: Any) -> str:
    """Text for a CSV cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_line(values: Sequence[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def _from_cursor(spec: ListSpec, found: QuerySet[Any], cursor: str | None, backwards: bool) -> QuerySet[Any]:
    order = [_flip(name) for name in spec.order] if backwards else list(spec.order)
    if cursor:
        found = found.filter(_beyond(order, _values(spec, cursor)))
    return found.order_by(*order)


def _beyond(order: list[str], values: list[Any]) -> Q:
    """The keyset condition: after `values` in `order`."""
    condition = Q()
    for index, name in enumerate(order):
        step = Q(**{f"{order[i].lstrip('-')}": values[i] for i in range(index)})
        step &= Q(**{f"{name.lstrip('-')}__{'lt' if name.startswith('-') else 'gt'}": values[index]})
        condition |= step
    return condition


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _cursor(spec: ListSpec, row: Any) -> str:
    values = [_plain(_attribute(row, name.lstrip("-"))) for name in spec.order]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _attribute(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, UUID) else value


def _values(spec: ListSpec, cursor: str) -> list[Any]:
    """The values of a cursor, each of its field's kind; Invalid for anything else."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if not isinstance(values, list) or len(values) != len(spec.order):
            raise ValueError(cursor)
        return [_of_kind(spec, name, value) for name, value in zip(spec.order, values, strict=True)]
    except Exception as error:
        raise Invalid(
            field="after", problem="This page mark is not one of ours.", mend="Start from the first page."
        ) from error


def _of_kind(spec: ListSpec, name: str, value: Any) -> Any:
    if not isinstance(value, str | int) or "\x00" in str(value):
        raise ValueError(value)
    model = spec.rows().model
    for step in name.lstrip("-").split("__"):
        if step in spec.rows().query.annotations:
            return value
        field_ = model._meta.get_field(step)
        model = field_.related_model or model
    return field_.to_python(value)
