"""The design system: components, shells, brand, charts, styleguide. Knows no context above it.

Importing the package needs no Django, because the build hook of the wheel imports ``gangway.ui.build``.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def render(
    request: "HttpRequest", template: str, context: Mapping[str, Any] | None = None, status: int = 200
) -> "HttpResponse":
    """One page: ``template`` with ``context``, in the shell that the template extends."""
    from django import shortcuts

    return shortcuts.render(request, template, context, status=status)
