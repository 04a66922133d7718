"""Draws the certificate: typst sets the page, segno the QR code. Made on demand, so that erasing a name reaches it.

Where a script is in none of the fonts that come with the house (ui/typeset.py) the name is left out and the page says
so, because a row of empty boxes is not a name.
"""

import io
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
from gangway.ui import typeset

TEMPLATE = Path(__file__).parents[1] / "templates" / "credentials" / "certificate.typ"


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
            font_paths=typeset.fonts(),
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
        "fonts": typeset.families(f"{name}{award.title}{award.issuer}", holder.locale, holder.zone),
        "accent": accent,
        "issuer": award.issuer,
        "name": name,
        "name_rtl": typeset.begins_rtl(name),
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
    if typeset.drawable(name):
        return name, ""
    return "—", _("The holder's name is written in a script that this page cannot be set in yet.")


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
