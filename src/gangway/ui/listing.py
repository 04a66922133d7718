"""A list as a page: one call answers the page, the narrowed page and the export of any ``ListSpec``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext, ngettext

from gangway.kernel.language import number

if TYPE_CHECKING:
    from gangway.kernel.lists import Filter, ListSpec, Page


def answer(
    request: HttpRequest,
    spec: "ListSpec",
    *,
    title: str,
    sentence: str = "",
    shell: str = "console",
    template: str = "ui/list.jinja",
    context: Mapping[str, Any] | None = None,
) -> HttpResponseBase:
    """The list of ``spec`` as the address asks for it: searched, filtered, at its page; ``?export=csv`` as a file.

    ``sentence`` answers the page's question above the rows. ``context`` may bring ``empty_title``, ``empty_text`` and
    ``empty_action`` (for a list with nothing in it yet), ``actions`` (buttons beside the title), ``crumbs``.
    """
    from gangway.kernel.lists import export_csv, page
    from gangway.ui import render

    if request.GET.get("export") == "csv":
        response = StreamingHttpResponse(export_csv(spec, request.GET), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{spec.key.replace(".", "-")}.csv"'
        return response
    found = page(spec, request.GET)
    whole: HttpResponse = render(
        request, template, {"title": title, "sentence": sentence, "shell_kind": shell, "page": found, **(context or {})}
    )
    return whole


def choices(narrowing: "Filter") -> list[tuple[str, str]]:
    """What a filter offers, in the reader's language; first of all: everything."""
    everything = gettext("%(what)s: all") % {"what": gettext(narrowing.label)}
    return [("", everything), *((value, gettext(words)) for value, words in narrowing.options())]


def how_many(page: "Page") -> str:
    """`30 people`, `10,000+ people`: how many rows a list has, in the reader's language."""
    figure = number(page.count) + ("" if page.counted_fully else "+")
    words = ngettext("%(n)s %(noun)s", "%(n)s %(noun)s", page.count)  # some languages have two in the noun itself
    return words % {"n": figure, "noun": ngettext(*page.spec.noun, page.count)}


def href(page: "Page", *, without: str = "", **more: str) -> str:
    """The address of this list as it stands now, with ``more`` parameters and ``without`` one of them."""
    kept = {"q": page.query, **page.chosen}
    chosen = {key: value for key, value in {**kept, **more}.items() if value and key != without}
    return "?" + urlencode(chosen)
