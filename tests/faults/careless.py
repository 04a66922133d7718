"""Seeded faults for the experiments: each must turn its experiment red."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from gangway.identity.queries import read_principal
from gangway.kernel.access import Principal

_seen: dict[str, Principal | None] = {}
_posts: dict[str, int] = {}
POSTS_OF_A_NETWORK = 30


def cached_reader(cookie: str, now: datetime) -> Principal | None:
    """A session that is read once and believed from then on."""
    if cookie not in _seen:
        _seen[cookie] = read_principal(cookie, now)
    return _seen[cookie]


def per_network(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A limit per network address, as one finds it in many a product."""
    _posts.clear()

    def answer(request: HttpRequest) -> HttpResponseBase:
        where = request.META["REMOTE_ADDR"]
        if request.method == "POST":
            _posts[where] = _posts.get(where, 0) + 1
        return HttpResponse(status=429) if _posts.get(where, 0) > POSTS_OF_A_NETWORK else get_response(request)

    return answer
