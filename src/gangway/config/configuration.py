"""The configuration of an installation by keys: what it is, and how two of them differ. Pure.

Parts (`types`, `connections` …) hold entries by key, entries hold fields. No secret, no person and no id is in it, so
that it may stand in a repository and be compared between a sandbox and production.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gangway.kernel.refusal import Invalid

FORM = 1
PARTS = ("types", "tiers", "partners", "connections", "courses", "paths", "credentials")
Configuration = Mapping[str, Mapping[str, Mapping[str, Any]]]


def written(configuration: Configuration) -> str:
    """The same configuration makes the same bytes: sorted by key, one field a line, UTF-8."""
    parts = {part: configuration.get(part, {}) for part in PARTS}
    whole = {"gangway": FORM, **parts}
    return json.dumps(whole, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read(text: str) -> Configuration:
    """A file that `written` made. Invalid names what is wrong with it."""
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            field="file", problem="The file is no JSON.", mend="Give one that `gangway config export` wrote."
        ) from error
    if not isinstance(whole, dict) or whole.get("gangway") != FORM:
        raise Invalid(
            field="gangway",
            problem="The file is no export that this version reads.",
            mend="Export again with this version.",
        )
    unknown = sorted(whole.keys() - {*PARTS, "gangway"})
    if unknown:
        raise Invalid(
            field=unknown[0][:40],
            problem="There is no part “{name}”.",
            mend="Known are {known}.",
            name=unknown[0][:40],
            known=list(PARTS),
        )
    return {part: _entries(part, whole.get(part, {})) for part in PARTS}


def _entries(part: str, entries: object) -> Mapping[str, Mapping[str, Any]]:
    if not isinstance(entries, dict) or not all(isinstance(entry, dict) for entry in entries.values()):
        raise Invalid(field=part, problem="“{part}” holds no entries by key.", mend="Export again.", part=part)
    return entries


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs. `was` or `now` is None where the field is not there; `field` is "" where the whole entry
    came or went, and then the side that has it holds all of it."""

    part: str
    key: str
    field: str
    was: Any
    now: Any


def differences(was: Configuration, now: Configuration) -> tuple[Difference, ...]:
    """What differs, by part, key and field; nothing where both are the same."""
    found: list[Difference] = []
    for part in PARTS:
        before, after = was.get(part, {}), now.get(part, {})
        for key in sorted(before.keys() | after.keys()):
            if key not in before or key not in after:
                found.append(Difference(part, key, "", before.get(key), after.get(key)))
                continue
            fields = sorted(before[key].keys() | after[key].keys())
            found += [
                Difference(part, key, field, before[key].get(field), after[key].get(field))
                for field in fields
                if before[key].get(field) != after[key].get(field)
            ]
    return tuple(found)


def in_words(one: Difference) -> str:
    """A line for people: `connections nordwind/okta, fallback: was "never", is "on_failure"`."""
    where = f"{one.part} {one.key}"
    if one.field:
        return f"{where}, {one.field}: was {_value(one.was)}, is {_value(one.now)}"
    return f"{where}: new" if one.was is None else f"{where}: gone"


def _value(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
