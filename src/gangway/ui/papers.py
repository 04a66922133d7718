"""One page of facts to print, sign or pin to a ticket: the same content as a page, as PDF and as Markdown."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import typst
from django.utils import translation

from gangway.kernel.language import apart, clauses, comma
from gangway.ui import typeset

TEMPLATE = Path(__file__).parent / "templates" / "ui" / "paper.typ"
MOST_VALUES = 12
MIRRORED = {"←": "→", "→": "←"}
_MARKS = re.compile(r"([\\`*_\[\]<>#|~&])|(?<=^)([-+])|(?<=^\d)(\.)")
_BREAKS = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Line:
    """One fact. technical: addresses, names of claims and the like, which run from left to right in every language;
    paired: each value is two of these with ← or → between them, one becoming the other; apart: each is a clause of its
    own, and stands on a line of its own."""

    label: str
    values: tuple[str, ...]
    technical: bool = False
    paired: bool = False
    apart: bool = False

    @property
    def pairs(self) -> tuple["Pair", ...]:
        """The values of a paired line, in the reading direction of the active language."""
        return tuple(pair(value) for value in self.values)


@dataclass(frozen=True, slots=True)
class Pair:
    """What stands first, an arrow that points as the language reads, and the other; "" and "" where there is one."""

    first: str
    arrow: str
    second: str

    @property
    def text(self) -> str:
        """In one line of text: each half an isolate, so that neither turns the other around."""
        return f"\u2066{self.first}\u2069 {self.arrow} \u2066{self.second}\u2069" if self.arrow else self.first


def pair(value: str) -> Pair:
    """A value with an arrow, for the active language: from right to left what stands first stands on the right."""
    arrow = next((one for one in MIRRORED if f" {one} " in value), "")
    if not arrow:
        return Pair(value, "", "")
    first, _, second = value.partition(f" {arrow} ")
    return Pair(first, MIRRORED[arrow] if translation.get_language_bidi() else arrow, second)


@dataclass(frozen=True, slots=True)
class Block:
    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """`sentence` comes first; `foot` says what the page is and where it lives."""

    title: str
    sentence: str
    blocks: tuple[Block, ...]
    foot: str


def markdown(paper: Paper) -> str:
    """The whole paper; whatever a value holds is text, never a mark."""
    parts = [f"# {_plain(paper.title)}", _plain(paper.sentence)]
    for block in paper.blocks:
        lines = "\n".join(f"- **{_plain(one.label)}**: {_plain(clauses(_told(one)))}" for one in block.lines)
        parts += [f"## {_plain(block.title)}", lines]
    return "\n\n".join([*parts, _plain(paper.foot)]) + "\n"


def _told(line: Line) -> list[str]:
    return [one.text for one in line.pairs] if line.paired else list(line.values)


def _plain(text: str) -> str:
    return _MARKS.sub(r"\\\g<0>", _BREAKS.sub(" ", text).strip())


def pdf(paper: Paper, *, zone: str, at: datetime) -> bytes:
    """The paper on exactly one A4 page, in the language that is active. Type grows smaller until all of it fits; of a
    long list it says the first ones and how many more there are."""
    locale = translation.get_language() or "en"
    said = {
        "title": paper.title,
        "sentence": paper.sentence,
        "foot": paper.foot,
        "language": locale.split("-")[0],
        "rtl": translation.get_language_bidi(),
        "comma": comma(),
        "fonts": typeset.families("".join(_words(paper)), locale, zone),
        "blocks": [{"title": one.title, "lines": [_line(line) for line in one.lines]} for one in paper.blocks],
    }
    return bytes(
        typst.compile(
            TEMPLATE,
            format="pdf",
            font_paths=typeset.fonts(),
            sys_inputs={"paper": json.dumps(said)},
            timestamp=int(at.timestamp()),
        )
    )


def _line(line: Line) -> dict[str, object]:
    values = line.values[:MOST_VALUES]
    shown = [_breakable(value) for value in values] if line.technical else apart(values)
    more = len(line.values) - MOST_VALUES
    pairs = [[_breakable(one.first), one.arrow, _breakable(one.second)] for one in line.pairs[:MOST_VALUES]]
    return {
        "label": line.label,
        "values": [*([] if line.paired else shown), *([f"+ {more}"] if more > 0 else [])],
        "pairs": pairs if line.paired else [],
        "technical": line.technical,
        "apart": line.apart,
    }


def _breakable(value: str) -> str:
    """An address or a fingerprint may break where no letter word ends."""
    return re.sub(r"([/:?&=.,_@-])(?=\w)", "\\1\u200b", value)


def _words(paper: Paper) -> Iterable[str]:
    yield from (paper.title, paper.sentence, paper.foot)
    for block in paper.blocks:
        yield block.title
        for line in block.lines:
            yield line.label
            yield from line.values
