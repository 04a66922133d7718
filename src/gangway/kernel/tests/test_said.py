"""Sentences that keep their words and values apart: English for machines, the reader's language for people."""

import json

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.language import explain, say, say_in
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import Said, content, pack, said, together, unpack

VALUES = st.one_of(st.integers(-(10**9), 10**9), st.text(), st.lists(st.text(), max_size=3))


def test_it_is_the_english_sentence() -> None:
    assert said("{n} partner", "{n} partners", n=1) == "1 partner"
    assert said("{n} partner", "{n} partners", n=2) == "2 partners"
    assert said("Missing: {names}.", names=["A", "B"]) == "Missing: A, B."
    assert together("One.", "", said("Two {n}.", n=2)) == "One. Two 2."


def test_braces_in_content_are_no_placeholders() -> None:
    assert say(content("Hello {name}")) == "Hello {name}"
    assert str(Invalid(problem="“{text}” is wrong.", mend="Mend {it}.", text="{x}", it="it")) == "“{x}” is wrong."
    assert str(Invalid(problem="No {values} here.")) == "No {values} here."


@given(st.dictionaries(st.sampled_from("abc"), VALUES), st.integers(0, 5))
def test_a_stored_sentence_comes_back(values: dict[str, object], n: int) -> None:
    text = "x" + "".join(f" {{{name}}}" for name in values)
    sentence = together(said(text, **values), said("{n} day", "{n} days", n=n), said("Is {what}.", what=said("late")))
    back = unpack(json.loads(json.dumps(pack(sentence))))
    assert back == sentence
    assert say(back) == say(sentence)


def test_it_is_said_in_the_readers_language() -> None:
    with translation.override("de"):
        assert say(said("{n} of {m}", n=1234, m=5)) == "1.234 of 5"  # the figures follow even an untranslated text
        assert say("as it is") == "as it is"
    refusal = Invalid(field="zone", problem="“{zone}” is no time zone.", mend="Use UTC.", zone="Mars")
    assert explain(refusal) == "“Mars” is no time zone. Use UTC."
    assert isinstance(refusal.said, Said)


def test_a_word_of_ours_is_said_in_the_language_of_what_it_belongs_to() -> None:
    with translation.override("en"):
        assert [say_in(tag, "Languages") for tag in ("de-AT", "en", "pl")] == ["Sprachen", "Languages", "Languages"]
        assert translation.get_language() == "en"
