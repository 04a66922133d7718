"""SCIM in our own words: what a directory tells of a person, how its values are found, when it takes too many away.

Pure. What the protocol looks like stands in the room `scim`.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_line, clean_locale, clean_mail, clean_zone, mail_key

START_LENGTH = 64
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MULTIVALUED = ("emails", "phoneNumbers", "ims", "photos", "addresses", "entitlements", "roles", "x509Certificates")
WHOLE = ("value", "type", "display", "primary")

BREAKER_HOUR = timedelta(hours=1)
FREE_REMOVALS = 5
REMOVAL_SHARE = 0.10
FLOOD_SHARE = 0.25
PASS_LIFE = timedelta(hours=24)  # how long what a human let through may pass
RETRY_AFTER = 300  # seconds; Okta takes integers only
LOG_LIFE = timedelta(days=30)
LOG_LINES = 10_000


class Did(StrEnum):
    """What became of a request, as the log of a connection says it."""

    READ = "read"
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    LET_IN = "let in"
    SHUT_OUT = "shut out"
    DELETED = "deleted"
    REFUSED = "refused"
    HELD = "held"


class HoldKind(StrEnum):
    """removals: too many people taken away in an hour; flood: more people than the partner named."""

    REMOVALS = "removals"
    FLOOD = "flood"


class HoldState(StrEnum):
    """open: waits for a human; passed: let through; mended: the directory was put right, counting goes on."""

    OPEN = "open"
    PASSED = "passed"
    MENDED = "mended"


def room_to_remove(people: int) -> int:
    """How many of a connection's people it may shut out within an hour: a tenth of them, five at least.

    people: who was here before that hour. Those whom it brought within the hour may go again freely.
    """
    return max(FREE_REMOVALS, int(people * REMOVAL_SHARE))


def room_to_bring(head_count: int) -> int:
    """How many people a connection may bring in all, where its admin named how many there are."""
    return int(head_count * (1 + FLOOD_SHARE))


def folded(text: str) -> str:
    """As values are compared that may differ in case. NFC before and after, so that folding again changes nothing."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


@dataclass(frozen=True, slots=True)
class Told:
    """What a directory says of one user, after its own words were understood.

    attributes: everything else, as it was sent, by the names of RFC 7643. active_said: whether it says `active` at all;
    where it took that back, it stays as it was.
    """

    user_name: str
    external_id: str = ""
    active: bool = True
    active_said: bool = True
    attributes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def user_name_key(self) -> str:
        return folded(self.user_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What of that makes a person here. None: the directory says nothing usable, the person keeps what they have."""

    name: str
    email: str | None
    locale: str | None
    zone: str | None


def facts(told: Told) -> Facts:
    """The person that is meant. Invalid: a mail address that is none."""
    return Facts(
        name=_name(told),
        email=_email(told),
        locale=_usable(clean_locale, told.attributes.get("preferredLanguage") or told.attributes.get("locale")),
        zone=_usable(clean_zone, told.attributes.get("timezone")),
    )


def _name(told: Told) -> str:
    parts = told.attributes.get("name") or {}
    both = " ".join(part for part in (parts.get("givenName"), parts.get("familyName")) if part)
    candidates = (told.attributes.get("displayName"), parts.get("formatted"), both, told.user_name)
    for candidate in candidates:
        if isinstance(candidate, str) and candidate.strip():
            return clean_line(candidate[:200], "displayName")
    return clean_line(told.user_name, "userName")


def _email(told: Told) -> str | None:
    """The address somebody is written to: the primary one, else that of work, else the first, else the user name."""
    sent = [one for one in told.attributes.get("emails") or () if one.get("value")]
    ranked = sorted(sent, key=lambda one: (one.get("primary") is not True, folded(str(one.get("type", ""))) != "work"))
    if ranked:
        return clean_mail(ranked[0]["value"], "emails")
    try:
        return clean_mail(told.user_name)
    except Invalid:
        return None


def _usable(clean: Any, value: Any) -> str | None:
    """A language or zone that we know. What we do not know is kept as it was sent and changes nothing."""
    if not isinstance(value, str) or not value:
        return None
    try:
        cleaned: str = clean(value)
    except Invalid:
        return None
    return cleaned


def mailboxes(told: Told) -> tuple[str, ...]:
    """The keys of the mailboxes by which somebody who is here already may be meant: work mail first, then user name."""
    keys: list[str] = []
    for address in (_email(told), told.user_name):
        try:
            keys += [mail_key(address)] if address else []
        except Invalid:
            continue
    return tuple(dict.fromkeys(keys))


# ---------------------------------------------------------------- values that are searched


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRow:
    """One row of models.ScimValue."""

    attribute: str
    value: str = ""
    type: str = ""
    display: str = ""
    primary: bool | None = None
    parts: Mapping[str, str] = field(default_factory=dict)


def value_rows(attributes: Mapping[str, Any]) -> list[ValueRow]:
    """Everything in a user's attributes that a filter may ask for."""
    rows: list[ValueRow] = []
    for name, value in attributes.items():
        if name in MULTIVALUED:
            rows += [_element(name.lower(), one) for one in value or () if isinstance(one, Mapping)]
        elif name == ENTERPRISE:
            rows += _single("enterprise.", value or {})
        else:
            rows += _single("", {name: value})
    return rows


def _element(attribute: str, one: Mapping[str, Any]) -> ValueRow:
    parts = {name.lower(): folded(value) for name, value in one.items() if name not in WHOLE and isinstance(value, str)}
    return ValueRow(
        attribute=attribute,
        value=str(one.get("value") or ""),
        type=str(one.get("type") or ""),
        display=str(one.get("display") or ""),
        primary=one.get("primary"),
        parts=parts,
    )


def _single(before: str, values: Mapping[str, Any]) -> Iterator[ValueRow]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _single(f"{before}{name}.", value)
        elif isinstance(value, str) and value:
            yield ValueRow(attribute=f"{before}{name}".lower()[:64], value=value)


# ---------------------------------------------------------------- groups


@dataclass(frozen=True, slots=True, order=True)
class Given:
    """One thing that a group of theirs gives here: a place in a group of ours, or a role."""

    into: str = ""
    role: str = ""


def given_by(group_rules: Iterable[Mapping[str, Any]], groups: Iterable[tuple[str, str]]) -> frozenset[Given]:
    """What the rules of a connection give to somebody who is in these groups, (name, external id) each.

    group_rules: [{"group": name or external id, "into": key of a group here, "role": a partner's role}].
    """
    groups = tuple(groups)
    names = {folded(name) for name, _ in groups} | {external_id for _, external_id in groups if external_id}
    found: set[Given] = set()
    for rule in group_rules:
        group = str(rule.get("group", ""))
        if group and (folded(group) in names or group in names):
            found |= {Given(into=str(rule["into"]))} if rule.get("into") else set()
            found |= {Given(role=str(rule["role"]))} if rule.get("role") else set()
    return frozenset(found)


def _names(rule: Mapping[str, Any], name: str, external_id: str) -> bool:
    group = str(rule.get("group", ""))
    return bool(group) and (folded(group) == folded(name) or group == external_id)


def role_of_group(group_rules: Iterable[Mapping[str, Any]], name: str, external_id: str) -> str:
    """The role that a group of theirs gives; "" for none."""
    roles = (str(rule["role"]) for rule in group_rules if rule.get("role") and _names(rule, name, external_id))
    return next(roles, "")


def rules_with_role(
    group_rules: Iterable[Mapping[str, Any]], name: str, external_id: str, role: str
) -> list[dict[str, Any]]:
    """The rules of a connection once this group gives `role`, and no other one; what else it gives stays."""
    kept: list[dict[str, Any]] = []
    for rule in map(dict, group_rules):
        if _names(rule, name, external_id):
            rule.pop("role", None)
        kept += [rule] if rule.get("role") or rule.get("into") else []
    return [*kept, {"group": external_id or name, "role": role}] if role else kept
