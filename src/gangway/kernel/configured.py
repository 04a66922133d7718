"""The vocabulary of configuration by keys: how each room says that a setting is applied, and what is left to hands.

A context that holds configuration declares parts in its actions; `config/wiring.CONFIGURED` lists them in the order in
which they are applied. `put` carries out ordinary actions of the room, each with its own refusals, audit entry and
events; it opens the scope it needs, and joins the transaction of whoever calls it.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, Refusal

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Change:
    """What one entry is to say: `fields` that are put; `born`: it is not there yet, and `fields` is all of it."""

    key: str
    fields: Mapping[str, Any]
    born: bool = False


class Put(Protocol):
    """Make a part say these changes, in an order that the room knows."""

    def __call__(self, *, changes: Sequence[Change], actor: Actor, now: datetime) -> None: ...


class Remove(Protocol):
    """Take an entry away again that a promotion made; a Refusal where something uses it by now."""

    def __call__(self, *, key: str, actor: Actor, now: datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of the configuration.

    put, remove  None where the whole part is set by hand
    fields       what `put` says
    by_hand      field → what somebody does about it instead; "" is the whole entry
    at_birth     fields among `by_hand` that `put` says of a new entry
    fresh        what a field says by itself where an entry is new: then nothing is to be done by hand
    gone         what somebody does where an entry is here and not in the file: nothing is ever taken away by a file
    words_stay   taking back leaves an entry that something names by now, and says so (else taking back is refused)
    """

    name: str
    gone: str
    fields: frozenset[str] = frozenset()
    by_hand: Mapping[str, str] = field(default_factory=dict)
    at_birth: frozenset[str] = frozenset()
    fresh: Mapping[str, Any] = field(default_factory=dict)
    put: Put | None = None
    remove: Remove | None = None
    words_stay: bool = False

    @property
    def known(self) -> frozenset[str]:
        """Every field that an entry of this part may have."""
        return self.fields | (self.by_hand.keys() - {""})


class Unfit(Exception):
    """A room refused one entry among several; `about` says which."""

    def __init__(self, key: str, why: Refusal) -> None:
        super().__init__(key)
        self.key, self.why = key, why


@contextmanager
def about(key: str) -> Iterator[None]:
    """A block that puts one entry: what is refused in it names its key."""
    try:
        yield
    except Refusal as refusal:
        raise Unfit(key, refusal) from refusal


def text(fields: Mapping[str, Any], name: str) -> str:
    """A field that is one text. Invalid names it where it is another thing."""
    found: str = _of(fields, name, str, "")
    return found


def one_of(words: type[Word], fields: Mapping[str, Any], name: str) -> Word:
    """A field that is one of a few words."""
    value = text(fields, name)
    if value not in set(words):
        raise Invalid(field=name, problem="“{value}” is not one of {known}.", value=value[:40], known=list(words))
    return words(value)


def whole(fields: Mapping[str, Any], name: str) -> int:
    """A field that is a whole number."""
    value = fields.get(name)
    if isinstance(value, bool):
        raise _wrong(name)
    found: int = _of(fields, name, int, 0)
    return found


def number_or_none(fields: Mapping[str, Any], name: str) -> int | None:
    """A field that is a whole number, or nothing."""
    return None if fields.get(name) is None else whole(fields, name)


def yes(fields: Mapping[str, Any], name: str) -> bool:
    """A field that is true or false."""
    found: bool = _of(fields, name, bool, False)
    return found


def texts(fields: Mapping[str, Any], name: str) -> list[str]:
    """A field that is a list of texts."""
    found: list[Any] = _of(fields, name, list, [])
    if not all(isinstance(one, str) for one in found):
        raise _wrong(name)
    return found


def table(fields: Mapping[str, Any], name: str, inside: type = str) -> dict[str, Any]:
    """A field that holds texts, or what `inside` says, by name."""
    found: dict[str, Any] = _of(fields, name, dict, {})
    if not all(isinstance(one, inside) for one in found.values()):
        raise _wrong(name)
    return found


def _of(fields: Mapping[str, Any], name: str, kind: type, otherwise: Any) -> Any:
    value = fields.get(name, otherwise)
    if not isinstance(value, kind):
        raise _wrong(name)
    return value


def _wrong(name: str) -> Invalid:
    return Invalid(
        field=name, problem="“{name}” is not what stands there in an export.", mend="Export again.", name=name[:40]
    )
