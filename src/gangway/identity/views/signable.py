"""What can be signed, taken along: the paper as PDF and Markdown, the bytes that a signature is about as JSON."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpResponse

from gangway.identity.queries import SheetPage, SpecPage
from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request
from gangway.ui import papers

TYPES = {"pdf": "application/pdf", "md": "text/markdown; charset=utf-8", "json": "application/json"}


def file_of(
    request: Request,
    found: SheetPage | SpecPage,
    form: str,
    *,
    name: str,
    paper: Callable[[datetime], papers.Paper],
    zone: str,
) -> HttpResponse:
    """One of the forms, to be kept; `?which=signed`: the JSON that was signed last. NotFound: no such form, or no
    signature."""
    if form not in TYPES:
        raise NotFound
    response = HttpResponse(_bytes(request, found, form, paper, zone), content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "no-store"
    return response


def _bytes(
    request: Request, found: SheetPage | SpecPage, form: str, paper: Callable[[datetime], papers.Paper], zone: str
) -> bytes:
    now = clock.now()
    match form:
        case "json" if request.GET.get("which") == "signed":
            if found.signed is None:
                raise NotFound
            return found.signed.text.encode()
        case "json":
            return found.live.text.encode()
        case "md":
            return papers.markdown(paper(now)).encode()
        case _:
            return papers.pdf(paper(now), zone=zone, at=now)
