"""The shapes of personal data: whose it is, what a context says it holds of them, and how it forgets.

Each context that holds personal data has a room `privacy.py` with one `Privacy`. `config/wiring.PRIVACY` lists them
from the top storey down; a test in tests/architecture asks that every column of text is named by one, or not personal.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gangway.kernel.said import content


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data it is. `addresses`: every mail address they ever had here, the present one first."""

    id: UUID
    partner_id: UUID
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """What is stored for machines, and how people say it: the file keeps `value`, the page reads `said`.

    `said` is a `Said`, or a name that is the same in every language.
    """

    value: str
    said: str


def word(value: str, words: Mapping[str, str]) -> Word:
    """A stored word among those that have words (msgids); one that has none is said as it stands."""
    return Word(value, content(words[value]) if value in words else value)


def named(value: str, names: Mapping[str, str]) -> Word:
    """A key among things that have names, which nobody translates; one that has none is said as it stands."""
    return Word(value, names.get(value, value))


@dataclass(frozen=True, slots=True)
class Section:
    """A part of what is held: `title` is a msgid, a row maps msgids to values that JSON knows, instants or a `Word`.

    `private`: for the person and whoever answers for the installation, not for an employer.
    """

    title: str
    rows: Sequence[Mapping[str, Any]]
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What one context does for a person of the open scope.

    columns: "app.Model.column" of all personal text it holds; export: everything it holds, in sections;
    erase: blank it, inside the transaction of whoever erases. goes, stays: what erasing does, in words (msgids).
    """

    context: str
    columns: frozenset[str]
    export: Callable[[Subject], Sequence[Section]]
    erase: Callable[[Subject, datetime], None]
    goes: tuple[str, ...] = ()
    stays: tuple[str, ...] = field(default=())
