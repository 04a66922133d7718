"""One sign-in page, so that the kernel's tests need no context above it."""

from django.http import HttpRequest, HttpResponse
from django.urls import path


def sign_in(request: HttpRequest) -> HttpResponse:
    return HttpResponse("sign in")


urlpatterns = [path("sign-in", sign_in, name="sign_in")]
