"""The Content-Security-Policy: what django-csp would say, written once, and a page's own where it has one."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from gangway.config.policy import PolicyMiddleware


def answered(middleware: type[CSPMiddleware], response: HttpResponse) -> str:
    def answer(request: HttpRequest) -> HttpResponse:
        return response

    return str(middleware(answer)(RequestFactory().get("/"))[HEADER])


def test_it_is_what_django_csp_says():
    assert answered(PolicyMiddleware, HttpResponse()) == answered(CSPMiddleware, HttpResponse())
    assert "default-src 'none'" in answered(PolicyMiddleware, HttpResponse())


def test_a_page_that_has_its_own_keeps_it():
    assert answered(PolicyMiddleware, HttpResponse(headers={HEADER: "sandbox"})) == "sandbox"
    framed = HttpResponse()
    framed._csp_update = {"frame-src": ["https://video.example"]}  # type: ignore[attr-defined]
    assert "https://video.example" in answered(PolicyMiddleware, framed)


def test_other_settings_are_another_policy(settings):
    middleware = PolicyMiddleware(lambda request: HttpResponse())
    before = middleware(RequestFactory().get("/"))[HEADER]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {"default-src": ["'self'"]}}
    assert (middleware(RequestFactory().get("/"))[HEADER], before) == ("default-src 'self'", before)
