"""The runbook's order, what counts as seen, and how long each step took, whatever was noted."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.operations.rules import RUNBOOK, Note, Proof, next_act, proven, since, taken_back, until, where

BEGUN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = [act.key for act in RUNBOOK]


@st.composite
def told(draw: st.DrawFn) -> list[Note]:
    """A run in the order of the runbook, with steps that went otherwise before they went well."""
    at, notes = BEGUN, []
    for key in KEYS[: draw(st.integers(0, len(KEYS)))]:
        for as_expected in [*draw(st.lists(st.just(value=False), max_size=2)), True]:
            proven = draw(st.booleans())
            moved = timedelta(seconds=draw(st.integers(0, 4_000)))
            at = max(at + moved, BEGUN)
            early = timedelta(seconds=draw(st.integers(0, 300)) if proven else 0)  # seen before somebody wrote
            notes.append(Note(key, max(BEGUN, at - early), as_expected, proven, "", "person", "x"))
    return notes


@given(told())
def test_the_next_step_is_the_first_that_did_not_go_as_expected(notes: list[Note]) -> None:
    done = {note.key for note in notes if note.as_expected}
    act = next_act(notes)
    assert (act.key if act else None) == next((key for key in KEYS if key not in done), None)
    if act:
        otherwise = Note(act.key, BEGUN, False, False, "no", "person", "x")
        assert next_act([*notes, otherwise]) is act, "a step that went otherwise is not over"


@given(told())
def test_the_steps_take_together_as_long_as_the_whole(notes: list[Note]) -> None:
    rows = where(BEGUN, notes)
    assert [row.act for row in rows] == list(RUNBOOK)
    took = [row.seconds for row in rows if row.seconds is not None]
    assert min(took, default=0) >= 0
    assert sum(took) == (until(BEGUN, notes) - BEGUN).total_seconds()
    assert len(took) == sum(note.as_expected for note in notes)
    assert sum(len(row.failed) for row in rows) == sum(not note.as_expected for note in notes)


@given(told(), st.integers(-5_000, 40_000))
def test_what_was_seen_before_the_step_before_does_not_count(notes: list[Note], seconds: int) -> None:
    at, begin = BEGUN + timedelta(seconds=seconds), since(BEGUN, notes)
    times = (at, at + timedelta(seconds=1))
    for act in RUNBOOK:
        found = proven(act, dict.fromkeys(Proof, times), begin)
        assert found == (next((one for one in times if one >= begin), None) if act.proof else None)
        assert proven(act, {}, begin) is None


def test_a_promotion_is_missed_once_it_was_noted() -> None:
    noted = [Note("promote", BEGUN, True, True, "", "person", "x")]
    assert taken_back(noted, {Proof.PROMOTED: []})
    assert not taken_back(noted, {Proof.PROMOTED: [BEGUN]})
    assert not taken_back([], {Proof.PROMOTED: []})
    assert not taken_back([Note("promote", BEGUN, False, False, "no", "person", "x")], {})


def test_every_step_says_what_is_expected_and_the_way_back() -> None:
    assert len(set(KEYS)) == len(KEYS)
    for act in RUNBOOK:
        assert act.title
        assert act.commands
        assert act.expected
        assert act.back
        assert act.proof or act.word, "nobody could note it"
