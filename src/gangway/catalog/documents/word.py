"""Word documents: headings of level one part the lessons; pictures, lists, tables and links come along."""

import io
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from gangway.catalog.documents.archive import Archive
from gangway.catalog.documents.converted import Converted, Page
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.words import titled
from gangway.kernel.said import said

# Built-in styles that say by their names what they are; what Word numbers by itself needs none.
_STYLES = """
p[style-name='Title'] => h1:fresh
r[style-name='Code'] => code
p[style-name='Quote'] => blockquote > p:fresh
p[style-name='Intense Quote'] => blockquote > p:fresh
p[style-name='List Bullet 2'] => ul|ol > li > ul > li:fresh
p[style-name='List Number 2'] => ul|ol > li > ol > li:fresh
"""

_SCHEMES = ("https://", "http://", "mailto:", "tel:", "#")


def read_word(name: str, data: bytes) -> Converted:
    found = Converted()

    def picture(image: Any) -> dict[str, str]:
        try:
            with image.open() as opened:
                content = opened.read()
        except (OSError, KeyError, ValueError):
            found.left_out.append(
                said("{file}: a linked picture is not part of the document. It is left out.", file=name)
            )
            return {"src": ""}
        return {"src": found.picture(name, content, said("a picture"))}

    try:
        html = mammoth.convert_to_html(
            io.BytesIO(Archive(name, data).clean()),
            convert_image=mammoth.images.img_element(picture),
            style_map=_STYLES,
            include_embedded_style_map=False,
        ).value
        parts = _parts(BeautifulSoup(html, "html.parser"), titled(name))
    except (KeyError, ValueError, AttributeError, IndexError, TypeError, OSError, RecursionError):
        raise DocumentRefused(
            file=name,
            problem=said("It says it is a Word document, but cannot be read as one."),
            mend=said("Open it in Word or LibreOffice, save it again as .docx, and bring that."),
        ) from None
    found.lessons = parts
    if not parts:
        raise DocumentRefused(file=name, problem=said("It holds no text."), mend=said("Bring a document with text."))
    return found


def _parts(soup: BeautifulSoup, name: str) -> list[Page]:
    for lost in soup.find_all("img", src=""):
        lost.decompose()
    for link in soup.find_all("a"):
        if not str(link.get("href", "")).lower().startswith(_SCHEMES):
            link.unwrap()
    title, body, parts = name, BeautifulSoup("", "html.parser"), []
    for node in list(soup.contents):
        if isinstance(node, Tag) and node.name == "h1" and node.get_text(strip=True):
            parts.append((title, body))
            title, body = " ".join(node.get_text(" ").split())[:300], BeautifulSoup("", "html.parser")
        else:
            body.append(node)
    parts.append((title, body))
    pages = [Page(title=heading, body=_markdown(text)) for heading, text in parts]
    return [page for page in pages if page.body]  # a heading with nothing below it, such as a cover, is no lesson


def _markdown(soup: BeautifulSoup) -> str:
    converter = MarkdownConverter(heading_style="ATX", bullets="-", escape_misc=True, strip=["script", "style"])
    return str(converter.convert_soup(soup)).strip()
