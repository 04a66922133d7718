"""What is answered where a view failed: to people a page, to a directory what directories read."""

from django.http import HttpRequest, HttpResponse

from gangway.identity.scim.door import ROOT
from gangway.identity.views import directory
from gangway.ui import views as ui


def server_error(request: HttpRequest) -> HttpResponse:
    """500. Django has logged what happened, and every transaction was taken back."""
    if request.path.startswith(f"{ROOT}/"):
        return directory.failed(request)
    return ui.server_error(request)
