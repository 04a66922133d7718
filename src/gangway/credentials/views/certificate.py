"""Draws the certificate: typst sets the page, segno the QR code. Made on demand, so that erasing a name reaches it.

No font of the machine is needed: typst brings Libertinus Serif (Latin, Greek, Cyrillic, Hebrew), this context Noto
Naskh Arabic. Other scripts are set in a font of the machine where it has one; where it has none, the name is left out
and the page says so, because a row of empty boxes is not a name.
"""

import io
import json
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
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
FAMILIES = ("Libertinus Serif", "Noto Naskh Arabic")
DRAWN = frozenset({"LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC"})  # by the families above
OF_THE_MACHINE = {
    "CJK": ("Noto Serif CJK SC", "Noto Sans CJK SC", "Noto Serif SC", "Noto Sans SC", "WenQuanYi Zen Hei"),
    "HIRAGANA": ("Noto Serif CJK JP", "Noto Sans CJK JP", "Noto Serif JP", "Noto Sans JP", "IPAexMincho"),
    "KATAKANA": ("Noto Serif CJK JP", "Noto Sans CJK JP", "Noto Serif JP", "Noto Sans JP", "IPAexMincho"),
    "HANGUL": ("Noto Serif CJK KR", "Noto Sans CJK KR", "Noto Serif KR", "Noto Sans KR", "NanumMyeongjo"),
    "DEVANAGARI": ("Noto Serif Devanagari", "Noto Sans Devanagari"),
    "THAI": ("Noto Serif Thai", "Noto Sans Thai"),
    "ARMENIAN": ("Noto Serif Armenian", "Noto Sans Armenian"),
    "GEORGIAN": ("Noto Serif Georgian", "Noto Sans Georgian"),
    "BENGALI": ("Noto Serif Bengali", "Noto Sans Bengali"),
    "TAMIL": ("Noto Serif Tamil", "Noto Sans Tamil"),
    "TELUGU": ("Noto Serif Telugu", "Noto Sans Telugu"),
    "ETHIOPIC": ("Noto Serif Ethiopic", "Noto Sans Ethiopic"),
}


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
        "fonts": _families(scripts(f"{name}{award.title}{award.issuer}")),
        "accent": accent,
        "issuer": award.issuer,
        "name": name,
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
    unknown = [script for script in scripts(name) if script not in DRAWN and not _of_the_machine(script)]
    if not unknown:
        return name, ""
    return "—", _(
        "The holder's name is written in a script that this installation has no font for. Its operator can install "
        "one; then this page can be made again."
    )


def scripts(text: str) -> list[str]:
    """The scripts of a text by the first word of each letter's Unicode name: LATIN, CJK, HANGUL …"""
    letters = (sign for sign in text if unicodedata.category(sign)[0] == "L")
    return sorted({unicodedata.name(sign, "UNKNOWN").split(" ")[0].split("-")[0] for sign in letters})


def _families(needed: Iterable[str]) -> list[str]:
    return [*FAMILIES, *dict.fromkeys(family for script in needed for family in _of_the_machine(script)[:1])]


def _of_the_machine(script: str) -> list[str]:
    return [family for family in OF_THE_MACHINE.get(script, ()) if family in _installed()]


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(font_paths=[FONTS], include_system_fonts=True, include_embedded_fonts=True)


@cache
def _installed() -> frozenset[str]:
    return frozenset(_fonts().families())


def _fitting(text: str, steps: Sequence[tuple[int, int]], otherwise: int) -> int:
    """The size in points at which a text of this length fits its line."""
    return next((size for length, size in steps if len(text) <= length), otherwise)


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
