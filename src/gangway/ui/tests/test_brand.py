"""Whatever colour a partner brings, every word on its pages can be read."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gangway.ui import brand

colours = st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06x}")


@given(colours)
@example("#ffffff")
@example("#000000")
@example("#ffd400")
@example("#808080")
@settings(max_examples=400)
def test_every_pair_that_carries_words_reads(accent: str) -> None:
    tones = brand.palette(accent)
    for tone, grounds, body, soft in (
        (tones.light, brand.LIGHT_GROUNDS, brand.BODY_LIGHT, brand.SOFT_LIGHT),
        (tones.dark, brand.DARK_GROUNDS, brand.BODY_DARK, brand.SOFT_DARK),
    ):
        assert brand.contrast(tone.ink, tone.fill) >= brand.MINIMUM
        for ground in (*grounds, tone.soft):
            assert brand.contrast(tone.text, ground) >= brand.MINIMUM, ground
        assert brand.contrast(body, tone.soft) >= brand.MINIMUM
        assert brand.contrast(soft, tone.soft) >= brand.MINIMUM


@given(colours)
def test_what_was_changed_is_said_and_nothing_else(accent: str) -> None:
    tones = brand.palette(accent)
    changed = [tone.fill for tone in (tones.light, tones.dark) if tone.fill != accent]
    assert len(tones.adjusted) == len(changed)
    for fill, sentence in zip(changed, tones.adjusted, strict=True):
        assert accent in sentence
        assert fill in sentence


def test_a_colour_that_reads_stays_as_it_is() -> None:
    assert brand.palette("#1f4fd8").light.fill == "#1f4fd8"
    assert brand.palette("#93a2f8").dark.fill == "#93a2f8"


@given(colours)
def test_the_address_gives_back_exactly_its_sheet(accent: str) -> None:
    name = re.fullmatch(r"/brand/([0-9a-f]{16})\.css", brand.href(accent))
    assert name
    assert brand.by_hash(name[1]) == brand.stylesheet(accent)


@given(st.text(max_size=20))
def test_no_other_address_is_served(name: str) -> None:
    served = brand.by_hash(name)
    assert served is None or brand.href(name[:6]) == f"/brand/{name}.css"


@pytest.mark.parametrize("wrong", ["", "red", "#12", "#12345", "rgb(1,2,3)", "#3b4fd1;}*{", "#3b4fd1\n}"])
def test_only_a_colour_is_a_colour(wrong: str) -> None:
    with pytest.raises(brand.NotAColour):
        brand.normal(wrong)


def test_short_and_bare_forms_mean_the_same() -> None:
    assert brand.normal("#ABC") == brand.normal("aabbcc") == "#aabbcc"


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Nordwind", "N"),
        ("Acme Cloud", "AC"),
        ("شركة النور", "شا"),
        ("a", "A"),
        ("", ""),
        ("—", ""),
        ("Ana de la Cruz", "AC"),
    ],
)
def test_monogram(name: str, letters: str) -> None:
    assert brand.monogram(name) == letters
