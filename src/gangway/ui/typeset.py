"""What typst sets pages with: fonts that come with the house, and which of them a text needs.

No font of the machine is used, so a page looks alike everywhere: typst brings Libertinus Serif (Latin, Greek, Cyrillic,
Hebrew), this folder Noto Naskh Arabic, two packages the rest.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

import typst

FONTS = Path(__file__).parent / "fonts"
FONT_PACKAGES = ("noto_cjk_sans_otc", "manimgx_fonts")
FAMILIES = ("Libertinus Serif", "Noto Naskh Arabic")
DRAWN = frozenset(
    {"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC", "MODIFIER", "FEMININE", "MASCULINE"}  # by the families above
)
HAN = frozenset({"CJK", "IDEOGRAPHIC"})
KANA = frozenset({"HIRAGANA", "KATAKANA", "HALFWIDTH", "FULLWIDTH"})
FURTHER = frozenset(
    {
        "ARMENIAN", "BENGALI", "DEVANAGARI", "ETHIOPIC", "GEORGIAN", "GUJARATI", "GURMUKHI", "KANNADA", "KHMER", "LAO",
        "MALAYALAM", "MYANMAR", "ORIYA", "SINHALA", "TAMIL", "TELUGU", "THAI",
    }
)  # fmt: skip
# The same Han sign is written differently in these regions; where neither name nor language tells, the zone does.
HAN_OF_LANGUAGE = {"ja": "JP", "ko": "KR", "zh-tw": "TC", "zh-hant": "TC", "zh-hk": "HK"}
HAN_OF_ZONE = {"Asia/Tokyo": "JP", "Asia/Seoul": "KR", "Asia/Taipei": "TC", "Asia/Hong_Kong": "HK"}


def scripts(text: str) -> list[str]:
    """The scripts of a text by the first word of each letter's Unicode name: LATIN, CJK, HANGUL …"""
    letters = (sign for sign in text if unicodedata.category(sign)[0] == "L")
    return sorted({unicodedata.name(sign, "UNKNOWN").split(" ")[0].split("-")[0] for sign in letters})


def drawable(text: str) -> bool:
    """Whether each letter is in one of the fonts."""
    return set(scripts(text)) <= DRAWN | HAN | KANA | FURTHER | {"HANGUL"}


def families(text: str, locale: str, zone: str) -> list[str]:
    """The families that set this text for a reader, each sign by the first of them that has it."""
    needed = set(scripts(text))
    east = [f"Noto Sans CJK {_east_asian(needed, locale, zone)}"] if needed & (HAN | KANA | {"HANGUL"}) else []
    return [*FAMILIES, *east, *(f"Noto Sans {script.title()}" for script in sorted(needed & FURTHER))]


def _east_asian(needed: Iterable[str], locale: str, zone: str) -> str:
    """Whose way of writing Han signs: that of the kana or hangul beside them, of the reader's language or zone."""
    if KANA & set(needed):
        return "JP"
    if "HANGUL" in needed:
        return "KR"
    lowered = locale.lower()
    found = HAN_OF_LANGUAGE.get(lowered) or HAN_OF_LANGUAGE.get(lowered.split("-")[0])
    return found or HAN_OF_ZONE.get(zone, "SC")


def begins_rtl(text: str) -> bool:
    """Whether the first letter runs from right to left: then the whole text does, as in a <bdi>."""
    directions = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind for kind in directions if kind in {"L", "R", "AL"}), "L") != "L"


@cache
def fonts() -> typst.Fonts:
    """All of them, read once per process."""
    packages = [str(resources.files(package)) for package in FONT_PACKAGES]
    return typst.Fonts(font_paths=[str(FONTS), *packages], include_system_fonts=False, include_embedded_fonts=True)
