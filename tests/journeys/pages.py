"""Every page of the house, found by walking: from each person's start page along the links, one address per route."""

import re
from collections.abc import Iterable, Iterator
from html import unescape

from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve

LINK = re.compile(r'\bhref="(/[^"#?]*)')
NOT_PAGES = ("/static/", "/brand/")


def walk(client: Client, starts: Iterable[str], last: Iterable[str] = ()) -> dict[str, str]:
    """Route name → one address of it, for every HTML page that this visitor reaches from ``starts``; then of what
    is reached from ``last`` beside them: of two things of a kind, links lead to the pages of the first alone."""
    found: dict[str, str] = {}
    queue, after = list(starts), list(last)
    seen = {*queue, *after}
    while queue or after:
        path = (queue or after).pop(0)
        name = _route(path)
        if not name or name in found:
            continue
        answer = client.get(path)
        if answer.status_code != 200 or not answer.get("Content-Type", "").startswith("text/html"):
            continue
        found[name] = path
        for link in map(unescape, LINK.findall(answer.content.decode())):
            if link not in seen and not link.startswith(NOT_PAGES):
                seen.add(link)
                queue.append(link)
    return found


def table() -> Iterator[tuple[str, URLPattern]]:
    """Every route of the URL table by its full name."""
    yield from _flatten(get_resolver().url_patterns, "")


def only_acts(pattern: URLPattern) -> bool:
    """Whether a route answers no GET: it changes something and leads back to a page."""
    names = pattern.pattern.regex.groupindex
    request = RequestFactory().get("/")
    request.visitor = None  # type: ignore[attr-defined]
    try:
        answer: HttpResponse = pattern.callback(request, **dict.fromkeys(names, "0"))
    except Exception:
        return False
    return answer.status_code == 405


def _route(path: str) -> str:
    try:
        return resolve(path).view_name
    except Resolver404:
        return ""


def _flatten(patterns: Iterable[URLPattern | URLResolver], space: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _flatten(pattern.url_patterns, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}", pattern
