"""What a partner may look like: vocabulary, and the checks of everything that a file or a form may say about one."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from gangway.kernel.refusal import Invalid
from gangway.kernel.said import said
from gangway.kernel.values import clean_host, clean_key, clean_line, clean_locale, clean_mail, clean_zone, printable


class Kind(StrEnum):
    HOST = "host"  # the vendor itself; there is exactly one
    PARTNER = "partner"
    SHELL = "shell"  # synthetic, for rehearsals; never counts


class State(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"  # nobody of this partner comes in
    CLOSED = "closed"  # the partnership has ended


class ParentSees(StrEnum):
    NONE = "none"
    FIGURES = "figures"
    PEOPLE = "people"


class Primary(StrEnum):
    """How people of a partner of some type are meant to come in."""

    COMPANY = "company"  # their company's own sign-in (SAML, OpenID Connect)
    PORTAL = "portal"  # the vendor's own sign-in for partners (a host connection)
    MAIL = "mail"  # a link and a code by mail


class Fallback(StrEnum):
    """What opens beside a broken sign-in. A partner may narrow it, and never widen it."""

    MAIL = "mail"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class TypeSpec:
    """primary, fallback: the ways in that the type proposes; None leaves them, a new type has company and mail."""

    key: str
    name: str
    primary: Primary | None = None
    fallback: Fallback | None = None

    def differs(self, register: "Register") -> bool:
        """Whether it says anything that is not so already."""
        if register.types.get(self.key) != self.name:
            return True
        primary, fallback = register.ways.get(self.key, USUAL_WAYS)
        return self.primary not in (None, primary) or self.fallback not in (None, fallback)


@dataclass(frozen=True, slots=True)
class TierSpec:
    key: str
    name: str
    rank: int


USUAL_WAYS = (Primary.COMPANY, Fallback.MAIL)  # of a partner without a type too
DEFAULT_TYPES = (
    TypeSpec("reseller", "Reseller"),
    TypeSpec("msp", "Managed service provider"),
    TypeSpec("distributor", "Distributor"),
)
DEFAULT_TIERS = (TierSpec("registered", "Registered", 1), TierSpec("silver", "Silver", 2), TierSpec("gold", "Gold", 3))
DEFAULT_ACCENT = "#1f5eff"
DEFAULT_HOST_SLUG = "host"
SHELL_DOOR_LIFE = timedelta(minutes=15)  # longer than any rehearsal walks
MOST_SESSION_HOURS = 30 * 24  # as long as people stay signed in unless their partner says shorter
CLEAR = "-"  # in a cell: "take away what is there"; an empty cell leaves it alone


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerSpec:
    """What one row of a partner file says. None: says nothing, leave it; "": take it away."""

    slug: str
    name: str | None = None
    kind: str | None = None
    parent: str | None = None
    type: str | None = None
    tier: str | None = None
    zone: str | None = None
    locale: str | None = None
    accent: str | None = None
    host: str | None = None
    parent_sees: str | None = None
    contact_name: str | None = None
    contact_email: str | None = None
    display_name: str | None = None
    session_hours: str | None = None

    def said(self) -> dict[str, str]:
        """Only what the row says, by column, without the slug."""
        values = {column.name: getattr(self, column.name) for column in fields(self) if column.name != "slug"}
        return {column: value for column, value in values.items() if value is not None}


COLUMNS = tuple(column.name for column in fields(PartnerSpec))
_FRESH = {
    "name": "",
    "kind": str(Kind.PARTNER),
    "zone": "UTC",
    "locale": "en",
    "accent": DEFAULT_ACCENT,
    "parent_sees": str(ParentSees.FIGURES),
}
KEPT = frozenset({"name", "kind", "zone", "locale", "accent", "parent_sees"})  # changed, never taken away
_ACCENT = re.compile(r"#[0-9a-f]{6}")


def fresh(**values: str) -> dict[str, str]:
    """What is true of a partner of which nothing has been said yet, by column."""
    return {column: "" for column in COLUMNS if column != "slug"} | _FRESH | values


def parse_row(row: Mapping[str, object]) -> PartnerSpec:
    """A row of a partner file as a PartnerSpec; Invalid names the column and what would be right.

    A row without a slug has the one its name makes, so that a sheet of names can be brought twice.
    """
    if unknown := sorted(set(map(str, row)) - set(COLUMNS)):
        raise Invalid(
            field=printable(unknown[0]),
            problem="There is no column “{unknown}”.",
            mend="Known are {known}.",
            unknown=printable(unknown[0]),
            known=list(COLUMNS),
        )
    said = {column: cell(column, value) for column, value in row.items()}
    slug = clean_key(said.pop("slug", None) or slug_of(said.get("name") or ""), "slug")
    values: dict[str, Any] = {column: check(column, text) for column, text in said.items() if text is not None}
    return PartnerSpec(slug=slug, **values)


_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d"})


def slug_of(name: str) -> str:
    """The key of a row that gives none: its name in small Latin letters; "" where the name has none of them."""
    spelt = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).casefold().translate(_SPELT))
    plain = "".join(character for character in spelt if not unicodedata.combining(character))
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:63].rstrip("-")


def cell(column: str, value: object) -> str | None:
    """The text of a cell, None where it is empty; anything but text and numbers is refused."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Invalid(field=column, problem="“{column}” is not text.", mend="Write one piece of text.", column=column)
    return str(value).strip() or None


def check(column: str, text: str) -> str:
    """The value of a column as it is kept, “-” as ""; Invalid says what would be right."""
    if text != CLEAR:
        return _CHECKS[column](text)
    if column in KEPT:
        raise Invalid(
            field=column,
            problem="“{column}” can be changed but not taken away.",
            mend="Give another value.",
            column=column,
        )
    return ""


def clean_accent(text: str) -> str:
    """A colour #rrggbb. Whether it contrasts enough is decided where it is shown: ui darkens or lightens it."""
    lowered = text.lower()
    if not _ACCENT.fullmatch(lowered):
        raise Invalid(
            field="accent",
            problem="“{text}” is no colour.",
            mend="Use six hexadecimal digits such as {default_accent}.",
            text=printable(text),
            default_accent=DEFAULT_ACCENT,
        )
    return lowered


def clean_display_name(text: str) -> str:
    """The name a portal shows instead of the partner's own."""
    return clean_line(text, "display_name")


def clean_hours(text: str) -> str:
    """How many hours people stay signed in, as digits: shorter than usual, never longer."""
    digits = text.strip()
    if not (digits.isascii() and digits.isdecimal() and len(digits) < 5 and 1 <= int(digits) <= MOST_SESSION_HOURS):
        raise Invalid(
            field="session_hours",
            problem="“{text}” is no number of hours from 1 to {most}.",
            mend="Use whole hours; 12 is half a day, 168 a week.",
            text=printable(text),
            most=MOST_SESSION_HOURS,
        )
    return str(int(digits))


def _one_of(column: str, values: type[StrEnum], text: str) -> str:
    if text.lower() not in set(values):
        raise Invalid(
            field=column,
            problem="“{text}” is no {column}.",
            mend="It is one of {known}.",
            text=printable(text),
            column=column,
            known=list(values),
        )
    return str(values(text.lower()))


_CHECKS: dict[str, Callable[[str], str]] = {
    "name": clean_line,
    "kind": partial(_one_of, "kind", Kind),
    "parent": partial(clean_key, field="parent"),
    "type": partial(clean_key, field="type"),
    "tier": partial(clean_key, field="tier"),
    "zone": clean_zone,
    "locale": clean_locale,
    "accent": clean_accent,
    "host": clean_host,
    "parent_sees": partial(_one_of, "parent_sees", ParentSees),
    "contact_name": partial(clean_line, field="contact_name"),
    "contact_email": partial(clean_mail, field="contact_email"),
    "display_name": clean_display_name,
    "session_hours": clean_hours,
}


@dataclass(slots=True)
class Register:
    """What is known while a file is judged: types (name), their ways in and tiers (name, rank) by key, partners by slug
    and column."""

    types: dict[str, str] = field(default_factory=dict)
    ways: dict[str, tuple[Primary, Fallback]] = field(default_factory=dict)
    tiers: dict[str, tuple[str, int]] = field(default_factory=dict)
    partners: dict[str, dict[str, str]] = field(default_factory=dict)
    host_names: dict[str, str] = field(default_factory=dict)
    ids: dict[str, UUID] = field(default_factory=dict)
    host_slug: str | None = None

    def note(self, slug: str, facts: Mapping[str, str]) -> None:
        """From now on, this is true of the partner; what is not in `facts` stays as it was."""
        now = self.partners[slug] = {**self.partners.get(slug, fresh()), **facts}
        if now["kind"] == Kind.HOST:
            self.host_slug = slug
        if now["host"]:
            self.host_names[now["host"]] = slug


def keys_meant(cells: Mapping[str, object], register: Register) -> dict[str, object]:
    """The cells of a row with keys where people wrote names: “Gold” is gold, the parent's name is its slug.

    A row without a slug means the one partner that has its name already, if there is one.
    """
    partners = _once((facts["name"].casefold(), slug) for slug, facts in register.partners.items())
    named = {
        "type": {name.casefold(): key for key, name in register.types.items()},
        "tier": {name.casefold(): key for key, (name, _rank) in register.tiers.items()},
        "parent": partners,
    }
    found = dict(cells)
    for column, keys in named.items():
        text = cells.get(column)
        if isinstance(text, str) and text.strip() and text.strip() != CLEAR:
            found[column] = keys.get(text.strip().casefold()) or slug_of(text) or text
    name = cells.get("name")
    if not cells.get("slug") and isinstance(name, str) and name.strip().casefold() in partners:
        found["slug"] = partners[name.strip().casefold()]
    return found


def _once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The pairs whose first part is there once only."""
    found: dict[str, list[str]] = {}
    for name, slug in pairs:
        found.setdefault(name, []).append(slug)
    return {name: slugs[0] for name, slugs in found.items() if len(slugs) == 1}


def judge(spec: PartnerSpec, register: Register) -> dict[str, str]:
    """What a row would change, by column; everything for a new partner. Invalid where it cannot be."""
    known = register.partners.get(spec.slug)
    said = spec.said()
    if known is None and "name" not in said:
        raise Invalid(field="name", problem="“{slug}” is new and has no name.", mend="Give it a name.", slug=spec.slug)
    _check_kind(spec, known, register)
    _check_key("type", said.get("type"), register.types)
    _check_key("tier", said.get("tier"), register.tiers)
    _check_parent(spec, register)
    _check_host_name(spec, register)
    before = known if known is not None else {}
    return {column: value for column, value in said.items() if before.get(column) != value}


def _check_kind(spec: PartnerSpec, known: Mapping[str, str] | None, register: Register) -> None:
    if spec.kind is None:
        return
    if known is not None and known["kind"] != spec.kind:
        raise Invalid(
            field="kind",
            problem="“{slug}” is of the kind {kind}; a partner's kind never changes.",
            mend="Use another slug.",
            slug=spec.slug,
            kind=known["kind"],
        )
    if spec.kind == Kind.HOST and register.host_slug not in (None, spec.slug):
        raise Invalid(
            field="kind",
            problem="The host is “{host_slug}”; there is only one.",
            mend="Leave the kind empty.",
            host_slug=register.host_slug,
        )


def _check_key(column: str, value: str | None, known: Collection[str]) -> None:
    if value and value not in known:
        mend = said("Known are {known}.", known=sorted(known)) if known else said("None are defined.")
        raise Invalid(
            field=column, problem="The {column} “{value}” is not known.", mend=mend, column=column, value=value
        )


def _check_parent(spec: PartnerSpec, register: Register) -> None:
    if not spec.parent:
        return
    if spec.parent not in register.partners:
        raise Invalid(
            field="parent",
            problem="The parent “{parent}” is not known.",
            mend="Add it to the file, or mend its row.",
            parent=spec.parent,
        )
    if spec.parent == register.host_slug:
        raise Invalid(field="parent", problem="Every partner is below the host anyway.", mend="Leave the parent empty.")
    above: str = spec.parent
    for _ in range(len(register.partners) + 1):
        if above == spec.slug:
            raise Invalid(
                field="parent",
                problem="“{parent}” is below “{slug}”, so it cannot be its parent.",
                mend="Move one of them first.",
                parent=spec.parent,
                slug=spec.slug,
            )
        above = register.partners.get(above, {}).get("parent", "")
        if not above:
            return


def _check_host_name(spec: PartnerSpec, register: Register) -> None:
    if not spec.host:
        return
    holder = register.host_names.get(spec.host, spec.slug)
    if holder != spec.slug and register.partners[holder]["host"] == spec.host:
        raise Invalid(
            field="host",
            problem="The host name {host} belongs to “{holder}”.",
            mend="Use another.",
            host=spec.host,
            holder=holder,
        )


def parents_first(specs: Iterable[PartnerSpec]) -> tuple[list[PartnerSpec], list[PartnerSpec]]:
    """The rows in an order in which each parent comes before its children, and the rows that go round in a circle."""
    waiting = {spec.slug: spec for spec in specs}
    ordered: list[PartnerSpec] = []
    while ready := [spec for spec in waiting.values() if not spec.parent or spec.parent not in waiting]:
        ordered += ready
        for spec in ready:
            del waiting[spec.slug]
    return ordered, list(waiting.values())


def moved_on(after: Mapping[str, str], facts: Mapping[str, str]) -> tuple[str, ...]:
    """The columns that are not any more what a run made of them; a column that came later is no change."""
    return tuple(column for column, value in after.items() if column in facts and facts[column] != value)
