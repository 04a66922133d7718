"""What the diff of a file of people must be, for any people and any file (Hypothesis), without a database.

Each property is shown to notice a fault: the same examples over a rule, or a rule about twins, that has it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gangway.kernel.refusal import Invalid
from gangway.kernel.sheets import Result
from gangway.people.rules import COMPARED, GONE, SAID, Known, PersonSpec, State, Twins, Verdict, judge
from gangway.people.tests.register import File, Read, Row, files, specs_of

Property = Callable[..., None]


def notices(property_: Property, **faults: Any) -> bool:
    """Whether examples show that a house with these faults breaks the property."""
    trial = given(files(), st.data())(lambda file, data: property_(file, data, **faults))
    few = settings(
        max_examples=2_000, database=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
    )
    try:
        few(trial)()
    except AssertionError:
        return True
    return False


# ── What must hold ──────────────────────────────────────────────────────────────────────────────────────────────────


def every_row_lands_in_one_class(file: File, data: st.DataObject, **faults: Any) -> None:
    """In the order of the file, each with what its class must say: the fields that changed, the reason of a refusal."""
    register = file.register(**faults)
    read = register.read(file.rows)
    assert [one.outcome.line for one in read] == [line for line, _ in file.rows]
    for one in read:
        said = (bool(one.outcome.fields), bool(one.outcome.reason.strip()))
        match one.outcome.result:
            case Result.NEW:
                assert (said, one.before) == ((False, False), None)
            case Result.CHANGED:
                assert said == (True, False)
                assert one.before not in (None, one.after)
            case Result.UNCHANGED:
                assert said == (False, False)
                assert one.before == one.after is not None
            case Result.REFUSED:
                assert said == (False, True)
                assert one.after is None
    new = sum(one.outcome.result is Result.NEW for one in read)
    assert len(register.people) == len(file.people) + new, "nobody vanishes, and nobody comes but who is new"


def a_changed_row_names_what_differs(file: File, data: st.DataObject, **faults: Any) -> None:
    for one in file.register(**faults).read(file.rows):
        if one.spec is None or one.after is None or one.before is None:
            continue
        said = {name: getattr(one.spec, name) for name in SAID}
        for name in (*COMPARED, "external_id"):
            assert said[name] in (None, getattr(one.after, name)), f"{name} is not as the row says"
        assert set(one.spec.roles) <= one.after.roles
        assert set(one.spec.groups) <= one.after.groups
        assert one.after.state not in GONE
        assert set(one.outcome.fields) == _differing(one.before, one.after)


def _differing(before: Known, after: Known) -> set[str]:
    names = {*SAID, "state", "managed_by"} - {"email_key"}
    return {name for name in names if getattr(before, name) != getattr(after, name)}


def a_second_reading_changes_nothing(file: File, data: st.DataObject, **faults: Any) -> None:
    """Of the rows that were taken; two rows about one person contradict each other, and are left to the file."""
    register = file.register(**faults)
    read = [one for one in register.read(file.rows) if one.after is not None]
    if len({one.after.id for one in read if one.after}) < len(read):
        return
    taken = {one.outcome.line for one in read}
    before = register.meaning()
    again = register.read([row for row in file.rows if row[0] in taken])
    assert {one.outcome.result for one in again} <= {Result.UNCHANGED}
    assert register.meaning() == before


def the_external_id_finds_before_the_mailbox(file: File, data: st.DataObject, **faults: Any) -> None:
    """The person with the row's external id is meant, whosever the mailbox is; by mailbox only who has no other id."""
    register = file.register(**faults)
    for row in file.rows:
        before = register.copy()
        (one,) = register.read([row])
        if one.spec is None or one.after is None:
            continue
        named, at_mailbox = before.by_external_id(one.spec), before.by_mailbox(one.spec.email_key)
        assert one.before == (named or at_mailbox)
        assert at_mailbox in (None, one.before), "somebody else has this mailbox"
        assert None in (one.spec.external_id, one.after.external_id) or one.spec.external_id == one.after.external_id


def nobody_shares_a_mailbox_or_an_id(file: File, data: st.DataObject, **faults: Any) -> None:
    """And who was erased, or is managed elsewhere, stays as they are."""
    register = file.register(**faults)
    register.read(file.rows)
    mailboxes = [person.email_key for person in register.here() if person.email_key]
    ids = [person.external_id for person in register.people.values() if person.external_id]
    assert len(mailboxes) == len(set(mailboxes))
    assert len(ids) == len(set(ids))
    for person in file.people:
        if person.state == State.ERASED or person.managed_by == "scim:okta":
            assert register.people[person.id] == person


def of_twins_the_first_counts(file: File, data: st.DataObject, **faults: Any) -> None:
    """Of rows with one mailbox or one external id all but the first are refused, and name a line before them."""
    read = {one.outcome.line: one.outcome for one in file.register(**faults).read(file.rows)}
    first: dict[object, int] = {}
    for line, spec in specs_of(file.rows).items():
        keys = {key for key in (("mail", spec.email_key), ("id", spec.external_id)) if key[1]}
        lines = {first[key] for key in keys if key in first}
        if lines:
            assert read[line].result is Result.REFUSED
            assert any(f"stands in line {number} already" in read[line].reason for number in lines)
        first |= {key: line for key in keys - first.keys()}


def the_order_of_strangers_does_not_matter(file: File, data: st.DataObject, **faults: Any) -> None:
    """Rows that share no mailbox, no external id and no person may stand in any order."""
    rows = _strangers(file)
    ordered, shuffled = file.register(**faults), file.register(**faults)
    read = ordered.read(rows)
    mixed = shuffled.read(data.draw(st.permutations(rows)))
    assert _said(read) == _said(mixed)
    assert ordered.meaning() == shuffled.meaning()


def _said(read: list[Read]) -> list[tuple[Any, ...]]:
    return sorted((one.outcome.line, one.outcome.result, one.outcome.fields, one.outcome.reason) for one in read)


def _strangers(file: File) -> list[Row]:
    """Those rows of a file that meet none before them."""
    register, specs = file.register(), specs_of(file.rows)
    met: set[object] = set()
    kept = []
    for row in file.rows:
        spec = specs.get(row[0])
        keys = _keys(file, spec, register.by_external_id(spec), register.by_mailbox(spec.email_key)) if spec else set()
        if met.isdisjoint(keys):
            kept.append(row)
            met |= keys
    return kept


def _keys(file: File, spec: PersonSpec, *meant: Known | None) -> set[object]:
    keys: set[object] = {("mail", spec.email_key), ("id", spec.external_id)}
    for person in filter(None, meant):
        keys |= {("mail", person.email_key), ("id", person.external_id), person.id}
    return keys - {("mail", None), ("id", None)}


PROPERTIES = (
    every_row_lands_in_one_class,
    a_changed_row_names_what_differs,
    a_second_reading_changes_nothing,
    the_external_id_finds_before_the_mailbox,
    nobody_shares_a_mailbox_or_an_id,
    of_twins_the_first_counts,
    the_order_of_strangers_does_not_matter,
)


@settings(max_examples=300)
@given(file=files(), data=st.data())
def test_the_diff(file: File, data: st.DataObject) -> None:
    for holds in PROPERTIES:
        holds(file, data)


# ── Controls: faults that each property must notice ─────────────────────────────────────────────────────────────────


def forgetting(name: str) -> Any:
    """A diff that does not look at one field of people it found."""

    def rule(*asked: Any) -> Verdict:
        verdict = judge(*asked)
        kept = {field: value for field, value in verdict.changes.items() if field != name}
        return replace(verdict, changes=kept) if verdict.person else verdict

    return rule


def saying_all(spec: PersonSpec, *asked: Any) -> Verdict:
    """A diff that takes everything a row says for a change."""
    verdict = judge(spec, *asked)
    said = {name: getattr(spec, name) for name in COMPARED if getattr(spec, name) is not None}
    return replace(verdict, changes={**said, **verdict.changes}) if verdict.person else verdict


def by_mailbox_first(spec: PersonSpec, by_id: Known | None, by_mail: Known | None, source: str, kind: str) -> Verdict:
    return judge(spec, by_mail or by_id, None, source, kind)


def blind_to_mailboxes(spec: PersonSpec, by_id: Known | None, by_mail: Known | None, source: str, kind: str) -> Verdict:
    """A diff that does not look whose a mailbox is when the external id found somebody."""
    return judge(spec, by_id, None if by_id else by_mail, source, kind)


def blind_to_managers(spec: PersonSpec, by_id: Known | None, by_mail: Known | None, source: str, kind: str) -> Verdict:
    freed = [person and replace(person, managed_by="") for person in (by_id, by_mail)]
    return judge(spec, *freed, source, kind)


def always_new(spec: PersonSpec, by_id: Known | None, by_mail: Known | None, source: str, kind: str) -> Verdict:
    return judge(spec, None, None, source, kind)


def speechless(*asked: Any) -> Verdict:
    try:
        return judge(*asked)
    except Invalid as refusal:
        raise Invalid(problem="", field=refusal.field) from None


class Filling:
    """A diff that fills an empty cell from the row above it, as spreadsheets do when they are dragged."""

    def __init__(self) -> None:
        self.locale: str | None = None

    def __call__(self, spec: PersonSpec, *asked: Any) -> Verdict:
        self.locale = spec.locale or self.locale
        return judge(replace(spec, locale=self.locale), *asked)


class NoTwins(Twins):
    def refuse(self, spec: PersonSpec, line: int) -> None:
        """Lets the last one count."""


class TwinsByMail(Twins):
    def refuse(self, spec: PersonSpec, line: int) -> None:
        super().refuse(replace(spec, external_id=None), line)


@pytest.mark.parametrize("name", ["name", "email", "locale", "zone", "external_id", "roles", "groups", "state"])
def test_a_diff_that_forgets_a_field_is_noticed(name: str) -> None:
    assert notices(a_changed_row_names_what_differs, rule=forgetting(name))


@pytest.mark.parametrize(
    ("property_", "fault"),
    [
        (every_row_lands_in_one_class, {"rule": speechless}),
        (a_changed_row_names_what_differs, {"rule": saying_all}),
        (a_second_reading_changes_nothing, {"rule": saying_all}),
        (a_second_reading_changes_nothing, {"rule": always_new}),
        (the_external_id_finds_before_the_mailbox, {"rule": by_mailbox_first}),
        (the_external_id_finds_before_the_mailbox, {"rule": blind_to_mailboxes}),
        (nobody_shares_a_mailbox_or_an_id, {"rule": blind_to_mailboxes}),
        (nobody_shares_a_mailbox_or_an_id, {"rule": blind_to_managers}),
        (of_twins_the_first_counts, {"twins": NoTwins}),
        (of_twins_the_first_counts, {"twins": TwinsByMail}),
        (the_order_of_strangers_does_not_matter, {"rule": Filling}),
    ],
    ids=lambda part: part.__name__ if callable(part) else next(iter(part.values())).__name__,
)
def test_a_fault_is_noticed(property_: Property, fault: dict[str, Any]) -> None:
    assert notices(property_, **fault)
