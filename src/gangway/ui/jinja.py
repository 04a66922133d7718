"""The template engine: Jinja2 behind Django's backend, with what every page may call."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends import jinja2 as backend
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined, pass_eval_context
from jinja2.filters import do_striptags
from jinja2.nodes import EvalContext
from markupsafe import Markup

from gangway.kernel.language import number, say
from gangway.kernel.refusal import Refusal
from gangway.kernel.said import Said
from gangway.ui import assets, brand, charts, listing, shell, words

_request: ContextVar[HttpRequest | None] = ContextVar("gangway_ui_request", default=None)
THEMES = ("light", "dark")


class Engine(backend.Jinja2):
    """Looks in ``templates/`` of each app, and lets macros know the request they are drawn for."""

    app_dirname = "templates"

    def from_string(self, template_code: str) -> "Template":
        return Template(self.env.from_string(template_code), self)

    def get_template(self, template_name: str) -> "Template":
        return Template(super().get_template(template_name).template, self)


class Template(backend.Template):
    """A template whose imported macros can reach the request: for the CSRF token, the shell and the theme."""

    def render(self, context: Any = None, request: HttpRequest | None = None) -> str:
        with _drawn_for(request):
            return super().render(context, request)


@contextmanager
def _drawn_for(request: HttpRequest | None) -> Iterator[None]:
    token = _request.set(request if request is not None else _request.get())
    try:
        yield
    finally:
        _request.reset(token)


def environment(**options: Any) -> Environment:
    """The environment of all pages: autoescape, strict names, i18n by Django's catalogues."""
    options.setdefault("undefined", StrictUndefined)
    env = Environment(  # noqa: S701
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"], finalize=spoken, **options
    )
    env.globals |= {"gettext": _gettext, "ngettext": _ngettext, "pgettext": _pgettext, "_": _gettext}
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    env.globals |= {
        "asset": assets.url,
        "brand_css": brand.href,
        "monogram": brand.monogram,
        "charts": charts,
        "csrf_field": csrf_field,
        "language": language,
        "list_choices": listing.choices,
        "list_href": listing.href,
        "shell": lambda kind: shell.shell_for(_request.get(), kind),
        "theme": theme,
        "url": url,
    }
    for word in words.ALL:
        env.globals[word.__name__] = word
        env.filters[word.__name__] = word
    env.filters["striptags"] = lambda value: do_striptags(spoken(value))
    env.filters["said"] = spoken
    env.filters["how_many"] = listing.how_many
    return env


def spoken(value: Any) -> Any:
    """What a page prints: sentences of ours in the reader's language, everything else as it is."""
    return say(value) if isinstance(value, Said | Refusal) else value


@pass_eval_context
def _gettext(here: EvalContext, text: str, /, **values: Any) -> str:
    return _filled(here, translation.gettext(text), values)


@pass_eval_context
def _pgettext(here: EvalContext, place: str, text: str, /, **values: Any) -> str:
    return _filled(here, translation.pgettext(place, text), values)


@pass_eval_context
def _ngettext(here: EvalContext, one: str, many: str, num: int, /, **values: Any) -> str:
    """`%(num)s` is the figure as the reader's language writes it."""
    return _filled(here, translation.ngettext(one, many, num), {"num": number(num), **values})


def _filled(here: EvalContext, text: str, values: dict[str, Any]) -> str:
    """The translation, then its values, escaped where the page is and said where they are sentences.

    Without values nothing is filled in, so a per cent sign stands for itself.
    """
    words_ = Markup(text) if here.autoescape else text  # noqa: S704  a msgid or its translation, from our own files
    return words_ % {name: spoken(value) for name, value in values.items()} if values else words_


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a named route."""
    return _url(settings.ROOT_URLCONF, name, args, tuple(kwargs.items()))


@lru_cache(maxsize=4096)  # looking one up takes as long as a small query, and a page holds dozens
def _url(routes: str, name: str, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> str:
    return reverse(name, routes, args=args or None, kwargs=dict(kwargs) or None)


def csrf_field() -> Markup:
    """The hidden field every form that changes something carries."""
    request = _request.get()
    if request is None:
        return Markup("")
    return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(get_token(request))


def theme() -> str:
    """``light`` or ``dark`` if the person chose one, else nothing: the system's choice holds."""
    request = _request.get()
    if request is None:
        return ""
    chosen: str = getattr(request, "ui_theme", "") or request.COOKIES.get("theme", "")
    return chosen if chosen in THEMES else ""


def language() -> dict[str, str]:
    """The page's language and direction, for ``<html>``."""
    code = translation.get_language() or "en"
    request = _request.get()
    direction = "rtl" if translation.get_language_bidi() else "ltr"
    return {"code": code, "dir": getattr(request, "ui_direction", direction)}
