import sys
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel import values
from gangway.kernel.refusal import Invalid

TURNING = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@given(st.text(max_size=20), st.text(max_size=12))
def test_the_key_of_a_key_is_itself_and_fits(local: str, domain: str) -> None:
    for written in (f"{local}@{domain}", f"{local}@nordwind.example"):
        try:
            key = values.mail_key(written)
        except Invalid:
            continue
        assert values.mail_key(key) == key
        assert len(key) <= 320
        key.encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana@Nordwind.Example", "ana@nordwind.example"),
        ("ａna＠nordwind.example", "ana@nordwind.example"),
        ("an\u0303a@x.example", "a\u00f1a@X.example"),
        ("STRASSE@x.example", "straße@x.example"),
        ("ana@例え.example", "ana@xn--r8jz45g.example"),
    ],
)
def test_spellings_of_one_mailbox_have_one_key(one: str, other: str) -> None:
    assert values.mail_key(one) == values.mail_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ana@straße.example", "ana@strasse.example"),  # two domains that anybody may register
        ("аna@x.example", "ana@x.example"),  # the first begins with a Cyrillic letter
        ("a.na@x.example", "ana@x.example"),  # dots mean nothing to one provider only
    ],
)
def test_different_mailboxes_have_different_keys(one: str, other: str) -> None:
    assert values.mail_key(one) != values.mail_key(other)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "no mail address"),
        ("ana", "no mail address"),
        ("ana@", "no mail address"),
        ("a@b@c.example", "no mail address"),
        ("a na@x.example", "no mail address"),
        ("Ana <ana@x.example>", "no mail address"),
        ("a@[127.0.0.1]", "no mail address"),
        ("a@127.0.0.1", "an address, not a host name"),
        ("a@-x.example", "no host name"),
        ("a\x00@x.example", "U\\+0000"),
        ("a\udc80@x.example", "U\\+DC80"),
        ("a\u202e@x.example", "U\\+202E"),
        ("a" * 250 + "@x.example", "260 bytes"),
    ],
)
def test_what_is_no_address_is_refused_in_words(written: str, why: str) -> None:
    with pytest.raises(Invalid, match=why) as refusal:
        values.mail_key(written)
    assert refusal.value.field == "email"
    assert str(refusal.value).isprintable()


def test_nobody_types_control_characters_halves_of_pairs_separators_of_lines_and_turns_of_direction() -> None:
    """Of all characters there are exactly those: by their category, and the nine that turn the direction around."""
    never = {chr(n) for n in range(sys.maxunicode + 1) if unicodedata.category(chr(n)) in {"Cc", "Cs", "Zl", "Zp"}}
    turning = {c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.bidirectional(c) in TURNING}
    refused = set()
    for n in range(sys.maxunicode + 1):
        try:
            values.clean_line(f"a{chr(n)}b")
        except Invalid:
            refused.add(chr(n))
    assert refused == (never - {"\t"}) | turning


@given(st.text(max_size=300))
def test_a_line_is_clean_or_refused_and_cleaning_again_changes_nothing(text: str) -> None:
    try:
        line = values.clean_line(text)
    except Invalid:
        return
    assert values.clean_line(line) == line
    assert 0 < len(line) <= 200
    line.encode()


@given(st.text(max_size=300))
def test_a_sort_key_is_stable_and_short(text: str) -> None:
    key = values.sort_key(text)
    assert values.sort_key(key) == key
    assert len(key) <= 200


def test_names_sort_without_case_and_accents() -> None:
    names = ["Zoë", "zed", "Éva", "eve", "Łukasz", "  Ana  "]
    assert sorted(names, key=values.sort_key) == ["  Ana  ", "Éva", "eve", "zed", "Zoë", "Łukasz"]


@pytest.mark.parametrize(
    ("check", "text", "kept"),
    [
        (values.clean_locale, "pt_br", "pt-BR"),
        (values.clean_locale, "ZH-hant-tw", "zh-Hant-TW"),
        (values.clean_zone, "Europe/Berlin", "Europe/Berlin"),
        (values.clean_key, "nord-wind2", "nord-wind2"),
        (values.clean_host, "Lernen.Süd.Example.", "lernen.xn--sd-xka.example"),
    ],
)
def test_values_are_kept_in_their_usual_spelling(check: Callable[[str], str], text: str, kept: str) -> None:
    assert check(text) == kept


@pytest.mark.parametrize(
    ("check", "text"),
    [
        (values.clean_locale, "german"),
        (values.clean_locale, "d"),
        (values.clean_zone, "Berlin"),
        (values.clean_zone, "../etc/passwd"),
        (values.clean_key, "-a"),
        (values.clean_key, "a" * 64),
        (values.clean_key, "a\n"),
        (values.clean_host, "a..b"),
        (values.clean_host, "x:80"),
    ],
)
def test_other_spellings_are_refused(check: Callable[[str], str], text: str) -> None:
    with pytest.raises(Invalid):
        check(text)
