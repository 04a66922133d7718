"""Uploads made to harm: whoever takes them must store nothing outside, run nothing, fetch nothing, and say why not."""

import functools
import io
import zipfile
import zlib
from collections.abc import Mapping

from PIL import Image

from gangway.catalog.tests import documents as made

SECRET = "canary-7f3a-of-the-machine"
SCRIPT = b"<script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
EVIL = "http://127.0.0.1:9/evil"
_TEXT = made.paragraph("Some words.")
Cases = dict[str, bytes | tuple[tuple[str, bytes], ...]]


def uploads(secret: str) -> Mapping[str, tuple[tuple[str, bytes], ...]]:
    """Cases by name, each one or more uploads. `secret` is the address of a file that must never be read."""
    cases = _word(secret) | _whatever_the_secret()
    return {case: found if isinstance(found, tuple) else ((case, found),) for case, found in cases.items()}


@functools.cache
def _whatever_the_secret() -> Cases:
    made_by = (_names, _packages, _slides, _pdfs, _pictures, _videos, _others)
    return {case: found for make in made_by for case, found in make().items()}


def _names() -> Cases:
    bad = ["../../outside.png", "/etc/cron.d/x.png", "C:\\outside.png", "a\x00b.png", "..\\..\\x.png", "%2e%2e%2fx.png"]
    return {f"name {n}: {name!r}": ((name, made.picture()),) for n, name in enumerate(bad)} | {
        "a video's name": (("../../out.mp4", made.mp4()), ("../../out.srt", made.SRT)),
        "a PDF's name": (("../../out.pdf", made.pdf("words")),),
        "a name of markup": (("<img src=x onerror=alert(1)>.md", b"words"),),
        "a name of 4,000 letters": (("a" * 4000 + ".md", b"words"),),
    }


def _word(secret: str) -> Cases:
    entity = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret}">]>'
    laughs = "<!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10))
    deep = "<w:p><w:r><w:t>x</w:t></w:r></w:p>"
    for _ in range(3000):
        deep = f"<w:tbl><w:tr><w:tc>{deep}</w:tc></w:tr></w:tbl>"
    outside = made.relation("r1", "image", secret, outside=True)
    return {
        "xxe.docx": made.word(_TEXT + made.paragraph("&e;"), head=entity),
        "laughs.docx": made.word(_TEXT + made.paragraph("&a9;"), head=laughs + "]>"),
        "xxe-utf16.docx": _with(made.word(_TEXT), "word/document.xml", f"{entity}<x>&e;</x>".encode("utf-16")),
        "xxe-in-relations.docx": _with(made.word(_TEXT), "word/_rels/document.xml.rels", f"{entity}<x/>".encode()),
        "linked-file.docx": made.word(_TEXT + made.shown("r1", "link"), outside),
        "linked-web.docx": made.word(
            _TEXT + made.shown("r1", "link"), made.relation("r1", "image", EVIL, outside=True)
        ),
        "embedded-outside.docx": made.word(
            _TEXT + made.shown("r1"), made.relation("r1", "image", "../../../etc/passwd")
        ),
        "template.docx": made.word(_TEXT, made.relation("r1", "attachedTemplate", EVIL, outside=True)),
        "script-link.docx": made.word(
            made.linked("r1", "press"), made.relation("r1", "hyperlink", "javascript:alert(1)", outside=True)
        ),
        "data-link.docx": made.word(
            made.linked("r1", "press"), made.relation("r1", "hyperlink", "data:text/html,&lt;script>", outside=True)
        ),
        "markup-as-text.docx": made.word(made.paragraph("&lt;script&gt;alert(1)&lt;/script&gt;")),
        "svg-picture.docx": made.word(
            _TEXT + made.shown("r1"), made.relation("r1", "image", "media/a.png"), more={"word/media/a.png": SVG}
        ),
        "style-map.docx": made.word(_TEXT, more={"mammoth/style-map": "p => script"}),
        "deep.docx": made.word(deep),
        "inner-zip.docx": made.word(_TEXT, more={"word/embeddings/a.zip": made.zipped({"../x": "x"})}),
    }


def _with(data: bytes, member: str, content: bytes) -> bytes:
    return made.zipped({**made.unzipped(data), member: content})


def _packages() -> Cases:
    good = made.word(_TEXT)
    macro = made.WORD_TYPE.replace(
        "openxmlformats-officedocument.wordprocessingml.document", "ms-word.document.macroEnabled"
    )
    return {
        "macro.docm": made.word(_TEXT, content_type=macro),
        "macro-hidden.docx": made.word(_TEXT, more={"word/vbaProject.bin": b"x"}),
        "slip.docx": made.word(_TEXT, more={"../../outside.txt": "x"}),
        "absolute.docx": made.word(_TEXT, more={"/etc/outside.txt": "x"}),
        "backslash.docx": _slashed(good),
        "link.docx": _symlink(good),
        "bomb.docx": made.word(_TEXT, more={f"word/media/{n}.png": bytes(24_000_000) for n in range(5)}),
        "lying-bomb.docx": _lying(made.word(_TEXT, more={"word/big.xml": bytes(40_000_000)}), 40_000_000),
        "many.docx": made.word(_TEXT, more={f"word/{n}.txt": "" for n in range(3_100)}),
        "twice.docx": _twice(good),
        "cut.docx": good[: len(good) // 2],
        "encrypted.docx": _flagged(good),
        "wrong-type.docx": made.picture(),
        "zip-of-zips.zip": made.zipped({"a.zip": made.zipped({"b.zip": made.zipped({"c": "x"})})}),
        "sheet.xlsx": made.word(_TEXT, content_type="application/x.spreadsheetml.sheet.main+xml"),
        "text.odt": made.zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
        "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
        "page-and-word.docx": SCRIPT + good,
    }


def _slashed(data: bytes) -> bytes:
    return made.zipped({**made.unzipped(data), "aaXXbb": "x"}).replace(b"aaXXbb", b"..\\..\\")


def _symlink(data: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as opened:
        info = zipfile.ZipInfo("word/media/l.png")
        info.external_attr = 0o120777 << 16
        opened.writestr(info, "/etc/passwd")
    return out.getvalue()


def _lying(data: bytes, size: int) -> bytes:
    """Both directories say ten bytes for what unpacks to `size`."""
    return data.replace(size.to_bytes(4, "little"), (10).to_bytes(4, "little"))


def _twice(data: bytes) -> bytes:
    return made.zipped({**made.unzipped(data), "word/documenX.xml": "<x/>"}).replace(b"documenX", b"document")


def _flagged(data: bytes) -> bytes:
    """Each entry of the central directory says that it is encrypted."""
    out, at = bytearray(data), data.find(b"PK\x01\x02")
    while at >= 0:
        out[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 1)
    return bytes(out)


def _slides() -> Cases:
    good = made.slides()
    members = made.unzipped(good)
    slide = bytes(members["ppt/slides/slide2.xml"]).decode()
    relations = bytes(members["ppt/slides/_rels/slide2.xml.rels"]).decode()
    remote = relations.replace('Target="../media/image1.png"', f'Target="{EVIL}" TargetMode="External"')
    types = bytes(members["[Content_Types].xml"]).decode()
    return {
        "xxe.pptx": _with(
            good, "ppt/slides/slide2.xml", slide.replace("?>", '?><!DOCTYPE x [<!ENTITY e "x">]>', 1).encode()
        ),
        "linked.pptx": _with(good, "ppt/slides/_rels/slide2.xml.rels", remote.encode()),
        "svg.pptx": _with(good, "ppt/media/image1.png", SVG),
        "macro.pptm": _with(
            good,
            "[Content_Types].xml",
            types.replace(
                "openxmlformats-officedocument.presentationml.presentation.main", "ms.macroEnabled.main"
            ).encode(),
        ),
        "broken.pptx": _with(good, "ppt/presentation.xml", b"<x/>"),
        "script.pptx": _with(
            good, "ppt/slides/slide2.xml", slide.replace("The desk", "&lt;img src=x onerror=alert(1)&gt;").encode()
        ),
    }


def _pdfs() -> Cases:
    good = made.pdf("words")
    root = good.rfind(b"/Type /Catalog") if b"/Type /Catalog" in good else good.rfind(b"/Catalog")
    return {
        "script.pdf": _catalogued(good, root, b"/OpenAction<</S/JavaScript/JS(app.alert(1))>>"),
        "launch.pdf": _catalogued(good, root, b"/OpenAction<</S/Launch/F(cmd)>>"),
        "cut.pdf": good[: len(good) // 2],
        "zip-behind.pdf": good + made.zipped({"x.html": SCRIPT}),
        "page-before.pdf": SCRIPT + good,
        "only-a-name.pdf": SCRIPT,
        "bomb.pdf": _pdf_bomb(),
        "circle.pdf": b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF",
        "empty.pdf": b"%PDF-1.7\n%%EOF",
    }


def _catalogued(data: bytes, at: int, entry: bytes) -> bytes:
    """The catalogue with one more entry; the table of places no longer fits, as in most hostile files."""
    start = data.rindex(b"<<", 0, at)
    return data[: start + 2] + entry + data[start + 2 :]


def _pdf_bomb() -> bytes:
    squeezed = zlib.compress(bytes(300_000_000), 1)
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
        b"4 0 obj<</Filter/FlateDecode/Length "
        + str(len(squeezed)).encode()
        + b">>stream\n"
        + squeezed
        + b"\nendstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    )


def _pictures() -> Cases:
    png, gif, jpeg = made.picture(), made.picture("GIF"), made.picture("JPEG")
    return {
        "drawing.svg": SVG,
        "drawing-as.png": SVG,
        "drawing-after-a-word.svg": b"\xef\xbb\xbf<!-- x -->" + SVG,
        "page-behind.gif": gif + SCRIPT,
        "page-behind.png": png + SCRIPT,
        "zip-behind.jpg": jpeg + made.zipped({"x.html": SCRIPT}),
        "comment.gif": gif[:-1] + b"!\xfe" + bytes([len(SCRIPT)]) + SCRIPT + b"\0;",
        "text-chunk.png": png[:33] + _chunk(b"tEXt", b"Comment\0" + SCRIPT) + png[33:],
        "exif.jpg": jpeg[:2] + b"\xff\xe1" + (len(SCRIPT) + 8).to_bytes(2, "big") + b"Exif\0\0" + SCRIPT + jpeg[2:],
        "page-in-front.gif": b"GIF89a/*" + SCRIPT,
        "huge.png": b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0")
        + png[33:],
        "large.png": made.picture(size=(9_000, 9_000)),
        "cut.png": made.picture(size=(300, 300))[:90],
        "cut.jpg": made.picture("JPEG", size=(300, 300))[:400],
        "icon.ico": b"\0\0\1\0" + bytes(64),
        "frames.gif": _frames(),
    }


def _chunk(kind: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + kind + content + zlib.crc32(kind + content).to_bytes(4, "big")


def _frames() -> bytes:
    """Few bytes, many frames: a black one and a white one, 65 times."""
    black, white = (Image.new("L", (1_000, 1_000), shade) for shade in (0, 255))
    out = io.BytesIO()
    black.save(out, "GIF", save_all=True, append_images=[white], duration=20)
    data = out.getvalue()
    head, pair = data[: data.index(b"!\xf9\x04")], data[data.index(b"!\xf9\x04") : -1]
    return head + pair * 65 + b";"


def _videos() -> Cases:
    mp4, webm = made.mp4(), made.webm()
    styled = made.VTT.replace(b"\n\n", b"\n\nSTYLE\n::cue{background:url(/x)}\n\n", 1)
    return {
        "cut.mp4": mp4[:-20],
        "page-behind.mp4": mp4 + SCRIPT,
        "zip-behind.mp4": mp4 + made.zipped({"x": "x"}),
        "head-only.mp4": mp4[:24],
        "foreign-box.mp4": mp4 + made.box(b"html", SCRIPT),
        "endless-box.mp4": mp4 + b"\0\0\0\1free" + b"\xff" * 8,
        "box-of-nothing.mp4": mp4 + b"\0\0\0\0\0\0\0\0",
        "sound.mp4": made.mp4(b"soun"),
        "cut.webm": webm[:-10],
        "page-behind.webm": webm + SCRIPT,
        "matroska.webm": made.webm(b"matroska"),
        "head-only.webm": webm[:12],
        "page.mp4": SCRIPT,
        "script.vtt": (("a.mp4", mp4), ("a.vtt", made.VTT.replace(b"Hello", SCRIPT + b"<img src=x onerror=alert(1)>"))),
        "style.vtt": (("a.mp4", mp4), ("a.vtt", styled)),
        "no-cues.vtt": (("a.mp4", mp4), ("a.vtt", b"WEBVTT\n\nnothing")),
    }


def _others() -> Cases:
    return {
        "page.html": b"<!DOCTYPE html><html>" + SCRIPT,
        "page.md": SCRIPT + b"\n\nwords",
        "script-inside.md": b"# A\n\nwords " + SCRIPT + b" [x](javascript:alert(1)) <img src=x onerror=alert(1)>",
        "program.exe": b"MZ\x90\0" + bytes(200),
        "program.pdf": b"\x7fELF" + bytes(200),
        "empty.docx": b"",
        "latin1.md": "Größe".encode("latin-1"),
        "nul.md": b"words\0words",
        "archive-inside": (("a.md", b"words"), ("b.zip", made.zipped({"a.md": "x"}))),
    }
