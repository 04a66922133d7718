"""PDF files: their text page by page as one lesson, and the file itself to keep."""

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from gangway.catalog.documents.converted import Converted, Page
from gangway.catalog.documents.limits import MAX_PAGES, MAX_UNPACKED
from gangway.catalog.documents.refusals import DocumentRefused
from gangway.catalog.documents.words import escaped, titled
from gangway.catalog.rules import slug
from gangway.kernel.said import Said, said

_ACTIVE = {"/JavaScript": said("a program"), "/JS": said("a program"), "/Launch": said("an order to start a program")}
_CARRIED = {
    "/EmbeddedFiles": said("other files"),
    "/RichMedia": said("other files"),
    "/XFA": said("a form with programs"),
}
_MOST_OBJECTS = 200_000
_PRINT = said("Print it to a new PDF, and bring that.")
_BROKEN = (
    PyPdfError,
    ValueError,
    KeyError,
    AttributeError,
    IndexError,
    TypeError,
    OSError,
    RecursionError,
    ArithmeticError,
    MemoryError,
)


def read_pdf(name: str, data: bytes) -> Converted:
    if data.rstrip(b"\r\n\t \x00")[-5:] != b"%%EOF":
        raise _refused(name, said("It is cut short, or something follows its end."))
    try:
        body, left_out = _body(name, PdfReader(io.BytesIO(data)))
    except _BROKEN:
        raise _refused(name, said("It is damaged.")) from None
    path = f"resources/{slug(titled(name)) or 'document'}.pdf"
    found = Converted(files={path: data}, kept=[(titled(name), path)], left_out=left_out)
    found.lessons.append(Page(title=titled(name), body=body))
    return found


def _body(name: str, reader: PdfReader) -> tuple[str, list[str]]:
    if reader.is_encrypted:
        raise _refused(name, said("It is encrypted."), said("Save it without a password, and bring that."))
    if len(reader.pages) > MAX_PAGES:
        raise _refused(name, said("It has more than {n} pages.", n=MAX_PAGES), said("Split it into several files."))
    if what := _carries(reader):
        raise _refused(name, said("It carries {what}.", what=what))
    pages, size, blank = [], 0, []
    for n, page in enumerate(reader.pages, start=1):
        text = page.extract_text()
        size += len(text)
        if size > MAX_UNPACKED // 64:
            raise _refused(name, said("It holds more text than a lesson can."), said("Split it into several files."))
        if text.strip():
            pages.append(_paragraphs(text))
        else:
            blank.append(n)
    if not pages:
        raise _refused(
            name,
            said("None of its pages holds text, so it is a scan."),
            said("Bring the document it was made from, or its pages as pictures."),
        )
    return "\n\n".join(pages), [said("{file}: page {n} holds no text.", file=name, n=n) for n in blank]


def _paragraphs(text: str) -> str:
    """Lines of a page as paragraphs: an empty line parts them."""
    blocks = re.split(r"\n\s*\n", text)
    return "\n\n".join("\n".join(line for raw in block.split("\n") if (line := escaped(raw))) for block in blocks)


def _carries(reader: PdfReader) -> str:
    """What a PDF holds beside its pages, in words; "" when nothing."""
    for found in _dictionaries(reader):
        for key, value in found.items():
            named = str(value) if key == "/S" else str(key)
            if what := _ACTIVE.get(named) or _CARRIED.get(named):
                return what
    return ""


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary that can be reached, each once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[Any] = [reader.trailer]
    for _ in range(_MOST_OBJECTS):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) in seen:
                continue
            seen.add((value.idnum, value.generation))
            value = value.get_object()
        if isinstance(value, DictionaryObject):
            yield value
            waiting += [value.raw_get(key) for key in value]
        elif isinstance(value, ArrayObject):
            waiting += list(value)
    raise ValueError("more objects than a document of this size needs")


def _refused(name: str, problem: Said, mend: Said = _PRINT) -> DocumentRefused:
    return DocumentRefused(file=name, problem=problem, mend=mend)
