"""A paper is one page, whatever it has to say, and says all of it in each of its forms."""

import io

import pytest
from django.utils import translation
from markdown_it import MarkdownIt
from pypdf import PdfReader

from gangway.kernel import clock
from gangway.ui.papers import MOST_VALUES, Block, Line, Paper, markdown, pair, pdf

LONG = "Maximiliane-Friederike von und zu Hohenlohe-Schillingsfürst GmbH"


def paper(blocks: int, lines: int, words: str = LONG) -> Paper:
    """As much as that."""
    made = (Line(f"What {n}", (words, f"https://{'x' * 60}.example/{n}"), technical=n % 2 == 0) for n in range(lines))
    return Paper(words, "Ready to sign.", tuple(Block(words, tuple(made)) for _ in range(blocks)), "The end.")


def pages(shown: Paper, language: str = "en") -> list[str]:
    with translation.override(language):
        return [page.extract_text() for page in PdfReader(io.BytesIO(pdf(shown, zone="UTC", at=clock.now()))).pages]


@pytest.mark.parametrize(("blocks", "lines"), [(1, 1), (1, 40), (3, 14), (12, 40)])
def test_it_is_one_page_however_much_it_says(blocks: int, lines: int) -> None:
    shown = Paper(LONG, "First.", tuple(paper(1, lines).blocks * blocks), "The end of it.")
    (only,) = pages(shown)
    assert "The end of it." in " ".join(only.split())


def test_arabic_stands_on_one_page_too() -> None:
    words = "شركة الشمال للتدريب والشهادات " * 3
    (only,) = pages(Paper(words, words, tuple(paper(1, 12, words).blocks * 6), "النهاية"), "ar")
    assert "https" in only


def test_arabic_has_a_comma_and_a_semicolon_of_its_own() -> None:
    """Two Latin values in a row keep their places, in the file and on the page."""
    shown = Paper("T", "S", (Block("B", (Line("L", ("Silver: 1 / 10", "Registered: 1 / 3")),)),), "F")
    (only,) = pages(shown, "ar")
    assert "،" in only
    assert "," not in only
    with translation.override("ar"):
        assert "Silver: 1 / 10؛ Registered: 1 / 3" in markdown(shown)
    assert "," in pages(shown)[0]


def test_of_a_long_list_it_says_how_many_more() -> None:
    shown = Paper("T", "S", (Block("B", (Line("Domains", tuple(f"d{n}.example" for n in range(40)), True),)),), "F")
    (only,) = pages(shown)
    assert f"+ {40 - MOST_VALUES}" in only
    assert "d39.example" not in only


def test_what_a_value_holds_is_text_in_markdown() -> None:
    """The negative control of the escape: the same words unescaped are a link and a heading."""
    evil = "[press](https://evil.example) <script>alert(1)</script> **x**\n# Title"
    said = markdown(Paper("T", "S", (Block("B", (Line("L", (evil,)),)),), "F"))
    assert "<a" in MarkdownIt("commonmark").render(evil)
    page = MarkdownIt("commonmark").render(said)
    assert "<a" not in page
    assert "<script" not in page
    assert page.count("<h1>") == 1
    assert "[press]" in page
    assert "<li>" not in MarkdownIt("commonmark").render(markdown(Paper("T", "1. not a list", (), "- nor this")))


@pytest.mark.parametrize(("language", "arrow"), [("en", "←"), ("de", "←"), ("ar", "→")])
def test_an_arrow_points_from_theirs_to_ours_as_the_language_reads(language: str, arrow: str) -> None:
    with translation.override(language):
        found = pair("email ← mail")
        assert (found.first, found.arrow, found.second) == ("email", arrow, "mail")
        assert found.text == f"\u2066email\u2069 {arrow} \u2066mail\u2069"
        assert pair("mail").text == "mail"
