"""QR codes for phones that read them from a screen or from paper."""

import segno
from markupsafe import Markup


def drawn(text: str) -> Markup:
    """As SVG to stand within a page: dark on light in every theme, and with its quiet border."""
    code = segno.make(text, error="m")
    modules = code.svg_inline(border=3, dark="#000", light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return Markup(modules)  # noqa: S704  made of modules, no text
