"""The peer's addresses, and who may ask: whoever sends the token, which stands in the environment and costs nothing."""

import os
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from gangway.config.peer.names import BEARER


class Known:
    """Somebody who may ask; django-scim2 wants to be told by a middleware."""

    is_anonymous = False
    is_authenticated = True


def known(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """The middleware: 401 without the token."""
    expected = f"Bearer {os.environ[BEARER]}"

    def ask(request: HttpRequest) -> HttpResponse:
        if request.path != "/readyz" and request.headers.get("Authorization") != expected:
            return HttpResponse(status=401)
        vars(request)["user"] = Known()
        return answer(request)

    return ask


def readyz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ready\n", content_type="text/plain")


urlpatterns = [path("readyz", readyz), path("scim/v2/", include("django_scim.urls"))]
