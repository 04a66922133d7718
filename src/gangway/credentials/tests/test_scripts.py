"""The certificate sets names of every script: they are read back from the page, and no sign is an empty box."""

import io
import unicodedata
from collections.abc import Iterator
from uuid import uuid4

import pypdfium2
import pytest
from pypdf import PdfReader
from pypdf.generic import ByteStringObject, TextStringObject

from gangway.credentials.queries import AwardRow
from gangway.credentials.rules import Status
from gangway.credentials.tests.house import NOW
from gangway.credentials.views.certificate import Holder, draw
from gangway.ui import typeset

NUMBER = "GW-7K3M-92QF-0HTX-B4WZ"
AWARD = AwardRow(
    id=uuid4(),
    partner_id=uuid4(),
    person_id=uuid4(),
    credential_id=uuid4(),
    number=NUMBER,
    title="Partner Essentials",
    issuer="Acme Cloud",
    course_key="partner-essentials",
    credential_key="partner-essentials",
    cycle=1,
    issued_at=NOW,
    expires_at=NOW.replace(year=2028),
    revoked_at=None,
    revoke_reason=None,
    status=Status.VALID,
    intact=True,
)
NAMES = {
    "diacritics": "Šárka Nguyễn Ţepeş-Żółć",
    "greek and cyrillic": "Νίκος Щербаков",
    "okina": "Kaʻiulani",
    "arabic": "محمد عبد الرحمن",
    "hebrew": "דוד בן־גוריון",
    "chinese": "王小明",
    "traditional chinese": "歐陽國華",
    "japanese": "佐々木さくら",
    "katakana": "ジョン・スミス",
    "korean": "김민준",
    "hindi": "आदित्य शर्मा",
    "thai": "สมชาย ใจดี",
    "tamil": "தமிழ்ச்செல்வி",
    "georgian and armenian": "გიორგი Գեւորգ",
    "amharic": "አበበ ቢቂላ",
    "mixed": "李 Anna 김",
    "mixed, right to left first": "محمد Smith 王",
    "sixty letters": "Maximiliane-Friederike von und zu Hohenlohe-Schillingsfürst X",
    "sixty signs": "王小明" * 20,
    "sixty letters in arabic": "عبد الرحمن " * 5 + "محمد",
}


def drawn(name: str, locale: str = "en", zone: str = "UTC") -> bytes:
    return draw(AWARD, Holder(name, locale, zone), accent="#1f5eff", address=f"https://gangway.example/verify/{NUMBER}")


def letters(text: str) -> list[str]:
    """Its letters without their forms and order: a PDF may say ligatures, and a line that wraps in two pieces."""
    return sorted(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign)[0] == "L")


def read(pdf: bytes) -> str:
    (page,) = pypdfium2.PdfDocument(pdf)
    text: str = page.get_textpage().get_text_bounded()
    return text


def boxes(pdf: bytes) -> int:
    """How many signs no font had: glyph 0 of any font is its empty box, and each glyph is two bytes here."""
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    content = page.get_contents()
    assert content is not None
    shown = [
        bytes(piece.original_bytes)
        for operands, operator in content.operations
        if operator in (b"Tj", b"TJ")
        for piece in (operands[0] if operator == b"TJ" else operands)
        if isinstance(piece, (TextStringObject, ByteStringObject))
    ]
    assert shown
    return sum(codes[at : at + 2] == b"\0\0" for codes in shown for at in range(0, len(codes), 2))


@pytest.fixture
def without_fonts(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As it was before: nothing but what typst and this folder bring."""
    monkeypatch.setattr(typeset, "FONT_PACKAGES", ())
    typeset.fonts.cache_clear()
    yield
    typeset.fonts.cache_clear()


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_a_name_stands_on_one_page_whole_and_without_boxes(name: str) -> None:
    pdf = drawn(name)
    page = read(pdf)
    assert not set(letters(name)) - set(letters(page))
    assert "—" not in page
    assert boxes(pdf) == 0


@pytest.mark.parametrize("name", [NAMES[key] for key in ("arabic", "hebrew", "chinese", "japanese", "korean")])
def test_a_name_is_read_back_in_its_order(name: str) -> None:
    assert name in read(drawn(name))


@pytest.mark.parametrize("key", ["chinese", "japanese", "korean", "tamil", "thai", "amharic", "mixed"])
@pytest.mark.usefixtures("without_fonts")
def test_without_the_fonts_the_test_above_would_fail(key: str) -> None:
    """The negative control: then the signs are boxes."""
    assert boxes(drawn(NAMES[key])) > 0


def test_a_script_of_no_font_leaves_the_name_out_and_says_so() -> None:
    page = read(drawn("ᠪᠠᠲᠤ"))  # Mongolian
    assert "—" in page
    assert "written in a script" in page


@pytest.mark.parametrize(
    ("name", "locale", "zone", "family"),
    [
        ("佐々木さくら", "en", "UTC", "Noto Sans CJK JP"),
        ("김 民", "en", "UTC", "Noto Sans CJK KR"),
        ("山田太郎", "ja", "UTC", "Noto Sans CJK JP"),
        ("山田太郎", "en", "Asia/Tokyo", "Noto Sans CJK JP"),
        ("歐陽國華", "zh-TW", "UTC", "Noto Sans CJK TC"),
        ("歐陽國華", "en", "Asia/Hong_Kong", "Noto Sans CJK HK"),
        ("王小明", "de", "Europe/Berlin", "Noto Sans CJK SC"),
    ],
)
def test_han_signs_are_written_as_where_the_holder_lives(name: str, locale: str, zone: str, family: str) -> None:
    assert typeset.families(name, locale, zone)[-1] == family
    assert family in set(typeset.fonts().families())


def test_every_family_that_may_be_asked_for_is_there() -> None:
    needed = {f"Noto Sans {script.title()}" for script in typeset.FURTHER} | set(typeset.FAMILIES)
    assert needed <= set(typeset.fonts().families())


def test_a_name_that_begins_right_to_left_runs_so() -> None:
    page = pypdfium2.PdfDocument(drawn("محمد Smith"))[0].get_textpage()
    text = page.get_text_range()
    left_of = {word: page.get_charbox(text.index(word))[0] for word in ("S", "د") if word in text}
    assert typeset.begins_rtl("محمد Smith")
    assert not typeset.begins_rtl("Smith محمد")
    assert left_of["S"] < left_of["د"]
