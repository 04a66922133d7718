"""An address that was looked up is remembered, for the routes it was looked up in."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.urls import NoReverseMatch, path

from gangway.ui.jinja import url


class Elsewhere:
    """Other routes, one of which goes by a name of the house."""

    urlpatterns = [path("elsewhere/<slug:name>", lambda _: HttpResponse(), name="healthz")]


def test_each_argument_has_its_own_address() -> None:
    for name in ("a", "b", "a"):
        assert url("ui:brand", name) == f"/brand/{name}.css"
    assert url("healthz") == "/healthz"


def test_other_routes_have_other_addresses(settings: Any) -> None:
    assert url("healthz") == "/healthz"
    settings.ROOT_URLCONF = Elsewhere
    assert url("healthz", "a") == "/elsewhere/a"
    with pytest.raises(NoReverseMatch):
        url("healthz")
