"""The sheet's text is stable byte for byte, and what moved is told apart by what was agreed."""

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from gangway.identity.rules.sheet_words import LABELS, worded
from gangway.identity.rules.sheet_words import VALUES as WORDS
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
SHEETS = st.builds(Sheet, st.just("nordwind"), FACTS | FACTS.map(worded))


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


# ---------------------------------------------------------------- the words of the template


def said(fact: Fact, values: tuple[str, ...], *words: str) -> Sheet:
    return Sheet("n", (Said(WHOLE, fact, values, words),))


def test_what_is_signed_holds_the_words_that_were_read() -> None:
    (told,) = worded([Said(WHOLE, Fact.RETENTION, ("erased", "log:30"))])
    assert told.words == (LABELS[Fact.RETENTION], WORDS[Fact.RETENTION]["erased"], WORDS[Fact.RETENTION]["log"])
    sheet = Sheet("n", (told,))
    assert WORDS[Fact.RETENTION]["log"] in sheet.text
    assert sheet.digest != Sheet("n", (Said(WHOLE, Fact.RETENTION, told.values),)).digest


def test_a_clause_in_other_words_is_a_change_of_the_class_of_its_fact() -> None:
    was, now = (said(Fact.LEAVERS, ("hand",), "Leavers", words) for words in ("shut out", "shut out in a week"))
    (moved,) = changes(was, now)
    assert (moved.reworded, moved.drift, moved.was, moved.now) == (True, Drift.MATERIAL, ("hand",), ("hand",))
    was, now = (said(Fact.LIMITS, ("letters:5:15",), "Limits", words) for words in ("letters: %(n)s", "mails: %(n)s"))
    assert [one.drift for one in changes(was, now)] == [Drift.ROUTINE]


def test_that_a_fact_is_called_otherwise_needs_no_signature() -> None:
    was, now = (said(Fact.LEAVERS, ("hand",), label, "shut out") for label in ("Leavers", "Who leaves"))
    assert [(one.reworded, one.drift) for one in changes(was, now)] == [(True, Drift.ROUTINE)]


def test_of_words_that_were_not_kept_nothing_is_said() -> None:
    was, now = said(Fact.LEAVERS, ("hand",)), said(Fact.LEAVERS, ("hand",), "Leavers", "shut out")
    assert changes(was, now) == ()
    (moved,) = changes(was, said(Fact.LEAVERS, ("directory",), "Leavers", "shut out at once"))
    assert (moved.reworded, moved.drift) == (False, Drift.MATERIAL)


def test_every_fact_has_words_and_none_is_forgotten() -> None:
    """A fact that was ever signed stays among the facts, else a template that drops it would drop it unsaid."""
    assert set(LABELS) == set(Fact)
    assert set(WORDS) <= set(Fact)
    ever = "partner type tier tiers language zone languages brand hosts address now primary second data retention"
    ever += " crm_key seen_by_parent leavers_now leavers limits test_accounts cutover rollback domains session_hours"
    ever += " kind name state used_by addresses provider providers client_id sign_on metadata scopes must_say subject"
    ever += " claims join routed led admits fallback groups head_count certificates secret_ends tokens_end"
    assert set(ever.split()) <= {fact.value for fact in Fact}
