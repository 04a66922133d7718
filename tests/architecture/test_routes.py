"""Every route says who may enter: a right, or a reason why everybody may."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, path

from gangway.kernel.access import Right


def routes(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """(address as written, pattern) of every route, those of included pages too."""
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, address)
        else:
            yield address, pattern


def undeclared(address: str, pattern: URLPattern) -> str:
    """What is missing on a route; empty when it is declared."""
    right, public = getattr(pattern.callback, "right", None), getattr(pattern.callback, "public", "")
    if isinstance(right, Right):
        return "" if right.words else f"{address}: its right has no words"
    if not public:
        return f"{address}: no right, and no reason to be public"
    return "" if len(public.split()) >= 3 else f"{address}: “{public}” is no reason"


ROUTES = dict(routes(get_resolver().url_patterns))


@pytest.mark.parametrize("address", ROUTES)
def test_every_route_declares_who_may_enter(address: str) -> None:
    assert undeclared(address, ROUTES[address]) == ""


def test_a_route_without_a_declaration_is_found() -> None:
    def open_door(request: object) -> None: ...

    assert undeclared("planted", path("planted", open_door)) == "planted: no right, and no reason to be public"


def test_a_route_has_one_name() -> None:
    """Pages link by name: a route without one cannot be linked, two of one name hide each other."""
    unnamed = [address for address, pattern in ROUTES.items() if not pattern.name]
    assert unnamed == []
