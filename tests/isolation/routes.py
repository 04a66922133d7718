"""Every route of the house, read from the URL table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Route:
    """One entry of the URL table. `parameters`: the names in its path, in order."""

    name: str
    pattern: str
    parameters: tuple[str, ...]
    view: Any

    def path(self, values: dict[str, Any]) -> str:
        return reverse(self.name, kwargs=values)

    @property
    def key(self) -> str:
        return f"{self.name}({', '.join(self.parameters)})"


def routes() -> list[Route]:
    """All of them, by name."""
    return sorted(_walk(get_resolver().url_patterns, "", ""), key=lambda route: route.key)


def _walk(patterns: list[Any], space: str, before: str) -> Iterator[Route]:
    for entry in patterns:
        where = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{space}{entry.namespace}:" if entry.namespace else space
            yield from _walk(entry.url_patterns, inner, where)
        elif isinstance(entry, URLPattern):
            if not entry.name:
                raise AssertionError(f"The route {where} has no name, so nobody can call it.")
            yield Route(f"{space}{entry.name}", where, tuple(entry.pattern.converters), entry.callback)
