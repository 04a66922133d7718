"""`gangway words`: the words of the house, taken from its sources into the catalogues of its languages.

Marked words are taken (`_`, `gettext`, `ngettext`, `said`, …), and so is what is said by its place: message and next
step of a refusal, `problem` and `mend` of Invalid, what `chosen` says of ticked rows, the words of a right and of a
criterion, the shipped plans' texts.
Files without line numbers and dates, in one order: a catalogue changes only where words do.
"""

import ast
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import yaml
from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from gangway.ui import catalogues

HOUSE = Path(__file__).parents[1]
MARKS = {
    **dict.fromkeys(("_", "N_", "gettext", "gettext_noop", "gettext_lazy", "said"), 1),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), 2),
}
# Calls whose argument is shown to people without a mark of its own: name → keyword or position.
BY_PLACE: Mapping[str, tuple[str | int, ...]] = {
    "Invalid": ("problem", "mend"),
    "Right": (1, "words"),
    "Criterion": ("words",),
    "Letter": ("title",),
    "Stays": (0,),
    "chosen": ("none", "many", "mend"),
}
HEAD = "# Made and kept up to date by `gangway words`; translated by people (docs/how-to/translate.md).\n"
# Babel has the last two Arabic forms the other way round than CLDR, Django and the tools of translators.
PLURALS: Mapping[str, str] = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5)"
}
REFUSAL = ("message", "next_step")
PLAN_KEYS = frozenset({"title", "words", "deliverable", "subject", "signature", "label", "name"})
PLAN_LISTS = frozenset({"agenda", "paragraphs", "cells"})
Found = tuple[int, str | None, Any, list[str]]


def languages() -> list[str]:
    """The languages that have a catalogue."""
    return sorted(path.parts[-3] for path in catalogues.LOCALE.glob("*/LC_MESSAGES/django.po"))


def extracted() -> Catalog:
    """Every msgid of the house, with the files that say it."""
    with (catalogues.LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    whole = _empty(None)
    found = extract_from_dir(str(HOUSE), methods, options, directory_filter=lambda _folder: True)
    for name, _line, words, _comments, place in found:
        whole.add(words, locations=[(name, 0)], context=place)
    return whole


def update() -> dict[str, int]:
    """Bring every catalogue up to date and compile it. Language → words that wait for a translation."""
    source = extracted()
    waiting = {}
    for language in languages():
        catalogue = read(language)
        catalogue.update(source, no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path(language).write_bytes(written(catalogue))
        waiting[language] = sum(bool(message.id) and not _whole(message.string) for message in catalogue)
    catalogues.ensure()
    return waiting


def path(language: str) -> Path:
    return catalogues.LOCALE / language / "LC_MESSAGES" / "django.po"


def read(language: str) -> Catalog:
    """The catalogue of a language as it is kept."""
    with path(language).open("rb") as file:
        return read_po(file, locale=language, domain="django")


def written(catalogue: Catalog) -> bytes:
    """A catalogue as it is kept: no dates, no line numbers, no wrapping, in the order of the sources."""
    out = io.BytesIO()
    kept = _empty(catalogue.locale)
    for message in sorted((one for one in catalogue if one.id), key=_place):
        files = [(name, 0) for name in sorted({name for name, _line in message.locations})]
        kept.add(message.id, message.string, locations=files, context=message.context)
    write_po(out, kept, width=0, include_lineno=False, omit_header=True)
    return _head(kept) + out.getvalue().lstrip(b"\n")


def _head(catalogue: Catalog) -> bytes:
    lines = ["Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 8bit"]
    if catalogue.locale is not None:
        lines = [f"Language: {catalogue.locale}", f"Plural-Forms: {catalogue.plural_forms}", *lines]
    text = "".join(f'"{line}\\n"\n' for line in lines)
    return f'{HEAD}msgid ""\nmsgstr ""\n{text}\n'.encode()


def _place(message: Any) -> tuple[Any, ...]:
    return (
        min(name for name, _line in message.locations) if message.locations else "",
        str(message.id),
        message.context or "",
    )


def _empty(locale: Locale | None) -> Catalog:
    catalogue = Catalog(locale=locale, domain="django", fuzzy=False)
    if str(locale) in PLURALS:
        catalogue.mime_headers = [("Plural-Forms", PLURALS[str(locale)])]
    return catalogue


def _whole(string: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(string) and all(string or ())


# ── How each kind of file is read ───────────────────────────────────────────────────────────────────────────────────


def from_template(file: BinaryIO, _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:
    """Jinja: every call of a mark, with the engine's own reading of white space."""
    read = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
    for line, name, words, comments in babel_extract(file, keywords, [], {**options, **read}):  # type: ignore[arg-type]
        if words is None:
            continue
        plain = words if isinstance(words, str) else tuple(one for one in words if one is not None)
        yield line, name if not isinstance(plain, str) else None, plain, comments


def from_plan(file: BinaryIO, _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:
    """A shipped plan: its titles, deliverables, questions and letters."""
    plan = yaml.safe_load(file)
    for text in dict.fromkeys([*_texts(plan), f"{plan['title']} rollout"]):  # the title a plan has of itself
        yield 0, None, text, []


def _texts(node: Any, taken: bool = False) -> Iterator[str]:
    if isinstance(node, str):
        if taken and any(sign.isalpha() for sign in node):
            yield node
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item, taken)
    elif isinstance(node, dict):
        for key, value in node.items():
            listed = key in PLAN_LISTS or (key == "criteria" and isinstance(value, dict))
            yield from _texts(value, taken or listed if not isinstance(value, str) else taken or key in PLAN_KEYS)


def from_python(file: BinaryIO, _keywords: Any, _tags: Any, options: Any) -> Iterator[Found]:
    """Python: calls of a mark, and what is said by its place."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            yield from _call(node)
        elif isinstance(node, ast.ClassDef):
            yield from _refusal(node)


def _call(node: ast.Call) -> Iterator[Found]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    if name in MARKS:
        words = [text for text in map(_text, node.args[:2]) if text]
        if name == "said" and len(words) == 2:
            yield node.lineno, "ngettext", tuple(words), []
        elif len(words) >= MARKS[name]:
            yield (
                node.lineno,
                "ngettext" if MARKS[name] == 2 else None,
                tuple(words) if MARKS[name] == 2 else words[0],
                [],
            )
    elif name == "ListSpec":
        yield from _noun(node)
    elif name == "pgettext" and len(node.args) == 2:
        yield node.lineno, "pgettext", tuple(map(_text, node.args)), []
    else:
        yield from ((node.lineno, None, text, []) for text in _by_place(node, BY_PLACE.get(name, ())) if text)


def _noun(node: ast.Call) -> Iterator[Found]:
    """One and many of what a list holds: counted together, whatever marks stand around each."""
    for word in node.keywords:
        if word.arg == "noun" and isinstance(word.value, ast.Tuple):
            pair = tuple(_text(part.args[0] if isinstance(part, ast.Call) else part) for part in word.value.elts)
            yield node.lineno, "ngettext", pair, []


def _by_place(node: ast.Call, places: tuple[str | int, ...]) -> Iterator[str | None]:
    for place in places:
        if isinstance(place, int):
            yield _text(node.args[place]) if len(node.args) > place else None
        else:
            yield from (_text(word.value) for word in node.keywords if word.arg == place)


def _refusal(node: ast.ClassDef) -> Iterator[Found]:
    """Message and next step of a class that has a refusal's code."""
    said = {
        line.targets[0].id: line.value
        for line in node.body
        if isinstance(line, ast.Assign) and isinstance(line.targets[0], ast.Name)
    }
    said |= {
        line.target.id: line.value
        for line in node.body
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name) and line.value
    }
    if "code" in said:
        yield from ((node.lineno, None, text, []) for text in (_text(said.get(name)) for name in REFUSAL) if text)


def _text(node: ast.AST | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value else None
