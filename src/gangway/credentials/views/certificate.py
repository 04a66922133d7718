"""Draws the certificate: typst sets the page, segno the QR code. Made on demand, so that erasing a name reaches it.

No font of the machine is used, so a certificate looks alike everywhere: typst brings Libertinus Serif (Latin, Greek,
Cyrillic, Hebrew), this context Noto Naskh Arabic, two packages the rest. Where a script is in none of them the name is
left out and the page says so, because a row of empty boxes is not a name.
"""

import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import segno
import typst
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from django.utils import translation
from django.utils.translation import gettext as _

from gangway.credentials.queries import AwardRow

TEMPLATE = Path(__file__).parents[1] / "templates" / "credentials" / "certificate.typ"
FONTS = Path(__file__).parents[1] / "fonts"
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


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose certificate it is, in their language and zone."""

    name: str
    locale: str
    zone: str


def draw(award: AwardRow, holder: Holder, *, accent: str, address: str) -> bytes:
    """The certificate as PDF, in the holder's language. `address`: where a stranger verifies it."""
    with translation.override(holder.locale):
        content = _content(award, holder, accent, address)
    return bytes(
        typst.compile(
            TEMPLATE,
            format="pdf",
            font_paths=_fonts(),
            sys_inputs={"certificate": json.dumps(content)},
            timestamp=int(award.issued_at.timestamp()),
        )
    )


def _content(award: AwardRow, holder: Holder, accent: str, address: str) -> dict[str, Any]:
    name, note = _drawable(holder.name)
    issued = award.issued_at.astimezone(ZoneInfo(holder.zone))
    return {
        "document_title": f"{award.title}, {award.number}",
        "language": holder.locale.split("-")[0],
        "rtl": translation.get_language_bidi(),
        "fonts": _families(f"{name}{award.title}{award.issuer}", holder),
        "accent": accent,
        "issuer": award.issuer,
        "name": name,
        "name_rtl": _begins_rtl(name),
        "name_size": _fitting(name, ((22, 46), (34, 36), (48, 27)), 21),
        "title": award.title,
        "title_size": _fitting(award.title, ((40, 26), (70, 20)), 16),
        "number": award.number,
        "issued": [issued.year, issued.month, issued.day],
        "issued_on": _day(issued, holder),
        "valid_until": _day(award.expires_at, holder) if award.expires_at else _("without limit"),
        "address": address,
        "address_shown": address.removeprefix("https://").removeprefix("http://").replace("/verify/", "/verify/\u200b"),
        "qr": _qr(address),
        "note": note,
        "words": _words(),
    }


def _words() -> dict[str, str]:
    return {
        "certificate": _("Certificate"),
        "certifies": _("This certifies that"),
        "earned": _("has completed and passed"),
        "issued": _("Issued"),
        "valid": _("Valid until"),
        "number": _("Number"),
        "verify": _("Is it genuine?"),
        "qr": _("QR code of the page that verifies this certificate"),
    }


def _drawable(name: str) -> tuple[str, str]:
    """The name as it can be set, and a note where it cannot."""
    if set(scripts(name)) <= DRAWN | HAN | KANA | FURTHER | {"HANGUL"}:
        return name, ""
    return "—", _("The holder's name is written in a script that this page cannot be set in yet.")


def scripts(text: str) -> list[str]:
    """The scripts of a text by the first word of each letter's Unicode name: LATIN, CJK, HANGUL …"""
    letters = (sign for sign in text if unicodedata.category(sign)[0] == "L")
    return sorted({unicodedata.name(sign, "UNKNOWN").split(" ")[0].split("-")[0] for sign in letters})


def _families(text: str, holder: Holder) -> list[str]:
    """The families that set this text, each sign by the first of them that has it."""
    needed = set(scripts(text))
    east = [f"Noto Sans CJK {_east_asian(needed, holder)}"] if needed & (HAN | KANA | {"HANGUL"}) else []
    return [*FAMILIES, *east, *(f"Noto Sans {script.title()}" for script in sorted(needed & FURTHER))]


def _east_asian(needed: Iterable[str], holder: Holder) -> str:
    """Whose way of writing Han signs: that of the kana or hangul beside them, of the holder's language or zone."""
    if KANA & set(needed):
        return "JP"
    if "HANGUL" in needed:
        return "KR"
    locale = holder.locale.lower()
    found = HAN_OF_LANGUAGE.get(locale) or HAN_OF_LANGUAGE.get(locale.split("-")[0])
    return found or HAN_OF_ZONE.get(holder.zone, "SC")


def _begins_rtl(text: str) -> bool:
    """Whether the first letter runs from right to left: then the whole name does, as in a <bdi>."""
    directions = (unicodedata.bidirectional(sign) for sign in text)
    return next((kind for kind in directions if kind in {"L", "R", "AL"}), "L") != "L"


@cache
def _fonts() -> typst.Fonts:
    packages = [str(resources.files(package)) for package in FONT_PACKAGES]
    return typst.Fonts(font_paths=[str(FONTS), *packages], include_system_fonts=False, include_embedded_fonts=True)


def _fitting(text: str, steps: Sequence[tuple[int, int]], otherwise: int) -> int:
    """The size in points at which a text of this length fits its line; East Asian signs are twice as wide."""
    width = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)
    return next((size for length, size in steps if width <= length), otherwise)


def _day(at: datetime, holder: Holder) -> str:
    try:
        locale = Locale.parse(holder.locale, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return format_date(at.astimezone(ZoneInfo(holder.zone)).date(), "long", locale=locale)


def _qr(address: str) -> str:
    picture = io.BytesIO()
    segno.make(address, error="m").save(picture, kind="svg", scale=4, border=0, dark="#1b1f27", xmldecl=False)
    return picture.getvalue().decode()
