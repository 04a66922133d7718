"""What `gangway bench learning` has the web server run: the house, and the bare view first among its pages.

The bare view is the portal's shell around no words, behind the right of a learner: session, person, scope, brand,
places to go. That is what any page of a learner costs before it says anything (bench/README.md, "Learning"). Nothing
but the benchmark starts this, so no installation has that page.
"""

from importlib import import_module

from django.conf import settings
from django.http import HttpResponse
from django.urls import path

from gangway.config.wsgi import application  # before what follows: it sets Django up
from gangway.kernel.web import Request, route
from gangway.learning.access import LEARN
from gangway.ui import render

__all__ = ["application"]


@route(right=LEARN)
def bare(request: Request) -> HttpResponse:
    """The shell, and nothing in it."""
    return render(request, "ui/shell/portal.jinja")


import_module(settings.ROOT_URLCONF).urlpatterns.insert(0, path("bare", bare))
