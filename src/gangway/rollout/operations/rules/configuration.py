"""The configuration of an installation by keys: what it is, how two of them differ, what a promotion sets. Pure.

Parts (`types`, `connections` …) hold entries by key, entries hold fields. No secret, no person and no id is in it, so
that it may stand in a repository and be compared between a sandbox and production.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gangway.kernel.configured import Part
from gangway.kernel.refusal import Invalid
from gangway.kernel.said import N_

FORM = 2  # raised where an older file would be read wrongly
PARTS = ("types", "tiers", "partners", "connections", "courses", "paths", "credentials")
HEAD = frozenset({"gangway", "environment", "digest"})
ENVIRONMENTS = ("sandbox", "production")
LEFT_ALONE = N_(
    "Left alone: people and their roles, secrets, certificates and tokens, the courses themselves, host names, mail"
    " domains, plans and rules of enrolment, and whatever is here and not in the file."
)
UNSAID = N_("The file says nothing of it: export again with this version, or leave it.")
Configuration = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Export:
    """A file that `written` made: which environment it is of, its digest, and what is configured there."""

    environment: str
    digest: str
    configuration: Configuration


def digest_of(configuration: Configuration, environment: str = "") -> str:
    """The identity of a configuration: equal for equal ones, whatever order they were read in."""
    parts = {part: configuration.get(part, {}) for part in PARTS}
    plain = json.dumps([FORM, environment, parts], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def written(configuration: Configuration, environment: str) -> str:
    """The same configuration makes the same bytes: sorted by key, one field a line, UTF-8."""
    parts = {part: configuration.get(part, {}) for part in PARTS}
    head = {"gangway": FORM, "environment": environment, "digest": digest_of(configuration, environment)}
    return json.dumps({**head, **parts}, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read(text: str) -> Export:
    """A file that `written` made, as it was made. Invalid names what is wrong with it."""
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
    unknown = sorted(whole.keys() - {*PARTS, *HEAD})
    if unknown:
        raise Invalid(
            field=unknown[0][:40],
            problem="There is no part “{name}”.",
            mend="Known are {known}.",
            name=unknown[0][:40],
            known=list(PARTS),
        )
    environment = whole.get("environment")
    if environment not in ENVIRONMENTS:
        raise Invalid(field="environment", problem="The file does not say what it is of.", mend="Export again.")
    found = {part: _entries(part, whole.get(part, {})) for part in PARTS}
    digest = digest_of(found, environment)
    if whole.get("digest") != digest:
        raise Invalid(
            field="digest",
            problem="The file was changed after it was exported.",
            mend="Change it in the installation it came from, then export again.",
        )
    return Export(environment, digest, found)


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

    @property
    def place(self) -> tuple[str, str, str]:
        return self.part, self.key, self.field


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


def by_our_name(theirs: Configuration, ours: Configuration) -> Configuration:
    """Another installation's configuration, with the vendor under the key it has in ours. Each has one, whose key never
    changes: who began on the set-up page is “host”, who brought a partner file is what that says."""
    there, here = _host(theirs), _host(ours)
    taken = here in theirs.get("partners", {}) or there in ours.get("partners", {})
    if not there or not here or there == here or taken:
        return theirs
    partners = {
        here if slug == there else slug: _below(facts, there, here) for slug, facts in theirs["partners"].items()
    }
    connections = {
        f"{here}/{key}" if slug == there else f"{slug}/{key}": facts
        for (slug, _slash, key), facts in (
            (place.partition("/"), facts) for place, facts in theirs.get("connections", {}).items()
        )
    }
    return {**theirs, "partners": partners, "connections": connections}


def _host(configuration: Configuration) -> str:
    entries = configuration.get("partners", {}).items()
    return next((slug for slug, facts in entries if facts.get("kind") == "host"), "")


def _below(facts: Mapping[str, Any], there: str, here: str) -> Mapping[str, Any]:
    return {**facts, "parent": here} if facts.get("parent") == there else facts


# ---------------------------------------------------------------- what a promotion sets, and what is left to hands


@dataclass(frozen=True, slots=True)
class Step(Difference):
    """A difference between here (`was`) and the file (`now`). `by_hand`: what somebody does about it; "" where
    promoting sets it."""

    by_hand: str = ""


def check_fields(configuration: Configuration, parts: Sequence[Part]) -> None:
    """Invalid where an entry has a field that this version knows nothing of."""
    for part in parts:
        for key, entry in configuration.get(part.name, {}).items():
            unknown = sorted(entry.keys() - part.known)
            if unknown:
                raise Invalid(
                    field=unknown[0][:40],
                    problem="{part} {key} says “{name}”, which this version does not know.",
                    mend="Bring both installations to the same version, then export again.",
                    part=part.name,
                    key=key[:80],
                    name=unknown[0][:40],
                )


def steps(here: Configuration, wanted: Configuration, parts: Sequence[Part]) -> tuple[Step, ...]:
    """Everything that differs, in the order of the parts: what promoting sets, and what is done by hand."""
    wanted = by_our_name(wanted, here)
    by_name = {part.name: part for part in parts}
    found = [step for one in differences(here, wanted) for step in _of(one, by_name[one.part], wanted)]
    order = [part.name for part in parts]
    return tuple(sorted(found, key=lambda step: order.index(step.part)))


def _of(one: Difference, part: Part, wanted: Configuration) -> list[Step]:
    if one.field and one.field in part.fields and one.field not in wanted[one.part][one.key]:
        return [Step(*one.place, one.was, None, UNSAID)]
    if one.field:
        return [Step(*one.place, one.was, one.now, part.by_hand.get(one.field, ""))]
    if one.now is None:
        return [Step(*one.place, one.was, None, part.gone)]
    if part.put is None:
        return [Step(*one.place, None, one.now, part.by_hand[""])]
    told = {field: value for field, value in one.now.items() if field in part.fields | part.at_birth}
    left = [
        Step(one.part, one.key, field, None, value, part.by_hand[field])
        for field, value in sorted(one.now.items())
        if field not in told and value not in ("", {}, []) and value != part.fresh.get(field)
    ]
    return [Step(*one.place, None, told), *left]


def moved(here: Configuration, changes: Sequence[Difference]) -> tuple[str, ...]:
    """Places of changes that are not any more what they were made to be."""
    found: list[str] = []
    for one in changes:
        entry = here.get(one.part, {}).get(one.key)
        if entry is None:
            found.append(place(one.part, one.key))
            continue
        expected = {one.field: one.now} if one.field else one.now
        found += [place(one.part, one.key, name) for name in expected if entry.get(name) != expected[name]]
    return tuple(dict.fromkeys(found))


# ---------------------------------------------------------------- in words


def place(part: str, key: str, field: str = "") -> str:
    """Where something stands: `connections nordwind/okta, fallback`."""
    return f"{part} {key}, {field}" if field else f"{part} {key}"


def in_words(one: Difference) -> str:
    """A line for people: `connections nordwind/okta, fallback: was "never", is "on_failure"`."""
    return _line(one, "was {}, is {}", new="new", gone="gone")


def beside(one: Difference) -> str:
    """A difference between a file and what is here, for people: neither of them was first."""
    return _line(one, "in the file {}, here {}", new="here, and not in the file", gone="in the file, and not here")


def _line(one: Difference, changed: str, *, new: str, gone: str) -> str:
    where = place(one.part, one.key, one.field)
    if (one.part, one.field) == ("courses", "content"):
        return f"{where}: same key, other content"
    if one.field:
        return f"{where}: {changed.format(value_in_words(one.was), value_in_words(one.now))}"
    return f"{where}: {new if one.was is None else gone}"


def value_in_words(value: Any) -> str:
    """A value as it stands in a file."""
    return "nothing" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
