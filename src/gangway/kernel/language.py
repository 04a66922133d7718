"""Saying things in the reader's language: sentences that rules and refusals made, figures, lists of names."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError, dates, lists, numbers
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext, pgettext

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import Said


def say(sentence: Any) -> str:
    """A sentence of ours in the reader's language; a refusal says what happened. What is only data stays as it is."""
    if isinstance(sentence, Refusal):
        sentence = sentence.said
    if not isinstance(sentence, Said):
        return str(sentence)
    if sentence.parts:
        return " ".join(say(part) for part in sentence.parts)
    if not sentence.text:
        return str(sentence)
    if sentence.plural:
        words = ngettext(sentence.text, sentence.plural, sentence.values["n"])
    else:
        words = gettext(sentence.text)
    if not sentence.values:
        return words
    return words.format(**{name: _value(value) for name, value in sentence.values.items()})


def say_in(tag: str, text: str) -> str:
    """One of our msgids as part of something in the language `tag`; in the reader's where we do not speak that one."""
    try:
        language = translation.get_supported_language_variant(tag)
    except LookupError:
        return gettext(text)
    with translation.override(language):
        return gettext(text)


def explain(refusal: Refusal) -> str:
    """What happened and what to do next, in the reader's language."""
    return f"{say(refusal.said)} {say(refusal.step)}".strip()


def number(value: float) -> str:
    """`12,345`, grouped as the reader's language groups."""
    return _number(value, translation.get_language() or "en")


@lru_cache(maxsize=4096, typed=True)  # a page says the same few figures many times
def _number(value: float, language: str) -> str:
    return numbers.format_decimal(value, locale=_locale(language))


def listing(parts: list[str]) -> str:
    """`Ana, Ben and Caz`, as the reader's language puts names in a row."""
    return lists.format_list(apart(parts), locale=locale())


def comma() -> str:
    """What stands between things in a row, in the reader's language."""
    return pgettext("between things in a row", ", ")


def apart(parts: Sequence[Any]) -> list[str]:
    """From right to left each part is an isolate, so that two Latin names in a row do not change places."""
    told = [say(part) for part in parts]
    return [f"\u2068{one}\u2069" for one in told] if len(told) > 1 and translation.get_language_bidi() else told


def clauses(parts: list[str]) -> str:
    """`16 of 29 came in; 2 wait`: clauses in a row, with the semicolon of the reader's language."""
    return pgettext("between parts of a sentence", "; ").join(parts)


def day(on: date, *, year: bool = True) -> str:
    """`3 May 2026`, `3. Mai 2026`: in the order and with the marks of the reader's language."""
    return dates.format_skeleton("yMMMd" if year else "MMMd", on, locale=locale())


def language_name(tag: str) -> str:
    """`German`, `Deutsch`, `الألمانية`: a language in the reader's own; the tag itself where nobody knows its name."""
    try:
        return Locale.parse(tag, sep="-").get_display_name(locale()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def direction(tag: str) -> str:
    """Whether a language is written from left to right (ltr) or from right to left (rtl)."""
    try:
        return Locale.parse(tag, sep="-").text_direction
    except (UnknownLocaleError, ValueError):
        return "ltr"


def locale() -> Locale:
    """The reader's language as CLDR knows it. English is British."""
    return _locale(translation.get_language() or "en")


@lru_cache(maxsize=64)
def _locale(language: str) -> Locale:
    code = translation.to_locale(language)
    try:
        return Locale.parse("en_GB" if code == "en" else code)
    except (UnknownLocaleError, ValueError):
        return Locale("en", "GB")


def _value(value: Any) -> Any:
    """A value as a sentence shows it. A year or a key is handed over as text, so that nothing groups its digits."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, date):
        return day(timezone.localtime(value).date() if isinstance(value, datetime) else value)
    if isinstance(value, list | tuple):
        return listing(list(value))
    return say(value)
