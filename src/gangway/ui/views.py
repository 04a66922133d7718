"""The brand's style sheet, the styleguide, and the pages for what went wrong before a view was reached."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, HttpResponseServerError
from django.template.loader import render_to_string
from django.urls import is_valid_path

from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.ui import brand, render, samples

FOR_EVER = "public, max-age=31536000, immutable"


@route(public="a style sheet of three colours; it says nothing about anybody")
def brand_sheet(request: Request, name: str) -> HttpResponse:
    """The sheet whose name ``brand.href`` made; any other name was never a page."""
    text = brand.by_hash(name)
    if text is None:
        raise NotFound()
    return HttpResponse(text, content_type="text/css; charset=utf-8", headers={"Cache-Control": FOR_EVER})


@route(public="the design system with invented samples; designers and tests read it signed out")
def styleguide(request: Request, kind: str = "console") -> HttpResponse:
    """All components in all states. ``?theme=dark``, ``?dir=rtl`` and ``?accent=e4002b`` show the other sides."""
    if kind not in samples.KINDS:
        raise NotFound()
    samples.dress(request, kind)
    return render(request, f"ui/styleguide/{kind}.jinja", samples.context(kind))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """No route matched. An address typed with a slash at its end is meant without it."""
    meant = request.path.rstrip("/")
    if meant != request.path and request.method == "GET" and is_valid_path(meant):
        return HttpResponseRedirect(meant)
    return render(request, "ui/errors/404.jinja", status=404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django itself said no."""
    return render(request, "ui/errors/403.jinja", status=403)


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The CSRF check failed (``CSRF_FAILURE_VIEW``)."""
    return render(request, "ui/errors/403.jinja", status=403)


def server_error(request: HttpRequest) -> HttpResponse:
    """A view failed. Drawn without the request, so that whatever broke it cannot break this page too."""
    from gangway.kernel import audit

    return HttpResponseServerError(render_to_string("ui/errors/500.jinja", {"request_id": audit.request_id.get()}))
