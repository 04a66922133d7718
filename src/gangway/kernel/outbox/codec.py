"""Events to JSON and back. Fields of events are ids, codes, numbers and times; nothing personal."""

import types
import typing
from dataclasses import fields
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID


def dump(event: Any) -> dict[str, Any]:
    """The payload of an event."""
    return {field.name: _plain(getattr(event, field.name)) for field in fields(event)}


def load(kind: Any, payload: dict[str, Any]) -> Any:
    """The event of a payload. Unknown fields are passed over: a newer writer may have added optional ones."""
    hints = _hints(kind)
    known = {name: value for name, value in payload.items() if name in hints}
    return kind(**{name: _typed(hints[name], value) for name, value in known.items()})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return value


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        hint = next(option for option in typing.get_args(hint) if option is not type(None))
        return _typed(hint, value)
    if origin in (tuple, list):
        inner = typing.get_args(hint)[0]
        return origin(_typed(inner, item) for item in value)
    if hint is UUID:
        return UUID(value)
    if hint in (datetime, date):
        return hint.fromisoformat(value)
    return value
