"""Where a partner's directory sends its people (SCIM): the room `scim` answers."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from gangway.identity.scim import broken, let_in
from gangway.kernel import clock
from gangway.kernel.web import Request, route


@csrf_exempt  # a directory has no cookie of ours; its token is the proof
@route(public="a directory sends the token of its connection with each request")
def scim(request: Request, rest: str = "") -> HttpResponse:
    """Everything under /scim/v2: 401 without the token of an open connection."""
    return let_in(request, rest, clock.now())


def failed(request: HttpRequest) -> HttpResponse:
    """Something failed on our side: said in the words of directories, which try again later."""
    return broken()
