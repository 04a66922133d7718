"""YAML from authors, read strictly: plain data only, no aliases (the YAML bomb), every field by name and type."""

import unicodedata
from collections.abc import Mapping
from typing import Any, cast

import yaml

from gangway.catalog.markdown.refusals import CourseUnreadable


class _Loader(yaml.SafeLoader):
    """SafeLoader without aliases, with duplicate keys refused instead of the last one winning."""

    def compose_node(self, parent: Any, index: int) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event: Any = self.get_event()  # type: ignore[no-untyped-call]
            raise yaml.constructor.ConstructorError(None, None, "aliases (*name) are not allowed", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if not isinstance(name, str | int | float):
                raise yaml.constructor.ConstructorError(None, None, "a key must be plain text", node.start_mark)
            if names.count(name) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"“{name}” stands twice", node.start_mark)
        return super().construct_mapping(node, deep=deep)


def load(file: str, text: str) -> Mapping[str, Any]:
    """The mapping a YAML file holds; refused when it is anything else."""
    try:
        value = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader made stricter
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(error, "problem", None) or "cannot be read"
        raise CourseUnreadable(file=file, problem=f"{where}{problem}.") from None
    except (RecursionError, ValueError):
        raise CourseUnreadable(file=file, problem="nested too deeply, or holds a value that cannot be read.") from None
    if not isinstance(value, dict):
        raise CourseUnreadable(file=file, problem="must be a list of “name: value” lines.")
    return value


class Fields:
    """One mapping of a file, read field by field; whatever was not asked for is an author's slip and refused."""

    def __init__(self, file: str, values: Any, where: str = "") -> None:
        self._file, self._where = file, where
        if not isinstance(values, dict):
            raise self.unreadable("must be a list of “name: value” lines.")
        self._values = dict(values)

    def unreadable(self, problem: str) -> CourseUnreadable:
        return CourseUnreadable(file=self._file, problem=f"{self._where}{problem}")

    def text(self, name: str, default: str | None = None) -> str:
        value = self._values.pop(name, default)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self.unreadable(
                f"“{name}” must be text." if name in self._values or value is not None else f"“{name}” is missing."
            )
        return self._printable(name, value.strip())

    def _printable(self, name: str, text: str) -> str:
        """YAML can spell characters that no file and no database text may hold."""
        if any(unicodedata.category(char) in {"Cc", "Cs"} and char not in "\n\t" for char in text):
            raise self.unreadable(f"“{name}” holds a character that cannot be part of a text.")
        return text

    def whole(self, name: str, default: int | None, low: int, high: int) -> int | None:
        value = self._values.pop(name, default)
        if value is None and default is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise self.unreadable(f"“{name}” must be a whole number from {low} to {high}.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._values.pop(name, default)
        if not isinstance(value, bool):
            raise self.unreadable(f"“{name}” must be yes or no.")
        return value

    def items(self, name: str) -> list[Any]:
        value = self._values.pop(name, None)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.unreadable(f"“{name}” must be a list.")
        return value

    def texts(self, name: str) -> list[str]:
        found = [str(item) if isinstance(item, int | float) else item for item in self.items(name)]
        if not all(isinstance(item, str) for item in found):
            raise self.unreadable(f"“{name}” must be a list of texts.")
        return [self._printable(name, text) for text in cast(list[str], found)]

    def inner(self, name: str) -> "Fields | None":
        if name not in self._values:
            return None
        return Fields(self._file, self._values.pop(name), f"{self._where}{name}: ")

    def raw(self, name: str) -> Any:
        return self._values.pop(name, None)

    def names(self) -> list[str]:
        return [str(name) for name in self._values]

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt field would otherwise do nothing, silently."""
        if self._values:
            known = ", ".join(f"“{name}”" for name in self._values)
            raise self.unreadable(f"does not know {known}.")
