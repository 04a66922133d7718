"""Slides: a lesson per section, or one for the deck; titles become headings, levels lists, notes quotes."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pptx import Presentation
from pptx.exc import PackageNotFoundError
from pptx.shapes.picture import Picture
from pptx.shapes.placeholder import PlaceholderPicture

from gangway.catalog.documents.archive import Archive
from gangway.catalog.documents.converted import Converted, Page
from gangway.catalog.documents.limits import MAX_SLIDES
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.words import escaped, titled
from gangway.kernel.said import said

_SECTION = "{http://schemas.microsoft.com/office/powerpoint/2010/main}section"
_SECTION_SLIDE = "{http://schemas.microsoft.com/office/powerpoint/2010/main}sldId"
_MOST_NESTED = 8
_BROKEN = (KeyError, ValueError, AttributeError, IndexError, TypeError, OSError, SyntaxError, RecursionError)


def read_slides(name: str, data: bytes) -> Converted:
    found = Converted()
    try:
        deck = Presentation(io.BytesIO(Archive(name, data).clean()))
        if len(deck.slides) > MAX_SLIDES:
            raise DocumentRefused(
                file=name,
                problem=said("It has more than {n} slides.", n=MAX_SLIDES),
                mend=said("Split it into several decks."),
            )
        for title, slides in _sections(deck, name):
            body = "\n\n".join(filter(None, (_slide(slide, n, name, found) for n, slide in slides)))
            if body:
                found.lessons.append(Page(title=title, body=body))
    except (*_BROKEN, PackageNotFoundError):
        raise DocumentRefused(
            file=name,
            problem=said("It says it holds slides, but cannot be read."),
            mend=said("Open it in PowerPoint or LibreOffice, save it again as .pptx, and bring that."),
        ) from None
    if not found.lessons:
        raise DocumentRefused(file=name, problem=said("It holds no text."), mend=said("Bring slides with text."))
    return found


def _sections(deck: Any, name: str) -> Iterator[tuple[str, list[tuple[int, Any]]]]:
    """Title and numbered slides of each section; the whole deck where it has none."""
    by_id = {slide.slide_id: (n, slide) for n, slide in enumerate(deck.slides, start=1)}
    rest = dict(by_id)
    for section in deck.part._element.iter(_SECTION):
        ids = [int(place.get("id")) for place in section.iter(_SECTION_SLIDE)]
        slides = [rest.pop(slide_id) for slide_id in ids if slide_id in rest]
        if slides:
            yield section.get("name") or titled(name), slides
    if rest:
        title = str(deck.core_properties.title or "").strip() if len(rest) == len(by_id) else ""
        useful = title if title and title != "PowerPoint Presentation" else titled(name)
        yield useful[:300], list(rest.values())


def _slide(slide: Any, n: int, name: str, found: Converted) -> str:
    if slide._element.get("show") == "0":
        found.left_out.append(said("{file}: slide {n} is hidden. It is left out.", file=name, n=n))
        return ""
    heading = slide.shapes.title
    words = escaped(heading.text_frame.text) if heading is not None and heading.has_text_frame else ""
    title_id = heading.shape_id if heading is not None else None
    blocks = [f"## {words}"] if words else []
    for shape in _flat(slide.shapes):
        if shape.shape_id != title_id:
            blocks.append(_shape(shape, n, name, found))
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None:
        blocks.append("\n>\n".join(f"> {line}" for p in notes.paragraphs if (line := escaped(p.text))))
    return "\n\n".join(block for block in blocks if block)


def _flat(shapes: Iterable[Any], depth: int = 0) -> Iterator[Any]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            if depth < _MOST_NESTED:
                yield from _flat(shape.shapes, depth + 1)
        else:
            yield shape


def _shape(shape: Any, n: int, name: str, found: Converted) -> str:
    if getattr(shape, "has_table", False) and shape.has_table:
        return _table(shape.table)
    if isinstance(shape, Picture | PlaceholderPicture):
        return _picture(shape, n, name, found)
    if getattr(shape, "has_text_frame", False) and shape.has_text_frame:
        return _text(shape.text_frame.paragraphs)
    return ""


def _picture(shape: Any, n: int, name: str, found: Converted) -> str:
    described = escaped(shape._element._nvXxPr.cNvPr.get("descr") or "")
    try:
        content = shape.image.blob
    except (ValueError, KeyError, AttributeError):
        found.left_out.append(
            said("{file}: slide {n}: a linked picture is not part of the slides. It is left out.", file=name, n=n)
        )
        return ""
    path = found.picture(name, content, said("slide {n}", n=n))
    return f"![{described}]({path})" if path else ""


def _text(paragraphs: Sequence[Any]) -> str:
    lines = [(paragraph.level, escaped(paragraph.text)) for paragraph in paragraphs]
    found = [(level, line) for level, line in lines if line]
    if len(found) == 1 and found[0][0] == 0:
        return found[0][1]
    return "\n".join(f"{'  ' * level}- {line}" for level, line in found)


def _table(table: Any) -> str:
    rows = [[escaped(cell.text) for cell in row.cells] for row in table.rows]
    if not rows:
        return ""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], f"|{' --- |' * len(rows[0])}", *lines[1:]])
