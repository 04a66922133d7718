"""Tables from outside, read line by line: CSV with comma, semicolon or tab, as spreadsheets save and copy them.

What cannot be read is refused with a sentence before anything is done. (Writing for spreadsheets: kernel.lists.)
"""

import codecs
import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from gangway.kernel.refusal import Invalid
from gangway.kernel.said import N_
from gangway.kernel.values import printable

_SEPARATORS = ",;\t"
_SEP_LINE = re.compile(r'"?sep=([,;\t])"?\s*')
_PIECE = 1 << 20
LONGEST_LINE = 1_000_000  # characters; a line is held in memory as a whole
_SAVE_AS = N_("Save it as “CSV UTF-8” and try again.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: its number in the file and its cells by column, or what is wrong with the line itself."""

    number: int
    cells: Mapping[str, str | None]
    problem: str = ""


class Result(StrEnum):
    """What becomes of a line."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a line: `key` says whom it is about, `fields` what changed, `reason` why it was refused."""

    line: int
    key: str
    result: Result
    fields: tuple[str, ...] = ()
    reason: str = ""

    def as_dict(self) -> dict[str, object]:
        """For machines."""
        return {
            "line": self.line,
            "key": self.key,
            "result": str(self.result),
            "fields": list(self.fields),
            "reason": self.reason,
        }


def read_csv(
    stream: BinaryIO, columns: Collection[str], aliases: Mapping[str, str] | None = None, *, bare: str = ""
) -> Iterator[Line]:
    """The lines of a table whose head names some of `columns`; empty cells are None, empty lines are skipped.

    `aliases`: other spellings of a head → column. `bare`: a column whose values may stand alone, one a line and
    without a head, as a list of addresses does: a first line that names no column and holds an @ is taken for that.
    UTF-8, or UTF-16 with its mark as Excel's “Unicode Text” has it; the whole file is checked first, so that nothing
    is half read. Invalid: not a table, another encoding, no or an unusable head, a line of a megabyte.
    """
    encoding = _encoding(stream)
    _check_whole(stream, encoding)
    text = io.TextIOWrapper(stream, encoding=encoding, newline="")
    first = text.readline()
    text.seek(0)
    if bare and _is_list(first, columns, aliases or {}):
        return _list(text, bare)
    separator, skipped = _separator(text)
    reader = csv.reader(text, delimiter=separator, strict=True)
    return _lines(reader, columns, aliases or {}, skipped)


def _encoding(stream: BinaryIO) -> str:
    start = stream.read(4)
    stream.seek(0)
    if start[:2] == b"PK":
        raise Invalid(problem="This is a spreadsheet file, not CSV.", mend=_SAVE_AS)
    return "utf-16" if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _check_whole(stream: BinaryIO, encoding: str) -> None:
    """Read it once to the end: every byte is text, and no line is so long that reading it would fill the memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line, length = 1, 0
    while piece := stream.read(_PIECE):
        line, length = _measured(_decoded(decoder, piece, line), line, length)
    _decoded(decoder, b"", line, final=True)
    stream.seek(0)


def _decoded(decoder: codecs.IncrementalDecoder, piece: bytes, line: int, final: bool = False) -> str:
    try:
        return decoder.decode(piece, final)
    except UnicodeDecodeError as error:
        at = line + piece[: error.start].count(b"\n")
        raise Invalid(
            problem="Line {at} is not UTF-8 (perhaps Latin-1 or Windows-1252).", mend=_SAVE_AS, at=at
        ) from error


def _measured(text: str, line: int, length: int) -> tuple[int, int]:
    """(line, characters of it so far) behind `text`."""
    breaks = text.count("\n")
    length = length + len(text) if not breaks else len(text) - text.rfind("\n")
    if length > LONGEST_LINE:
        raise Invalid(
            problem="Line {line} has more than {limit} characters.",
            mend="Break it.",
            line=line + breaks,
            limit=LONGEST_LINE,
        )
    return line + breaks, length


def _is_list(first: str, columns: Collection[str], aliases: Mapping[str, str]) -> bool:
    """Whether the first line is no head but an address already."""
    names = {_column(cell, aliases) for cell in re.split("[,;\t]", first)}
    return "@" in first and names.isdisjoint(columns)


def _list(text: Iterable[str], column: str) -> Iterator[Line]:
    """One value a line; several may stand in one, as mail programs copy them: `Ana <ana@x.example>; ben@x.example`."""
    for number, line in enumerate(text, 1):
        for value in re.split("[;\t]", line.rstrip("\r\n")):
            parts = [part.strip() for part in value.split(",") if part.strip()]
            for part in parts if all("@" in part for part in parts) else [value.strip()]:
                yield Line(number, {column: part})


def _separator(text: io.TextIOWrapper) -> tuple[str, int]:
    """The separator, and how many lines to skip: Excel may say `sep=;` in a line of its own, else the head shows it."""
    first = text.readline()
    if told := _SEP_LINE.fullmatch(first):
        return told[1], 1
    text.seek(0)
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(_SEPARATORS, key=unquoted.count), 0


def _lines(
    reader: Iterator[list[str]], columns: Collection[str], aliases: Mapping[str, str], skipped: int
) -> Iterator[Line]:
    try:
        head = _head(next(reader, []), columns, aliases)
    except csv.Error as error:
        raise Invalid(
            problem="The first line is not CSV: {error}.", mend="Check its quotation marks.", error=str(error)
        ) from error
    try:
        for cells in reader:
            number = reader.line_num + skipped  # type: ignore[attr-defined]
            if any(cell.strip() for cell in cells):
                yield _line(number, head, cells)
    except csv.Error as error:
        number = reader.line_num + skipped  # type: ignore[attr-defined]
        raise Invalid(
            problem="Line {number} is not CSV: {error}.",
            mend="Check its quotation marks.",
            number=number,
            error=str(error),
        ) from error


def _column(cell: str, aliases: Mapping[str, str]) -> str:
    name = "_".join(cell.strip().strip('"\ufeff').lower().replace("-", "_").split())
    return aliases.get(name, name)


def _head(cells: list[str], columns: Collection[str], aliases: Mapping[str, str]) -> list[str]:
    head = [_column(cell, aliases) for cell in cells]
    while len(head) > 1 and not head[-1]:
        head.pop()  # spreadsheets save empty columns behind the last one
    known = ", ".join(columns)
    if not any(head):
        raise Invalid(problem="The file is empty.", mend="Its first line names the columns: {known}.", known=known)
    for name in head:
        if name not in columns:
            raise Invalid(
                field=printable(name),
                problem="There is no column “{name}”.",
                mend="Known are {known}.",
                name=printable(name),
                known=known,
            )
        if head.count(name) > 1:
            raise Invalid(
                field=name, problem="The column “{name}” is there twice.", mend="Keep one of them.", name=name
            )
    return head


def _line(number: int, head: list[str], cells: list[str]) -> Line:
    if any(cell.strip() for cell in cells[len(head) :]):
        return Line(number, {}, f"The line has {len(cells)} cells, the head has {len(head)}.")
    values = {name: cells[i].strip() or None if i < len(cells) else None for i, name in enumerate(head)}
    return Line(number, values)
