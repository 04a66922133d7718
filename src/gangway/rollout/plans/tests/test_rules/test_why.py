"""The sentence under a light: what was seen, what is missing, who vouched."""

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.state import Result, State
from gangway.rollout.plans.rules.why import RESULT_WORDS, Judged, seen_words, why

MET = Judged("Two courses", Result.MET, "2 courses are published.")
UNMET = Judged("Three partners", Result.UNMET, "1 partner is active.")
UNSEEN = Judged("The canary was green 3 days running", Result.UNSEEN)


def test_each_state_says_its_reason() -> None:
    assert why(State.PROVEN, [MET]) == "2 courses are published."
    assert why(State.UNPROVEN, [MET, UNMET]) == "1 partner is active."
    assert why(State.DECAYED, [MET, UNMET]) == "No longer proven: 1 partner is active."
    assert why(State.UNPROVEN, [UNSEEN]) == "Waits for: The canary was green 3 days running."
    assert why(State.UNPROVEN, []).startswith("Nothing that Gangway sees")
    said = why(State.ATTESTED, [UNMET], vouched_by="Dee", reason="It is signed.")
    assert said == "Dee vouches for it: “It is signed.” Gangway has not seen it itself."


@given(st.sampled_from(Result), st.integers(0, 9), st.integers(1, 9))
def test_too_few_and_too_old_are_said(result: Result, n: int, minimum: int) -> None:
    words = seen_words(result, "5 seen.", n, minimum)
    assert words.startswith("5 seen.")
    assert ("prove nothing" in words) == (result is Result.THIN and minimum > 1)
    assert ("too old" in words) == (result is Result.STALE)


def test_every_result_has_words() -> None:
    assert set(RESULT_WORDS) == set(Result)
