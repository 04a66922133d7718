"""A gate: the verdict is computed, the decision is human and stays beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gangway.kernel.said import N_, said
from gangway.rollout.plans.rules.state import State


class Choice(StrEnum):
    """What the accountable person may decide."""

    GO = "go"
    EXTEND = "extend"
    HOLD = "hold"


CHOICE_WORDS = {Choice.GO: said("go"), Choice.EXTEND: said("extend"), Choice.HOLD: said("hold")}


class Verdict(StrEnum):
    """What the evidence says."""

    PROVEN = "proven"
    ATTESTED = "attested"  # complete, but partly on somebody's word
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class GateVerdict:
    """verdict, the milestones that are missing and those that stand on somebody's word, and the sentence."""

    verdict: Verdict
    missing: tuple[str, ...]
    attested: tuple[str, ...]
    words: str

    @property
    def advice(self) -> Choice:
        """What follows from the evidence alone."""
        return Choice.EXTEND if self.verdict is Verdict.MISSING else Choice.GO


def gate_verdict(needs: Sequence[str], states: Mapping[str, State]) -> GateVerdict:
    """Judge a gate. A need that the plan does not know is missing; a gate without needs proves nothing."""
    missing = tuple(key for key in needs if not states.get(key, State.UNPROVEN).closed)
    attested = tuple(key for key in needs if states.get(key) is State.ATTESTED)
    proven = len(needs) - len(missing) - len(attested)
    complete = Verdict.ATTESTED if attested else Verdict.PROVEN
    verdict = Verdict.MISSING if missing or not needs else complete
    words = said(
        _text(attested, missing), proven=proven, total=len(needs), attested=len(attested), missing=len(missing)
    )
    return GateVerdict(verdict, missing, attested, words)


def _text(attested: Sequence[str], missing: Sequence[str]) -> str:
    if attested and missing:
        return N_("{proven} of {total} proven, {attested} attested, {missing} missing.")
    if attested:
        return N_("{proven} of {total} proven, {attested} attested.")
    return N_("{proven} of {total} proven, {missing} missing.") if missing else N_("{proven} of {total} proven.")


def reason_needed(verdict: GateVerdict, choice: Choice) -> bool:
    """A decision that differs from the evidence, or rests on somebody's word, says why."""
    return choice is not verdict.advice or verdict.verdict is Verdict.ATTESTED
