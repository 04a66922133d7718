"""What a lesson shows or leads to: pictures, videos, and files to take along."""

from functools import partial

from csp.decorators import csp
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from gangway.catalog import queries as catalog
from gangway.kernel.web import Request, route
from gangway.learning import queries
from gangway.learning.access import LEARN
from gangway.ui import spans
from gangway.ui.policy import ALONE

FOR_EVER = "private, max-age=31536000, immutable"


@csp(ALONE)
@require_safe
@route(right=LEARN)
def file(request: Request, course: str, digest: str, name: str) -> HttpResponse:
    """A file that a page of my version shows or leads to; its address names its content, so it never changes.

    A picture, a video and its captions are what their bytes say they are, whatever their name; everything else is a
    download. A part of it is sent to who asks for one (RFC 9110, section 14), which a player does.
    """
    version_id = queries.version_learned(request.principal.person_id, course)
    etag = quote_etag(digest)
    if request.headers.get("If-None-Match") == etag and catalog.is_shown(version_id, digest):
        return _lasting(HttpResponseNotModified(), etag)
    found = catalog.shown_file(version_id, digest)
    response = spans.answer(request, etag, found.size, partial(catalog.file_span, found))
    response["Content-Type"] = found.kind or "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(not found.kind, found.name) or "attachment"
    return _lasting(response, etag)


def _lasting(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
