"""A language nobody speaks: every text of ours in brackets, so that what stands outside them was never marked.

Placeholders stay outside the brackets: what is filled in must be data, or have brackets of its own.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path

from babel.messages.mofile import write_mo
from django.apps import apps
from django.conf import settings
from django.db import models
from django.utils.translation import trans_real

from gangway.config import words
from gangway.kernel.tenancy import scopes

PLACEHOLDER = re.compile(r"(%\(\w+\)[sd]|\{\w+\}|%s|<[^>]+>)")
BRACKETED = re.compile(r"⟦[^⟧]*⟧")
JOINTS = re.compile(r", | · | und |: ")  # what stands between names in a row
WORD = re.compile(r"[A-Za-z]{2,}")
SPOKEN = frozenset({"aria-label", "title", "placeholder", "alt", "data-label", "data-done", "data-waits"})
UNREAD = frozenset({"script", "style", "code", "pre", "kbd", "time"})
SAID = (
    ("catalog.QuestionVersion", "choices"),
    ("catalog.QuestionText", "choices"),
    ("catalog.AssessmentVersion", "words"),
    ("catalog.CourseVersion", "words"),
    ("catalog.CourseResource", "titles"),
)  # columns with texts in JSON
OURS = frozenset({"words", "breaks", "verdict_words", "said", "verdict_said", "definition", "verb", "payload"})


def bracketed(text: str) -> str:
    """`Hello %(name)s,` → `⟦Hello ⟧%(name)s⟦,⟧`."""
    parts = PLACEHOLDER.split(text)
    return "".join(part if n % 2 or not part else f"⟦{part}⟧" for n, part in enumerate(parts))


@contextmanager
def spoken_as(language: str, folder: Path) -> Iterator[None]:
    """Inside, `language` is the language nobody speaks."""
    catalogue = words.read(language)
    for message in catalogue:
        if not message.id:
            continue
        one, many = (message.id, message.id) if isinstance(message.id, str) else message.id
        forms = [bracketed(one), *[bracketed(many)] * (catalogue.num_plurals - 1)]
        message.string = forms[0] if isinstance(message.id, str) else tuple(forms)
    target = folder / language / "LC_MESSAGES" / "django.mo"
    target.parent.mkdir(parents=True)
    with target.open("wb") as file:
        write_mo(file, catalogue)
    before = settings.LOCALE_PATHS
    settings.LOCALE_PATHS = [folder]
    trans_real._translations.pop(language, None)
    try:
        yield
    finally:
        settings.LOCALE_PATHS = before
        trans_real._translations.pop(language, None)


class Page(HTMLParser):
    """The texts of a page that somebody reads or hears, without code and times."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._unread: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        zones = tag == "select" and given.get("name") == "zone"  # their names are the same everywhere
        inside = bool(self._unread) and tag == self._unread[-1]
        if tag in UNREAD or zones or inside or (given.get("lang") and tag != "html"):
            self._unread.append(tag)
        if not self._unread:
            self.texts += [value for name, value in attrs if name in SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread and data.strip():
            self.texts.append(data)


def outside(html: str) -> set[str]:
    """What a page says outside of brackets and has letters in it."""
    pieces = (part for text in Page(html).texts for piece in BRACKETED.split(text) for part in JOINTS.split(piece))
    return {" ".join(piece.split()).strip(" .,:;·–()“”\u2068\u2069") for piece in pieces if WORD.search(piece)}


def texts_of(value: object) -> Iterator[str]:
    """Every text in something that was JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from texts_of(inner)


def data() -> str:
    """Every text that the database holds: names, titles, what people wrote. Sentences of ours are not among them."""
    held: set[str] = set()
    for model in apps.get_models():
        names = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and field.name not in OURS
        ]
        if names:
            with scopes.unscoped("a test reads every name there is"):
                for row in model._base_manager.values_list(*names).iterator():
                    held.update(value for value in row if isinstance(value, str))
    with scopes.unscoped("a test reads what courses say"):
        for model, column in SAID:
            for value in apps.get_model(model)._base_manager.values_list(column, flat=True):
                held.update(texts_of(value))
    return "\n".join(held).casefold()
