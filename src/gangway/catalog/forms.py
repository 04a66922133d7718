"""The form of a path: all of it travels with every press, and nothing is kept before it is saved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import UUID

from gangway.catalog.rules import PathStep

LONGEST = 1000


class Posted(Protocol):
    """A form as it was sent: the last value of a name, or all of them."""

    def get(self, name: str, default: str, /) -> str: ...

    def getlist(self, name: str, /) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class PathForm:
    """`order`: ids of courses; `waits`: by course, the ids that it waits for. `moved`: the press that made it so."""

    name: str = ""
    summary: str = ""
    order: tuple[UUID, ...] = ()
    waits: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)
    add: str = ""
    moved: str = ""
    errors: Mapping[str, str] | None = None

    @classmethod
    def read(cls, posted: Posted) -> "PathForm":
        name, summary, add = (posted.get(key, "")[:LONGEST].strip() for key in ("name", "summary", "add"))
        order = tuple(dict.fromkeys(_ids(posted.getlist("courses"))))
        waits = {one: frozenset(_ids(posted.getlist(f"waits-{one}"))) for one in order}
        return cls(name, summary, order, waits, add)

    def error(self, name: str) -> str:
        return (self.errors or {}).get(name, "")

    def steps(self) -> tuple[PathStep, ...]:
        return tuple(PathStep(one, self.waits.get(one, frozenset())) for one in self.order)

    def after(self, press: str) -> "PathForm":
        """The same after a press: `add`, or `up`, `down` or `out` with a colon and the id of a course."""
        what, _colon, about = press.partition(":")
        order, (one, *_rest) = list(self.order), (*_ids([about or self.add]), None)
        if what == "add" and one is not None and one not in order:
            return replace(self, order=(*order, one), add="", moved=press)
        if one not in order:
            return self
        at = order.index(one)
        order.remove(one)
        if what == "out":
            waits = {key: ids - {one} for key, ids in self.waits.items() if key != one}
            return replace(self, order=tuple(order), waits=waits, moved=press)
        order.insert(max(0, at + {"up": -1, "down": 1}.get(what, 0)), one)
        return replace(self, order=tuple(order), moved=press)


def _ids(texts: Iterable[str]) -> list[UUID]:
    """What is an id among these, at most as many as a page would send."""
    found = []
    for text in list(texts)[:LONGEST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue  # not from one of our forms; what is missing is refused where it is needed
    return found
