"""The sheet's text is stable byte for byte, and what moved is told apart by what was agreed."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.sheets import (
    ROUTINE,
    WHOLE,
    Change,
    Drift,
    Fact,
    Said,
    Sheet,
    Standing,
    changes,
    read,
    standing,
)

VALUES = st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple)
FACTS = st.dictionaries(
    st.tuples(st.sampled_from([WHOLE, "oidc", "scim"]), st.sampled_from(Fact)), VALUES, max_size=12
).map(lambda facts: tuple(Said(of, fact, values) for (of, fact), values in facts.items()))
SHEETS = st.builds(Sheet, st.just("nordwind"), FACTS)


@given(SHEETS)
def test_a_sheet_is_read_back_as_it_was_signed(sheet: Sheet) -> None:
    assert read(sheet.text) == sheet
    assert sheet.digest == hashlib.sha256(sheet.text.encode()).hexdigest()
    assert changes(sheet, read(sheet.text)) == ()
    assert standing(sheet, ()) is Standing.HOLDS


@given(SHEETS, SHEETS)
def test_every_difference_is_told_in_both_directions(was: Sheet, now: Sheet) -> None:
    """Beyond connections that came or went, which are one change each, no value moves unsaid."""
    moved = {(one.of, one.fact): (one.was, one.now) for one in changes(was, now)}
    assert {key: (after, before) for key, (before, after) in moved.items()} == {
        (one.of, one.fact): (one.was, one.now) for one in changes(now, was)
    }
    for before in was.of(WHOLE):
        after = next((one.values for one in now.of(WHOLE) if one.fact is before.fact), ())
        assert ((WHOLE, before.fact) in moved) == (after != before.values)


@given(SHEETS, st.sampled_from(Fact), VALUES)
def test_the_class_of_a_change_is_that_of_its_fact(sheet: Sheet, fact: Fact, values: tuple[str, ...]) -> None:
    others = tuple(one for one in sheet.facts if (one.of, one.fact) != (WHOLE, fact))
    was = Sheet("nordwind", (*others, Said(WHOLE, fact, values)))
    now = Sheet("nordwind", (*others, Said(WHOLE, fact, (*values, "x"))))
    (moved,) = changes(was, now)
    assert moved.drift is (Drift.ROUTINE if fact in ROUTINE else Drift.MATERIAL)
    assert standing(was, [moved]) is (Standing.TOLD if fact in ROUTINE else Standing.OPEN)


def test_what_breaks_the_agreement() -> None:
    """Method, claims, stable id, deprovisioning and the data shared; not a certificate and not a secret."""
    material = {Fact.PRIMARY, Fact.KIND, Fact.FALLBACK, Fact.CLAIMS, Fact.SUBJECT, Fact.LEAVERS, Fact.DATA}
    assert not material & ROUTINE
    assert {Fact.CERTIFICATES, Fact.SECRET_ENDS, Fact.TOKENS_END} <= ROUTINE


def test_a_connection_that_came_is_one_change_and_has_to_be_signed() -> None:
    facts = tuple(Said("oidc", fact, ("x",)) for fact in (Fact.KIND, Fact.NAME, Fact.PROVIDER))
    assert changes(Sheet("n", ()), Sheet("n", facts)) == (Change("oidc", Fact.KIND, (), ("x",)),)
    assert standing(Sheet("n", ()), changes(Sheet("n", ()), Sheet("n", facts))) is Standing.OPEN
    assert standing(None, ()) is Standing.UNSIGNED


def test_a_fact_that_is_known_no_more_is_left_out() -> None:
    text = json.dumps({"partner": "n", "facts": [["", "forgotten", ["x"]], ["", "zone", ["UTC"]]]})
    assert read(text) == Sheet("n", (Said(WHOLE, Fact.ZONE, ("UTC",)),))
