"""What stands around a page. The portal context makes it (``GANGWAY_SHELL`` names the function); the shells draw it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from gangway.ui.brand import DEFAULT_ACCENT

Kind = Literal["portal", "desk", "console", "plain"]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One place one can go. ``key`` is the letter after ``g`` in the console; ``count`` a figure that waits there."""

    label: str
    url: str
    icon: str = "circle"
    current: bool = False
    key: str = ""
    count: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Places under one heading; without a heading they stand first."""

    label: str = ""
    items: Sequence[Item] = ()


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Whose page this is. ``logo`` is an address of our own origin; without one the name's first letters stand in."""

    name: str = "Gangway"
    accent: str = DEFAULT_ACCENT
    logo: str = ""
    vendor: str = ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who is signed in, and what the menu under their name holds."""

    name: str
    detail: str = ""
    items: Sequence[Item] = ()
    sign_out: str = ""


@dataclass(frozen=True, kw_only=True)
class Viewing:
    """The page is shown as somebody else sees it: the sentence that says so and the way out, as the viewer reads."""

    words: str
    stop: str
    url: str
    locale: str
    direction: str = "ltr"


@dataclass(frozen=True, kw_only=True)
class Shell:
    """Everything a shell draws around a page."""

    brand: Brand = field(default_factory=Brand)
    groups: Sequence[Group] = ()
    account: Account | None = None
    home: str = "/"
    notice: str = ""
    viewing: Viewing | None = None
    footer: Sequence[Item] = ()

    @property
    def items(self) -> list[Item]:
        """All places, without their headings: what a bar shows."""
        return [item for group in self.groups for item in group.items]


def shell_for(request: HttpRequest | None, kind: Kind) -> Shell:
    """The shell of this request; a bare one where nobody was named to make it, or there is no request."""
    given: Shell | None = getattr(request, "ui_shell", None)  # the styleguide brings its own
    if given is not None:
        return given
    path: str = getattr(settings, "GANGWAY_SHELL", "")
    if not path or request is None:
        return Shell()
    make: Callable[[HttpRequest, Kind], Shell] = import_string(path)
    return make(request, kind)
