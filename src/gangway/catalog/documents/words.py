"""Texts of documents as Markdown: what looks like Markdown or HTML in them stays what people read."""

import re
import unicodedata

_MARKS = re.compile(r"([\\`*_\[\]<>&#|~])")
_LEADS = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)", re.M)


def escaped(text: str) -> str:
    """One line of text in Markdown that shows exactly these characters."""
    clean = "".join(char if char.isprintable() else " " for char in unicodedata.normalize("NFC", text))
    marked = _MARKS.sub(r"\\\1", " ".join(clean.split()))
    return _LEADS.sub(lambda match: f"{match[1]}{match[2][:-1]}\\{match[2][-1]}", marked)


def titled(name: str) -> str:
    """A file's name as a title: no suffix, no folder, no joining marks."""
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", re.split(r"[\\/]", name)[-1])
    words = " ".join(re.split(r"[-_\s]+", "".join(char for char in stem if char.isprintable()))).strip(" .")
    return (words[:1].upper() + words[1:])[:120] or "Document"
