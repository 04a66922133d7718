"""Where a partner stands in its mini-plan."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.steps import KNOWABLE, STEP_WORDS, WAITS_FOR, Step, standing

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
REACHED = st.dictionaries(
    st.sampled_from(Step), st.one_of(st.none(), st.integers(0, 90).map(lambda days: NOW - timedelta(days=days)))
)


@given(REACHED)
def test_a_partner_stands_at_its_furthest_proven_step(reached: dict[Step, datetime | None]) -> None:
    found = standing(reached, NOW)
    done = [step for step in KNOWABLE[1:] if reached.get(step)]
    assert found.step is (done[-1] if done else Step.INVITED)
    assert found.days(NOW) >= 0


@given(REACHED)
def test_it_waits_for_the_first_step_without_proof(reached: dict[Step, datetime | None]) -> None:
    missing = [step for step in KNOWABLE[1:] if not reached.get(step)]
    assert standing(reached, NOW).next is (missing[0] if missing else None)


def test_what_was_jumped_over_is_said() -> None:
    found = standing({Step.FIRST_SIGN_IN: NOW}, NOW - timedelta(days=9))
    assert found.skipped == (Step.AGREED, Step.TEAM_NAMED, Step.DOOR_CHOSEN)
    assert found.days(NOW + timedelta(days=3)) == 3


def test_every_step_has_its_words() -> None:
    assert set(STEP_WORDS) == set(Step)
    assert set(WAITS_FOR) == set(Step) - {Step.INVITED}
