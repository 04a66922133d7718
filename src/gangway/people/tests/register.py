"""A partner's people and a file about them, in memory: what rules.judge says of each row, one after the other.

The tests of the diff hold this register to what a diff must be; those of the import hold the tables to this register.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import strategies as st

from gangway.kernel.refusal import Refusal
from gangway.kernel.said import together
from gangway.kernel.sheets import Outcome, Result
from gangway.people.actions.imports.known import outcome
from gangway.people.rules import GONE, Known, PersonSpec, State, Twins, Verdict, after, judge, parse_row

SOURCE = "csv"
Rule = Callable[[PersonSpec, Known | None, Known | None, str, str], Verdict]
Row = tuple[int, Mapping[str, str | None]]

# Few values, so that rows and people meet.
MAILS = ("ana@x.example", "ben@x.example", "eva@x.example")
SPELLINGS = (*MAILS, "ANA@x.example", "Ben@X.example", "Ana Lima <ana@x.example>", "no address")
IDS = ("1", "2", "3")
NAMES = ("Ana", "Ben", "Eva", "Fay")
LOCALES = ("en", "de")
ZONES = ("UTC", "Europe/Berlin")
ROLES = ("partner_admin", "partner_it")
GROUPS = ("north", "south")
STATES = (*(state.value for state in State), State.INVITED.value, State.ACTIVE.value, State.LEFT.value)


class Read(NamedTuple):
    """One row as it was read: what becomes of it, whom it meant (before, if they were known) and who they are now."""

    outcome: Outcome
    spec: PersonSpec | None = None
    before: Known | None = None
    after: Known | None = None


@dataclass
class Register:
    """People of one partner. `rule` and `twins` may be faulty ones."""

    people: dict[UUID, Known]
    rule: Rule = judge
    twins: Callable[[], Twins] = Twins
    kind: str = "partner"
    locale: str = "en"
    zone: str = "UTC"
    made: int = field(default=0)

    def copy(self) -> "Register":
        return replace(self, people=dict(self.people))

    def by_external_id(self, spec: PersonSpec) -> Known | None:
        found = [
            person for person in self.people.values() if person.external_id and person.external_id == spec.external_id
        ]
        return only(found)

    def by_mailbox(self, key: str | None) -> Known | None:
        """Among who is here: the mailbox of somebody who left is free."""
        return only([person for person in self.here() if key and person.email_key == key])

    def here(self) -> list[Known]:
        return [person for person in self.people.values() if person.state not in GONE]

    def read(self, rows: Sequence[Row]) -> list[Read]:
        """Read a file; afterwards the people are as it says."""
        twins = self.twins()
        return [self._read(row, twins) for row in rows]

    def _read(self, row: Row, twins: Twins) -> Read:
        line, cells = row
        spec = None
        try:
            spec = parse_row(cells)
            twins.refuse(spec, line)
            person = self.by_external_id(spec)
            mailbox = self.by_mailbox(spec.email_key or (person.email_key if person else None))
            verdict = self.rule(spec, person, mailbox, SOURCE, self.kind)
        except Refusal as refusal:
            return Read(Outcome(line, "", Result.REFUSED, reason=together(refusal.said, refusal.step)), spec)
        person = self._after(spec, verdict)
        self.people[person.id] = person
        return Read(outcome((line, spec), verdict), spec, verdict.person, person)

    def _after(self, spec: PersonSpec, verdict: Verdict) -> Known:
        if verdict.person is None:
            self.made += 1
            somebody = Known(id=UUID(int=1_000_000 + self.made), state=State.INVITED.value, name=spec.guessed or "",
                             email=None, email_key=None, locale=self.locale, zone=self.zone)  # fmt: skip
            return after(somebody, verdict.changes)
        return after(verdict.person, verdict.changes)

    def meaning(self) -> list[str]:
        """The people as words, without ids; sets in one order, whatever the process makes of hashes."""
        return sorted(str(_values(person)) for person in self.people.values())


def _values(person: Known) -> list[Any]:
    values = (getattr(person, one.name) for one in fields(person) if one.name != "id")
    return [sorted(value) if isinstance(value, frozenset) else value for value in values]


def only(found: list[Known]) -> Known | None:
    assert len(found) < 2, "two people with one address or one external id"
    return found[0] if found else None


def specs_of(rows: Sequence[Row]) -> dict[int, PersonSpec]:
    """Those rows that can be read, by line."""
    found = {}
    for line, cells in rows:
        try:
            found[line] = parse_row(cells)
        except Refusal:
            continue
    return found


# ── Examples ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class File:
    """Somebody's people and the rows that are read into them."""

    people: tuple[Known, ...]
    rows: tuple[Row, ...]

    def register(self, **faults: Any) -> Register:
        """The people before the file; a fault that is a class begins anew with each register."""
        made = {
            name: fault() if name == "rule" and isinstance(fault, type) else fault for name, fault in faults.items()
        }
        return Register({person.id: person for person in self.people}, **made)


SOMEBODY = st.fixed_dictionaries(
    {
        "state": st.sampled_from(STATES),
        "name": st.sampled_from(NAMES),
        "email": st.sampled_from([None, *MAILS]),
        "external_id": st.sampled_from([None, *IDS]),
        "locale": st.sampled_from(LOCALES),
        "zone": st.sampled_from(ZONES),
        "managed_by": st.sampled_from(["", "", "", "", "scim:okta", SOURCE]),
        "roles": st.frozensets(st.sampled_from(ROLES)),
        "groups": st.frozensets(st.sampled_from(GROUPS), max_size=1),
    }
)


def settled(drawn: Sequence[Mapping[str, Any]]) -> tuple[Known, ...]:
    """Those of the people drawn who can stand beside each other, as the tables hold them."""
    found: list[Known] = []
    for number, one in enumerate(drawn, start=1):
        person = _as_stored(Known(id=UUID(int=number), email_key=one["email"], **one))
        mailboxes = {other.email_key for other in found if other.state not in GONE}
        ids = {other.external_id for other in found if other.external_id}
        if person.state not in GONE and person.email_key in mailboxes:
            person = replace(person, email=None, email_key=None)
        if person.external_id in ids:
            person = replace(person, external_id=None)
        if person.email or person.external_id:
            found.append(person)
    return tuple(found)


def _as_stored(person: Known) -> Known:
    """Who leaves holds no role any more; of who was erased only the external id is left."""
    if person.state == State.ERASED:
        return Known(id=person.id, state=person.state, name="", email=None, email_key=None, locale="en", zone="UTC",
                     external_id=person.external_id)  # fmt: skip
    return replace(person, roles=frozenset()) if person.state == State.LEFT else person


def cell(*values: str, empty: int = 1) -> st.SearchStrategy[str | None]:
    """A cell of a file, often empty."""
    return st.sampled_from([*[None] * empty, *values])


CELLS = {
    "email": cell(*SPELLINGS),
    "external_id": cell(*IDS),
    "locale": cell(*LOCALES, "klingon!"),
    "zone": cell(*ZONES),
    "role": cell(*ROLES, "partner_admin, partner_it", "learner", "programme_lead"),
    "groups": cell(*GROUPS, "north; south"),
}
NAMELESS = st.fixed_dictionaries(CELLS)  # a file may have no column of names at all
NAMED = st.fixed_dictionaries({**CELLS, "name": cell(*NAMES)})
# How a row names somebody: by these of what they are known by; or somebody nobody knows.
NAMING = {"id": ("external_id",), "mail": ("email",), "both": ("external_id", "email"), "stranger": ()}
TIDY = st.fixed_dictionaries(
    {
        "who": st.integers(0, 2),
        "by": st.sampled_from(["id", "id", "mail", "mail", "both", "stranger"]),
        "email": cell(*MAILS, MAILS[0].upper()),
        "external_id": cell(*IDS, empty=6),
        "name": st.sampled_from(NAMES),
        "locale": cell(*LOCALES, empty=3),
        "zone": cell(*ZONES, empty=3),
        "role": cell(*ROLES, empty=3),
        "groups": cell(*GROUPS, empty=2),
    }
)


def files() -> st.SearchStrategy[File]:
    """Up to four people, and up to five rows about anybody."""
    people = st.lists(SOMEBODY, max_size=4)
    lines = st.lists(NAMED, max_size=5) | st.lists(NAMELESS, max_size=5)
    return st.builds(File, people.map(settled), lines.map(_numbered))


def tidy_files() -> st.SearchStrategy[File]:
    """People who are known by id and mailbox, and rows that are seldom refused and often about one of them."""
    people = st.lists(SOMEBODY, min_size=1, max_size=3)
    lines = st.lists(TIDY, min_size=1, max_size=4)
    return st.builds(_about, people.map(settled), lines)


def _about(people: tuple[Known, ...], drawn: Sequence[dict[str, Any]]) -> File:
    rows = []
    for one in drawn:
        cells = dict(one)
        who, by = cells.pop("who"), NAMING[cells.pop("by")]
        if people and by:
            cells |= {name: getattr(people[who % len(people)], name) for name in by}
        rows.append(cells)
    return File(people, _numbered(rows))


def _numbered(rows: Sequence[Mapping[str, str | None]]) -> tuple[Row, ...]:
    return tuple(enumerate(rows, start=2))


def row(**cells: str) -> dict[str, str | None]:
    """A row with these cells, the others empty."""
    return {**dict.fromkeys((*CELLS, "name")), **cells}
