"""The catalogues hold every word of the house, in every language: never empty, never unsure."""

import gettext
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message
from django.utils import translation

from gangway.config import words

LANGUAGES = words.languages()
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w+\}|%s")
TAG = re.compile(r"</?\w+[^>]*>")
FIGURES = frozenset(  # what is filled in there is a number, which needs no isolate
    [
        "n",
        "m",
        "num",
        "all",
        "done",
        "share",
        "low",
        "high",
        "total",
        "free",
        "came",
        "invited",
        "certified",
        "needed",
        "proven",
        "attested",
        "missing",
        "decayed",
        "came_in",
        "bounced",
        "unknown",
        "unsent",
        "left",
        "minimum",
        "measured",
        "waiting",
        "days",
        "limit",
        "inside",
        "people",
        "partners",
        "tiers",
        "wanted",
        "wanted_tiers",
        "percent",
        "times",
        "minutes",
        "status",
    ]
)


def messages(language: str) -> Iterator[Message]:
    return (message for message in words.read(language) if message.id)


def texts(value: object) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)  # type: ignore[arg-type]


def test_there_are_catalogues() -> None:
    assert LANGUAGES == ["ar", "de"]
    assert sum(1 for _ in messages("de")) > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_as_the_sources_are(language: str) -> None:
    source = {(message.context, message.id) for message in words.extracted() if message.id}
    kept = {(message.context, message.id) for message in messages(language)}
    assert source - kept == set(), "run: gangway words"
    assert kept - source == set(), "run: gangway words"
    assert words.path(language).read_bytes() == words.written(words.read(language)), "run: gangway words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated(language: str) -> None:
    forms = words.read(language).num_plurals
    for message in messages(language):
        said = texts(message.string)
        assert all(said), f"not translated: {message.id!r}"
        assert len(said) == (1 if isinstance(message.id, str) else forms), message.id
        assert not message.fuzzy, message.id


def test_an_arabic_count_takes_the_form_of_its_number() -> None:
    chosen = gettext.c2py(words.read("ar").plural_expr)  # type: ignore[attr-defined]
    assert [chosen(n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)] == [0, 1, 2, 3, 3, 4, 4, 5, 5, 3]
    with translation.override("ar"):
        said = [translation.ngettext("%(n)s person came in.", "%(n)s people came in.", n) % {"n": n} for n in (12, 100)]
    assert said == ["دخل 12 شخصًا.", "دخل 100 شخص."]


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_and_tags_are_kept(language: str) -> None:
    for message in messages(language):
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in texts(message.id)}
        for text in texts(message.string):
            found = frozenset(PLACEHOLDER.findall(text))
            may_drop = {"%(num)s", "%(n)s", "{n}"} if not isinstance(message.id, str) else set()
            assert any(found <= one and one - found <= may_drop for one in wanted), (message.id, text)
            assert Counter(TAG.findall(text)) == Counter(TAG.findall(texts(message.id)[0])), message.id


def test_what_is_filled_into_arabic_keeps_its_direction() -> None:
    for message in messages("ar"):
        for text in texts(message.string):
            assert text.count("\u2068") == text.count("\u2069"), text
            for found in PLACEHOLDER.finditer(text):
                name = re.sub(r"\W", "", found[0].rstrip("sd") if found[0].startswith("%(") else found[0])
                if name in FIGURES or found[0] == "%s":
                    continue
                assert text.rfind("\u2068", 0, found.start()) > text.rfind("\u2069", 0, found.start()), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_differ_from_english(language: str) -> None:
    same = [
        message.id
        for message in messages(language)
        if isinstance(message.id, str) and message.id == message.string and len(message.id.split()) > 2
    ]
    assert [text for text in same if re.sub(PLACEHOLDER, "", text).strip(" .:")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_ends_as_the_english_one(language: str) -> None:
    """A full stop or a question mark that got lost is a sentence that got lost."""
    ends = {".": ".。", "?": "?؟", ":": ":", ",": ",،"}
    for message in messages(language):
        for text in texts(message.string):
            last = texts(message.id)[-1][-1]
            plain = text.rstrip("\u2069")
            if last in ends and not isinstance(message.id, tuple):
                assert plain[-1] in ends[last] + "«»“‟\u2069:", (message.id, text)
