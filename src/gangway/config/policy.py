"""The Content-Security-Policy, which is one and the same for every answer: it is written once."""

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase


class PolicyMiddleware(CSPMiddleware):
    """django-csp's, which would write the header anew for every answer, twice. No page has a nonce or a policy of its
    own; one that had would be answered by django-csp itself."""

    def process_request(self, request: HttpRequest) -> None:
        """Nobody asks for a nonce."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if settings.DEBUG or any(name.startswith("_csp") for name in vars(response)):
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self._policy())
        return response

    def _policy(self) -> str:
        if self._written is None or self._written[0] is not settings.CONTENT_SECURITY_POLICY:
            self._written = settings.CONTENT_SECURITY_POLICY, build_policy()
        return self._written[1]

    _written: tuple[object, str] | None = None
