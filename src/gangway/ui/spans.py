"""A file whole, or the one part of it that a player asks for (RFC 9110, section 14)."""

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

MOST = 2 * 1024 * 1024
"""So many bytes of a part are sent at once; a player asks for the next."""
_RANGE = re.compile(r"bytes=(?:(\d{1,15})-(\d{0,15})|-(\d{1,15}))")


def answer(request: HttpRequest, etag: str, size: int, read: Callable[[int, int], bytes]) -> HttpResponse:
    """200 with the whole file, 206 with the part that was asked for, or 416 where the file has nothing of it.

    `read`: the bytes from one place up to, and without, another; `etag`: quoted. A part of another file than that one
    (If-Range) is answered with the whole.
    """
    span = _span(request.headers.get("Range", ""), size)
    if span is None or request.headers.get("If-Range", etag) != etag:
        response = HttpResponse(read(0, size))
    elif span.start < span.stop:
        response = HttpResponse(read(span.start, span.stop), status=206)
        response["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{size}"
    else:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{size}"
    response["Accept-Ranges"] = "bytes"
    response["ETag"] = etag
    return response


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
