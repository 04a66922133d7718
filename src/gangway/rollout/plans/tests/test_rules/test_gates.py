"""Gates: what the evidence says, and when a decision owes a reason."""

from hypothesis import given
from hypothesis import strategies as st

from gangway.rollout.plans.rules.gates import Choice, Verdict, gate_verdict, reason_needed
from gangway.rollout.plans.rules.state import State

KEYS = ["a", "b", "c", "d"]
STATES = st.dictionaries(st.sampled_from(KEYS), st.sampled_from(State))
NEEDS = st.lists(st.sampled_from(KEYS), unique=True)


@given(NEEDS, STATES)
def test_a_gate_is_complete_only_if_every_need_is_closed(needs: list[str], states: dict[str, State]) -> None:
    verdict = gate_verdict(needs, states)
    closed = bool(needs) and all(key in states and states[key].closed for key in needs)
    assert (verdict.verdict is not Verdict.MISSING) == closed
    assert (verdict.advice is Choice.GO) == closed


@given(NEEDS, STATES)
def test_proven_means_nobodys_word(needs: list[str], states: dict[str, State]) -> None:
    verdict = gate_verdict(needs, states)
    if verdict.verdict is Verdict.PROVEN:
        assert {states[key] for key in needs} == {State.PROVEN}
    assert set(verdict.missing).isdisjoint(verdict.attested)


@given(STATES, st.sampled_from(Choice))
def test_to_go_without_proof_owes_a_reason(states: dict[str, State], choice: Choice) -> None:
    verdict = gate_verdict(KEYS, states)
    if choice is Choice.GO and verdict.verdict is not Verdict.PROVEN:
        assert reason_needed(verdict, choice)
    if choice is Choice.GO and verdict.verdict is Verdict.PROVEN:
        assert not reason_needed(verdict, choice)


def test_the_sentence_counts_each_kind_apart() -> None:
    states = {"a": State.PROVEN, "b": State.ATTESTED, "c": State.DECAYED}
    assert gate_verdict(["a", "b", "c", "d"], states).words == "1 of 4 proven, 1 attested, 2 missing."
