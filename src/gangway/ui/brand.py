"""A partner's accent becomes a style sheet whose every pair of colours can be read. Pure: no Django, no database.

One colour comes in; out come a light and a dark set of four: the fill, the ink on it, the accent as text, and a tint
behind text. Contrast is WCAG 2's; every pair that carries words keeps at least 4.5 : 1. Where the colour as given
would not, its lightness (in OKLab, so that the hue stays) moves just far enough, and ``Palette.adjusted`` says so.
"""

import hashlib
import math
import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT_ACCENT = "#3b4fd1"
MINIMUM = 4.5

# The grounds that tokens.css lays: text in the accent stands on any of them, and the worst of them decides.
LIGHT_GROUNDS = ("#ffffff", "#fbfbfc", "#f3f4f6", "#f1f2f5")
DARK_GROUNDS = ("#0f1115", "#16191f", "#1c2027", "#20252d")
LIGHT_INK, DARK_INK = "#ffffff", "#0f1115"
BODY_LIGHT, BODY_DARK = "#14171c", "#eceef2"
SOFT_LIGHT, SOFT_DARK = "#565e6b", "#a3abb8"

_HEX = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
Rgb = tuple[float, float, float]


class NotAColour(ValueError):
    """The accent is not of the form #rgb or #rrggbb."""


@dataclass(frozen=True)
class Tone:
    """The four colours of one theme."""

    fill: str
    ink: str
    text: str
    soft: str


@dataclass(frozen=True)
class Palette:
    """An accent as it was asked for, what became of it in each theme, and in words what was changed."""

    accent: str
    light: Tone
    dark: Tone
    adjusted: tuple[str, ...]


def normal(accent: str) -> str:
    """``#ABC`` or ``aabbcc`` → ``#aabbcc``; refuses anything else by ``NotAColour``."""
    match = _HEX.fullmatch(accent.strip())
    if match is None:
        raise NotAColour(f"{accent!r} is no colour like #3b4fd1")
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


@lru_cache(maxsize=512)
def palette(accent: str) -> Palette:
    """The readable light and dark tones of an accent."""
    asked = normal(accent)
    light = _move(asked, (*LIGHT_GROUNDS, _tint(asked, 0.96)), darker=True)
    dark = _move(asked, (*DARK_GROUNDS, _tint(asked, 0.245)), darker=False)
    return Palette(
        accent=asked,
        light=Tone(fill=light, ink=LIGHT_INK, text=light, soft=_tint(asked, 0.96)),
        dark=Tone(fill=dark, ink=DARK_INK, text=dark, soft=_tint(asked, 0.245)),
        adjusted=tuple(_said(asked, light, "light", "darker") + _said(asked, dark, "dark", "lighter")),
    )


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast of two colours, 1 to 21."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def stylesheet(accent: str) -> str:
    """The style sheet that dresses every page of a partner."""
    tones = palette(accent)
    lines = [
        f"--accent-{name}:light-dark({getattr(tones.light, name)},{getattr(tones.dark, name)})"
        for name in ("fill", "ink", "text", "soft")
    ]
    return f":root{{{';'.join(lines)}}}\n"


def href(accent: str) -> str:
    """The address of that sheet. It carries the colour and a digest of the text, so it may be kept for ever."""
    asked = normal(accent)
    return f"/brand/{asked[1:]}{_digest(stylesheet(asked))}.css"


def by_hash(name: str) -> str | None:
    """The sheet of ``href``'s last part without ``.css``; None if it is not exactly what we would serve today."""
    try:
        text = stylesheet(name[:6])
    except NotAColour:
        return None
    return text if name == normal(name[:6])[1:] + _digest(text) else None


def monogram(name: str) -> str:
    """One or two letters that stand for a name where there is no picture: first and last word, in any script."""
    words = [word for word in re.split(r"[\s\-–—/&+.,]+", name) if word and word[0].isalnum()]
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [word[:1] for word in words]
    return "".join(letters).upper()


def _said(asked: str, became: str, theme: str, direction: str) -> list[str]:
    if asked == became:
        return []
    return [f"In the {theme} theme {asked} becomes {became}, {direction}, so that words can be read on it."]


def _move(asked: str, grounds: tuple[str, ...], *, darker: bool) -> str:
    """The nearest lightness, from the one asked for, at which the accent reads on every ground."""
    lightness, a, b = _oklab(asked)
    if _reads(asked, grounds):
        return asked
    step = -0.004 if darker else 0.004
    while 0 <= lightness <= 1:
        lightness += step
        shade = _hex(lightness, a, b)
        if _reads(shade, grounds):
            return shade
    return "#000000" if darker else "#ffffff"


def _reads(colour: str, grounds: tuple[str, ...]) -> bool:
    return all(contrast(colour, ground) >= MINIMUM for ground in grounds)


def _tint(asked: str, lightness: float) -> str:
    """The accent's hue as a background: nearly white, or nearly black."""
    _, a, b = _oklab(asked)
    chroma = math.hypot(a, b) or 1.0
    scale = min(1.0, 0.02 / chroma)
    return _hex(lightness, a * scale, b * scale)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _channels(colour: str) -> Rgb:
    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return linear(colour[1:3]), linear(colour[3:5]), linear(colour[5:7])


def _luminance(colour: str) -> float:
    red, green, blue = _channels(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _oklab(colour: str) -> Rgb:
    """Björn Ottosson's OKLab, from linear sRGB."""
    r, g, b = _channels(colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _hex(lightness: float, a: float, b: float) -> str:
    """The displayable colour at this lightness and hue: less chroma until it fits into sRGB."""
    for share in range(20, -1, -1):
        linear = _linear(lightness, a * share / 20, b * share / 20)
        if all(-1e-4 <= part <= 1 + 1e-4 for part in linear):
            break
    return "#" + "".join(f"{_eight_bit(part):02x}" for part in linear)


def _linear(lightness: float, a: float, b: float) -> Rgb:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _eight_bit(part: float) -> int:
    part = min(max(part, 0.0), 1.0)
    curved = part * 12.92 if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
    return round(curved * 255)
