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
    signed_paper: Callable[[], papers.Paper],
    zone: str,
) -> HttpResponse:
    """One of the forms, to be kept; `?which=signed`: of what was signed last. NotFound: no such form, or no
    signature."""
    if form not in TYPES:
        raise NotFound
    signed = request.GET.get("which") == "signed"
    if signed and found.signed is None:
        raise NotFound
    at = found.signed.at if signed and found.signed else clock.now()
    name = f"{name}-signed" if signed else name
    if form == "json":
        text = found.signed.text if signed and found.signed else found.live.text
        made = text.encode()
    else:
        told = signed_paper() if signed else paper(at)
        made = papers.markdown(told).encode() if form == "md" else papers.pdf(told, zone=zone, at=at)
    response = HttpResponse(made, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    response["Cache-Control"] = "no-store"
    return response
