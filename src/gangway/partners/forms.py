"""What comes in about partners: a file or pasted rows, and the forms of the console and the desk.

A file is CSV with a head, or YAML with `partners` and, if wanted, `types` and `tiers`.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import yaml

from gangway.kernel.refusal import Invalid
from gangway.kernel.said import N_, together
from gangway.kernel.sheets import Line, read_csv
from gangway.kernel.values import clean_key, clean_line, printable
from gangway.partners.rules import CLEAR, COLUMNS, Fallback, Primary, TierSpec, TypeSpec, check

Way = TypeVar("Way", bound=StrEnum)
_SHAPE = N_("Write a list of partners, or a mapping with “partners” and, if wanted, “types” and “tiers”.")
MOST_BYTES = 2_000_000  # of a file in the console: about 20,000 partners; larger ones go by `gangway partner apply`
# As sales teams head their own sheets → our columns.
HEADS = {
    "company": "name",
    "partner": "name",
    "key": "slug",
    "partner_type": "type",
    "level": "tier",
    "time_zone": "zone",
    "timezone": "zone",
    "language": "locale",
    "host_name": "host",
    "contact": "contact_name",
    "email": "contact_email",
    "e_mail": "contact_email",
    "distributor": "parent",
}


@dataclass(frozen=True, slots=True)
class PartnerFile:
    rows: Iterable[Line]
    types: tuple[TypeSpec, ...] = ()
    tiers: tuple[TierSpec, ...] = ()


def read_partner_file(path: Path) -> PartnerFile:
    """By its ending .csv, .tsv, .yaml or .yml. Invalid: another ending, or content that is not what it says."""
    return read_partner_bytes(path.read_bytes(), path.name)


def read_partner_bytes(body: bytes, name: str) -> PartnerFile:
    """The same for the content and the name of a file; pasted rows have no name and are CSV, mostly with tabs."""
    suffix = Path(name).suffix.lower()
    if not name or suffix in (".csv", ".tsv"):
        return PartnerFile(tuple(read_csv(io.BytesIO(body), COLUMNS, HEADS)))
    if suffix in (".yaml", ".yml"):
        return _read_yaml(body)
    raise Invalid(
        problem="“{name}” is neither CSV nor YAML.", mend="Name it .csv, .yaml or .yml.", name=printable(name)
    )


def _read_yaml(body: bytes) -> PartnerFile:
    try:
        loader = yaml.SafeLoader(body.decode("utf-8-sig"))
        root = loader.get_single_node()
        read = {name: [_construct(loader, node) for node in nodes] for name, nodes in _sections(root).items()}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise Invalid(
            problem="The file is not YAML in UTF-8: {error}.",
            mend="Mend that place and try again.",
            error=" ".join(str(error).split()),
        ) from error
    return PartnerFile(
        rows=tuple(_line(number, value) for number, value in read["partners"]),
        types=tuple(_type(value) for _, value in read["types"]),
        tiers=tuple(_tier(value) for _, value in read["tiers"]),
    )


def _construct(loader: yaml.SafeLoader, node: yaml.Node) -> tuple[int, Any]:
    """The line a node begins in, and its value."""
    return node.start_mark.line + 1, loader.construct_object(node, deep=True)


def _sections(root: yaml.Node | None) -> dict[str, Sequence[yaml.Node]]:
    found: dict[str, Sequence[yaml.Node]] = {"partners": (), "types": (), "tiers": ()}
    if isinstance(root, yaml.SequenceNode):
        return found | {"partners": root.value}
    if not isinstance(root, yaml.MappingNode):
        raise Invalid(problem="The file holds no list of partners.", mend=_SHAPE)
    for key, value in root.value:
        if key.value not in found or not isinstance(value, yaml.SequenceNode):
            raise Invalid(problem="“{value}” is not a list this file may hold.", mend=_SHAPE, value=key.value)
        found[key.value] = value.value
    return found


def _line(number: int, value: object) -> Line:
    if not isinstance(value, Mapping):
        return Line(number, {}, "This is not a partner: write “slug: …”, “name: …” and so on.")
    return Line(number, {str(column): text for column, text in value.items()})


def _type(value: Any) -> TypeSpec:
    fields = _mapping(value, "types", {"key", "name"}, {"primary", "fallback"})
    primary = clean_way(Primary, "primary", str(fields["primary"])) if "primary" in fields else None
    fallback = clean_way(Fallback, "fallback", str(fields["fallback"])) if "fallback" in fields else None
    return TypeSpec(clean_key(str(fields["key"])), clean_line(str(fields["name"])), primary, fallback)


def clean_way(kind: type[Way], field: str, text: str) -> Way:
    """A way in that a type may propose; Invalid names those there are. `field`: the label of what was typed."""
    try:
        return kind(text.strip().lower())
    except ValueError as error:
        raise Invalid(
            field=field,
            problem="“{text}” is no way in that a type proposes here.",
            mend="It is one of {known}.",
            text=printable(text[:40]),
            known=list(kind),
        ) from error


def _tier(value: Any) -> TierSpec:
    fields = _mapping(value, "tiers", {"key", "name", "rank"})
    rank = fields["rank"]
    if isinstance(rank, bool) or not isinstance(rank, int) or not 0 < rank < 1000:
        raise Invalid(field="rank", problem="A tier's rank is not a number from 1 to 999.", mend="Higher is better.")
    return TierSpec(clean_key(str(fields["key"])), clean_line(str(fields["name"])), rank)


def _mapping(
    value: Any, section: str, wanted: set[str], also: frozenset[str] | set[str] = frozenset()
) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not wanted <= set(value) <= wanted | also:
        raise Invalid(
            field=section,
            problem="Each of “{section}” says {known}, nothing else.",
            section=section,
            known=[*sorted(wanted), *sorted(also)],
        )
    return value


@dataclass(frozen=True, slots=True)
class BringForm:
    """Pasted rows, or an uploaded file whose text then stands where rows are pasted; `source` is its name."""

    text: str = ""
    source: str = ""

    @classmethod
    def read(cls, posted: Mapping[str, str], files: Mapping[str, Any]) -> "BringForm":
        """Invalid: nothing to read, too much of it, or no text in UTF-8."""
        upload = files.get("file")
        if upload is None or not upload.size:
            return cls._pasted(posted)
        if upload.size > MOST_BYTES:
            raise Invalid(
                field="file",
                problem="The file has {size} bytes; {most} fit here.",
                mend="Read it with `gangway partner apply`.",
                size=upload.size,
                most=MOST_BYTES,
            )
        body = upload.read()
        content = cls(body.decode("utf-8-sig", errors="replace"), printable(upload.name or "file", 200))
        read_partner_bytes(body, content.source)  # what is no text, or no table, is said of the file itself
        return content

    @classmethod
    def _pasted(cls, posted: Mapping[str, str]) -> "BringForm":
        text = posted.get("rows", "")
        if not text.strip():
            raise Invalid(
                field="rows", problem="There are no rows.", mend="Paste them with their head, or choose a file."
            )
        return cls(text, printable(posted.get("source", ""), 200))

    def content(self) -> PartnerFile:
        """The rows; Invalid where they cannot be read."""
        return read_partner_bytes(self.text.encode(), self.source)


EDITED = (
    "name",
    "type",
    "tier",
    "parent",
    "zone",
    "locale",
    "display_name",
    "accent",
    "host",
    "parent_sees",
    "session_hours",
)


@dataclass(frozen=True, slots=True)
class PartnerForm:
    """One partner as it was typed, by column, and what is wrong by column. `reason`: why the tier moves."""

    typed: Mapping[str, str]
    reason: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> "PartnerForm":
        return cls({column: facts[column] for column in EDITED})

    @classmethod
    def read(cls, posted: Mapping[str, str], facts: Mapping[str, str]) -> "PartnerForm":
        """What was typed; every column that cannot be so has its sentence."""
        typed = {column: posted.get(column, facts[column])[:1000] for column in EDITED}
        errors = {}
        for column, text in cls(typed).said(facts).items():
            try:
                check(column, text)
            except Invalid as refusal:
                errors[column] = together(refusal.said, refusal.step)
        return cls(typed, posted.get("reason", "")[:200], errors)

    def said(self, facts: Mapping[str, str]) -> dict[str, str]:
        """The columns that differ, as a row of a file says them: emptied is “-”."""
        changed = {column: text.strip() for column, text in self.typed.items() if text.strip() != facts[column]}
        return {column: text or CLEAR for column, text in changed.items()}

    def error(self, column: str) -> str:
        return self.errors.get(column, "")


@dataclass(frozen=True, slots=True)
class WordsForm:
    """Types and tiers as typed: names by key, ranks by key, and one new word."""

    types: tuple[TypeSpec, ...]
    tiers: tuple[TierSpec, ...]

    @classmethod
    def read(cls, posted: Mapping[str, str], types: Sequence[str], tiers: Sequence[str]) -> "WordsForm":
        """Invalid names the field: name-KEY, rank-KEY, or key, name and rank of the new word."""
        section = posted.get("section", "")
        new = [posted["key"].strip()] if posted.get("key", "").strip() else []
        if section == "types":
            return cls(tuple(cls._type(posted, key) for key in (*types, *map(clean_key, new))), ())
        keys = (*tiers, *map(clean_key, new))
        return cls((), tuple(TierSpec(key, cls._name(posted, key), cls._rank(posted, key)) for key in keys))

    @staticmethod
    def _name(posted: Mapping[str, str], key: str) -> str:
        label = f"name-{key}" if f"name-{key}" in posted else "name"
        return clean_line(posted.get(label, ""), label)

    @classmethod
    def _type(cls, posted: Mapping[str, str], key: str) -> TypeSpec:
        """What the form lacks stays as it is."""
        suffix = f"-{key}" if f"name-{key}" in posted else ""
        way, back = f"primary{suffix}", f"fallback{suffix}"
        primary = clean_way(Primary, way, posted[way]) if way in posted else None
        fallback = clean_way(Fallback, back, posted[back]) if back in posted else None
        return TypeSpec(key, cls._name(posted, key), primary, fallback)

    @staticmethod
    def _rank(posted: Mapping[str, str], key: str) -> int:
        label = f"rank-{key}" if f"rank-{key}" in posted else "rank"
        text = posted.get(label, "").strip()
        if not (text.isascii() and text.isdecimal() and 0 < int(text[:9]) < 1000):
            raise Invalid(field=label, problem="The rank is no number from 1 to 999.", mend="Higher is better.")
        return int(text)
