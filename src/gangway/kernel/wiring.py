"""The shapes of `config/wiring.py`, and how the kernel reads it without knowing any context."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of an event beside its own fields."""

    id: UUID
    partner_id: UUID
    subject_id: UUID
    occurred_at: datetime
    position: int
    actor: Actor


@dataclass(frozen=True, slots=True)
class Reaction:
    """`group` handles `event` with `handler(event, fact)`; each group reads the log behind its own cursor."""

    event: type[Any]
    group: str
    handler: Callable[[Any, Fact], None]


@dataclass(frozen=True, slots=True)
class Cron:
    """`task` (django-tasks) is enqueued every `every`, first when the installation starts."""

    key: str
    task: Any
    every: timedelta


@dataclass(frozen=True, slots=True)
class LetGo:
    """What a context keeps of people for no other reason than that they were admitted.

    Undoing an import deletes people whom nothing holds. `tables` are the context's own that may go along;
    `alive(ids)` says for whom of these people they hold more than that; `forget(ids)` deletes the rows of the others,
    in the transaction of the undo.
    """

    tables: tuple[Any, ...]
    alive: Callable[[Sequence[UUID]], set[UUID]]
    forget: Callable[[Sequence[UUID]], None]


def part(name: str, default: Any = ()) -> Any:
    """One of the tables of `config/wiring.py`: REACTIONS, CRON, ROUNDS, LETTERS, LET_GO, …"""
    return getattr(import_module(settings.WIRING), name, default)


@cache
def groups() -> Mapping[str, Mapping[str, tuple[Reaction, ...]]]:
    """group → event name → its reactions, in the order written."""
    table: dict[str, dict[str, tuple[Reaction, ...]]] = {}
    for reaction in part("REACTIONS"):
        row = table.setdefault(reaction.group, {})
        row[reaction.event.name] = (*row.get(reaction.event.name, ()), reaction)
    return table
