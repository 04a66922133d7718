"""Holds, states and nudges, without a database."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gangway.kernel.values import clean_key
from gangway.rollout.launches.rules.holds import HOLD_WORDS, Facts, Hold, holds, is_held
from gangway.rollout.launches.rules.nudges import TURNS, Nudge, cause_of, is_for
from gangway.rollout.launches.rules.states import UNDO_WINDOW, WaveState, key_of, may_undo

READY = Facts(active=True, admins=1, agreed=True, team_named=True, door_chosen=True, people=3, without_mailbox=0)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
facts = st.builds(
    Facts,
    active=st.booleans(),
    admins=st.integers(0, 3),
    agreed=st.booleans(),
    team_named=st.booleans(),
    door_chosen=st.booleans(),
    people=st.integers(0, 5),
    without_mailbox=st.integers(0, 5),
)


def but(**changes: object) -> Facts:
    return Facts(**{**{name: getattr(READY, name) for name in Facts.__slots__}, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "hold"),
    [
        (but(active=False), Hold.CLOSED),
        (but(admins=0, agreed=False), Hold.NO_ADMIN),
        (but(agreed=False), Hold.ADMIN_AWAY),
        (but(team_named=False), Hold.NO_TEAM),
        (but(door_chosen=False), Hold.NO_DOOR),
        (but(people=0), Hold.NOBODY),
    ],
)
def test_each_hold_has_its_fact_and_its_words(seen: Facts, hold: Hold) -> None:
    assert holds(seen) == (hold,)
    assert "Südstern" in HOLD_WORDS[hold] % {"partner": "Südstern"}


def test_a_ready_partner_is_held_by_nothing_and_people_without_a_mailbox_hold_nobody() -> None:
    assert holds(READY) == holds(but(without_mailbox=7)) == ()


@given(facts)
def test_no_holds_means_that_the_first_three_steps_are_proven_and_somebody_gets_a_letter(seen: Facts) -> None:
    free = not holds(seen)
    assert free == (seen.active and seen.agreed and seen.team_named and seen.door_chosen and seen.people > 0)


@given(facts, st.booleans(), st.booleans())
def test_somebodys_word_counts_more_than_what_holds_by_itself(seen: Facts, by_hand: bool, let_go: bool) -> None:
    held = is_held(by_hand=by_hand, let_go=let_go, automatic=holds(seen))
    assert held is (True if by_hand else bool(holds(seen)) and not let_go)


@given(st.text(max_size=80), st.sets(st.sampled_from(["wave-1", "wave-1-2", "wave", "wave-2"])))
def test_a_key_is_one_and_is_new(name: str, taken: set[str]) -> None:
    key = key_of(name, frozenset(taken))
    assert clean_key(key) == key
    assert key not in taken


def test_the_undo_window_ends_before_the_first_letter() -> None:
    begins = NOW + UNDO_WINDOW
    assert may_undo(WaveState.GOING, begins, begins - timedelta(microseconds=1))
    assert not may_undo(WaveState.GOING, begins, begins)
    assert not may_undo(WaveState.SENT, begins, NOW)
    assert not may_undo(WaveState.DRAFT, None, NOW)


def test_whom_each_nudge_is_for() -> None:
    stands = {"away": (False, False), "in": (True, False), "began": (True, True)}
    meant = {
        nudge: [name for name, (came_in, started) in stands.items() if is_for(nudge, came_in=came_in, started=started)]
        for nudge in Nudge
    }
    assert meant == {Nudge.COME_IN: ["away"], Nudge.START: ["in"], Nudge.LAST: ["away", "in"]}


@given(st.integers(0, 40 * 24))
def test_at_any_age_at_most_one_nudge_is_due(hours: int) -> None:
    clock = NOW - timedelta(hours=hours)
    due = [nudge for nudge in Nudge if TURNS[nudge].clocks(NOW)[0] < clock <= TURNS[nudge].clocks(NOW)[1]]
    assert len(due) <= 1
    assert bool(due) == (3 * 24 <= hours < 21 * 24)


def test_each_nudge_of_each_wave_has_a_cause_of_its_own() -> None:
    waves = [uuid4(), uuid4()]
    assert len({cause_of(wave, nudge) for wave in waves for nudge in Nudge} | set(waves)) == 8
