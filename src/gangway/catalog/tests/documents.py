"""Documents for tests, made as their programs write them, small."""

import io
import zipfile
from collections.abc import Mapping

import typst
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
NUMBERING = (
    f'<w:numbering xmlns:w="{_WORD}"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:numFmt w:val="decimal"/>'
    '</w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>'
)
WORD_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return out.getvalue()


def unzipped(data: bytes) -> dict[str, bytes | str]:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def picture(form: str = "PNG", size: tuple[int, int] = (8, 6)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (20, 90, 160)).save(out, form)
    return out.getvalue()


def paragraph(text: str, style: str = "") -> str:
    look = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{look}<w:r><w:t>{text}</w:t></w:r></w:p>"


def numbered(text: str) -> str:
    """A point of the list that NUMBERING describes."""
    number = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    return f"<w:p><w:pPr>{number}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"


def shown(relation: str, attribute: str = "embed") -> str:
    """A drawing that shows a related picture, by `embed` or by `link`."""
    return (
        "<w:p><w:r><w:drawing>"
        '<wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">'
        '<wp:docPr id="1" name="p" descr="The desk"/>'
        '<a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">'
        '<a:graphicData><pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill>'
        f'<a:blip r:{attribute}="{relation}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>'
        "</wp:inline></w:drawing></w:r></w:p>"
    )


def linked(relation: str, text: str) -> str:
    return f'<w:p><w:hyperlink r:id="{relation}"><w:r><w:t>{text}</w:t></w:r></w:hyperlink></w:p>'


def relation(name: str, kind: str, target: str, outside: bool = False) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"{mode}/>'


def word(
    body: str,
    relations: str = "",
    *,
    head: str = "",
    content_type: str = WORD_TYPE,
    more: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """A Word document around `body`; `head` stands before the document's root, `more` are further members."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (
            ("Heading1", "heading 1"),
            ("Heading2", "heading 2"),
            ("Title", "Title"),
            ("Quote", "Quote"),
            ("ListBullet2", "List Bullet 2"),
            ("ListNumber2", "List Number 2"),
        )
    )
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/>'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="png" ContentType="image/png"/>'
            f'<Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + relation("r0", "officeDocument", "word/document.xml")
            + "</Relationships>",
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
            + relation("rStyles", "styles", "styles.xml")
            + relations
            + "</Relationships>",
            "word/styles.xml": f'<w:styles xmlns:w="{_WORD}">{styles}</w:styles>',
            "word/document.xml": f'{head}<w:document xmlns:w="{_WORD}" xmlns:r="{_RELATIONS}">'
            f"<w:body>{body}</w:body></w:document>",
            **(more or {}),
        }
    )


def slides(*, sections: str = "") -> bytes:
    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Call <first>"
    first.placeholders[1].text = "Listen"
    more = first.placeholders[1].text_frame.add_paragraph()
    more.text, more.level = "Then *ask*", 1
    first.notes_slide.notes_text_frame.text = "Say it slowly"
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "The desk"
    second.shapes.add_picture(io.BytesIO(picture()), Inches(1), Inches(1))
    table = second.shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for n, words in enumerate(("Who", "What", "You", "Call")):
        table.cell(n // 2, n % 2).text = words
    out = io.BytesIO()
    deck.save(out)
    if not sections:
        return out.getvalue()
    members = unzipped(out.getvalue())
    text = bytes(members["ppt/presentation.xml"]).decode()
    members["ppt/presentation.xml"] = text.replace("</p:presentation>", f"{sections}</p:presentation>")
    return zipped(members)


def pdf(*pages: str) -> bytes:
    return bytes(typst.compile("\n#pagebreak()\n".join(pages).encode()))


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def mp4(track: bytes = b"vide") -> bytes:
    handler = box(b"hdlr", b"\0" * 8 + track + b"\0" * 12)
    return box(b"ftyp", b"isom\0\0\2\0isommp42") + box(b"moov", box(b"trak", handler)) + box(b"mdat", b"\0" * 64)


def element(kind: int, content: bytes) -> bytes:
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + (0x10000000 | len(content)).to_bytes(4, "big") + content


def webm(name: bytes = b"webm") -> bytes:
    parts = element(0x1549A966, b"\xec\x81\0") + element(0x1654AE6B, b"\xec\x81\0") + element(0x1F43B675, b"\0" * 32)
    return element(0x1A45DFA3, element(0x4282, name)) + element(0x18538067, parts)


VTT = b"WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nHello\n"
SRT = b"1\n00:00:01,000 --> 00:00:02,500\nHello <i>there</i>\n\n2\n00:00:03,000 --> 00:00:04,000\nGoodbye\n"
