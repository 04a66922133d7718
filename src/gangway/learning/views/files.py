"""What a lesson shows or leads to: pictures, videos, and files to take along."""

import re

from csp.decorators import csp
from django.http import HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header, quote_etag
from django.views.decorators.http import require_safe

from gangway.catalog import queries as catalog
from gangway.kernel.web import Request, route
from gangway.learning import queries
from gangway.learning.access import LEARN
from gangway.ui.policy import ALONE

FOR_EVER = "private, max-age=31536000, immutable"


MOST = 2 * 1024 * 1024
"""So many bytes of a part are sent at once; a player asks for the next."""
_RANGE = re.compile(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))")


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
    span = _span(request.headers.get("Range", ""), found.size)
    if span is None or request.headers.get("If-Range", etag) != etag:
        response = HttpResponse(catalog.file_span(found, 0, found.size))
    elif span.start < span.stop:
        response = HttpResponse(catalog.file_span(found, span.start, span.stop), status=206)
        response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{found.size}"
    else:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{found.size}"
    response["Content-Type"] = found.kind or "application/octet-stream"
    response["Content-Disposition"] = content_disposition_header(not found.kind, found.name) or "attachment"
    response["Accept-Ranges"] = "bytes"
    return _lasting(response, etag)


def _span(asked: str, size: int) -> range | None:
    """The bytes that a Range header asks for; empty where the file has none of them, None where it asks for no part.

    Several parts at once are answered with the whole file, which the standard leaves to the server.
    """
    found = _RANGE.fullmatch(asked.strip())
    if found is None or (found[2] and int(found[2]) < int(found[1])):
        return None
    start = max(0, size - int(found[3])) if found[3] else int(found[1])
    last = int(found[2]) if found[2] else size - 1
    return range(start, max(start, min(last + 1, size, start + MOST)))


def _lasting(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = FOR_EVER
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
