"""YAML from authors, read strictly: plain data only, no aliases (the YAML bomb), every field by name and type."""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import yaml

from gangway.catalog.markdown.refusals import CourseUnreadable
from gangway.kernel.said import Said, said

_NO_LINES = said("It must be a list of “name: value” lines.")


class _Lined(dict[str, Any]):
    """A mapping of a file that knows in which lines it and each of its names begin."""

    line: int
    lines: Mapping[str, int]


class _Listed(list[Any]):
    """A list of a file that knows in which line each of its items begins."""

    lines: Sequence[int] = ()


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases, with duplicate keys refused instead of the last one winning."""

    def compose_node(self, parent: Any, index: int) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            problem = said("An alias (*name) must be written out.")
            raise yaml.constructor.ConstructorError(None, None, problem, event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if not isinstance(name, str | int | float):
                problem = said("A name before a colon must be plain text.")
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
            if names.count(name) > 1:
                problem = said("“{name}” stands twice.", name=str(name))
                raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
        return super().construct_mapping(node, deep=deep)

    def lined(self, node: yaml.Node) -> Iterator[_Lined]:
        if not isinstance(node, yaml.MappingNode):  # `!!map` before something else
            raise yaml.constructor.ConstructorError(None, None, _NO_LINES, node.start_mark)
        found = _Lined()
        found.line = node.start_mark.line + 1
        names = [key for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        found.lines = {name.value: name.start_mark.line + 1 for name in names}
        yield found
        found.update(self.construct_mapping(node))

    def listed(self, node: yaml.Node) -> Iterator[_Listed]:
        if not isinstance(node, yaml.SequenceNode):  # `!!seq` before something else
            raise yaml.constructor.ConstructorError(None, None, "no sequence follows !!seq", node.start_mark)
        found = _Listed()
        found.lines = [item.start_mark.line + 1 for item in node.value]
        yield found
        found.extend(self.construct_sequence(node))


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG, _Loader.listed)
_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _Loader.lined)


def load(file: str, text: str) -> Mapping[str, Any]:
    """The mapping a YAML file holds; refused when it is anything else."""
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader made stricter
    except yaml.YAMLError as error:
        raise _unreadable(file, text, error) from None
    except (RecursionError, ValueError):
        nested = said("It is nested too deeply, or holds a value that cannot be read.")
        raise CourseUnreadable(file=file, problem=nested) from None
    if not isinstance(value, dict):
        raise CourseUnreadable(file=file, problem=_NO_LINES)
    return value


def _unreadable(file: str, text: str, error: yaml.YAMLError) -> CourseUnreadable:
    """What we say of it ourselves; of what only the library can judge, its own words as a detail."""
    if isinstance(error, yaml.reader.ReaderError):
        wrong = said("It holds a character that cannot be part of a text.")
        return CourseUnreadable(file=file, problem=wrong, line=text.count("\n", 0, error.position) + 1)
    mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None)
    if not isinstance(problem, Said):
        problem = said("It cannot be read as YAML (“{detail}”).", detail=problem or str(error))
    return CourseUnreadable(file=file, problem=problem, line=mark.line + 1 if mark else None)


class Fields:
    """One mapping of a file, read field by field; whatever was not asked for is an author's slip and refused.

    `where` names the part of the file, "": it is the whole. `line`: where it begins, if its values do not know.
    """

    def __init__(self, file: str, values: Any, where: str = "", line: int | None = None) -> None:
        self._file, self._where = file, where
        self._line = values.line if where and isinstance(values, _Lined) else line
        self._lines = values.lines if isinstance(values, _Lined) else {}
        if not isinstance(values, dict):
            raise self.unreadable(_NO_LINES)
        self._values = dict(values)

    def unreadable(self, problem: Said, name: str = "") -> CourseUnreadable:
        """The refusal that says so of this part, at the line of the field `name` where that is there."""
        whole = said("{where}: {problem}", where=self._where, problem=problem) if self._where else problem
        return CourseUnreadable(file=self._file, problem=whole, line=self._lines.get(name, self._line))

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.pop(name, default)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            if value is None:
                raise self.unreadable(said("“{name}” is missing.", name=name), name)
            raise self.unreadable(said("“{name}” must be text.", name=name), name)
        return self._printable(name, value.strip())

    def _printable(self, name: str, text: str) -> str:
        """YAML can spell characters that no file and no database text may hold."""
        if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
            raise self.unreadable(said("“{name}” holds a character that cannot be part of a text.", name=name), name)
        return text

    def whole(self, name: str, default: int | None, low: int, high: int) -> int | None:
        value = self._values.pop(name, default)
        if value is None and default is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            problem = said("“{name}” must be a whole number from {low} to {high}.", name=name, low=low, high=high)
            raise self.unreadable(problem, name)
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._values.pop(name, default)
        if not isinstance(value, bool):
            raise self.unreadable(said("“{name}” must be yes or no.", name=name), name)
        return value

    def one_of(self, name: str, known: Iterable[str], default: str) -> str:
        value = self.text(name, default)
        if value not in (values := [str(one) for one in known]):
            problem = said("“{name}” is “{value}”; it must be one of: {values}.", name=name, value=value, values=values)
            raise self.unreadable(problem, name)
        return value

    def items(self, name: str) -> list[Any]:
        value = self._values.pop(name, None)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.unreadable(said("“{name}” must be a list.", name=name), name)
        return value

    def parts(self, name: str, called: Callable[[int], str]) -> "list[Fields]":
        """The items of a list, each a mapping; `called` names the n-th."""
        items = self.items(name)
        lines = items.lines if isinstance(items, _Listed) else [None] * len(items)
        parts = zip(items, lines, strict=True)
        return [Fields(self._file, item, called(n), line) for n, (item, line) in enumerate(parts, start=1)]

    def texts(self, name: str) -> list[str]:
        found = [str(item) if isinstance(item, int | float) else item for item in self.items(name)]
        if not all(isinstance(item, str) for item in found):
            raise self.unreadable(said("“{name}” must be a list of texts.", name=name), name)
        return [self._printable(name, text) for text in cast(list[str], found)]

    def inner(self, name: str) -> "Fields | None":
        if name not in self._values:
            return None
        return self.part(self._values.pop(name), name)

    def part(self, values: Any, name: str) -> "Fields":
        """Values that stand within this part, under `name`."""
        where = said("{where}, {part}", where=self._where, part=name) if self._where else name
        return Fields(self._file, values, where)

    def raw(self, name: str) -> Any:
        return self._values.pop(name, None)

    def names(self) -> list[str]:
        return [str(name) for name in self._values]

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt field would otherwise do nothing, silently."""
        if self._values:
            names = [said("“{name}”", name=name) for name in self.names()]
            raise self.unreadable(said("It does not know {names}.", names=names), self.names()[0])
