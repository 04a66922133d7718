"""Vouching: by a named person, with a reason, where the template allows it."""

from datetime import timedelta
from typing import Any

import pytest

from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound
from gangway.rollout.plans import actions
from gangway.rollout.plans.actions.attestation import AlreadyAttested, AlreadyProven, AttestingClosed, NotAttested
from gangway.rollout.plans.actions.person import NeedsAPerson
from gangway.rollout.plans.models import Attestation
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.tests.conftest import K, Rollout

REASON = "Signed by both sides on 3 March, in the shared folder."
pytestmark = pytest.mark.usefixtures("at_host")


def vouch(rollout: Rollout, key: str = "charter", reason: str = REASON, **who: Any) -> None:
    told = {"actor": rollout.as_dee, "now": K, **who}
    actions.attest(plan_id=rollout.plan_id, key=key, reason=reason, **told)


def test_a_word_has_its_own_state_and_names_who_gave_it(rollout: Rollout) -> None:
    vouch(rollout)
    row = rollout.milestone("charter")
    assert row.state is State.ATTESTED
    assert row.why == f"Dee vouches for it: “{REASON}” Gangway has not seen it itself."


def test_it_can_be_taken_back_and_is_kept(rollout: Rollout) -> None:
    vouch(rollout)
    actions.withdraw(plan_id=rollout.plan_id, key="charter", actor=rollout.as_eve, now=K)
    assert rollout.milestone("charter").state is State.UNPROVEN
    assert Attestation.objects.get().withdrawn_by_id == rollout.eve
    with pytest.raises(NotAttested):
        actions.withdraw(plan_id=rollout.plan_id, key="charter", actor=rollout.as_eve, now=K)


def test_what_closes_on_evidence_only_takes_nobodys_word(rollout: Rollout) -> None:
    with pytest.raises(AttestingClosed):
        vouch(rollout, key="kickoff")


def test_the_kickoff_cannot_be_skipped_by_anyones_word(rollout: Rollout) -> None:
    row = rollout.milestone("kickoff")
    assert not row.may_attest
    assert row.state is State.UNPROVEN


@pytest.mark.parametrize("reason", ["", "   ", "ok", "x" * 1001])
def test_a_reason_says_something(rollout: Rollout, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        vouch(rollout, reason=reason)
    assert refused.value.field == "reason"
    assert not Attestation.objects.exists()


def test_only_a_signed_in_person_vouches(rollout: Rollout) -> None:
    for actor in (Actor.operator(), Actor.job("x"), Actor.robot(rollout.dee)):
        with pytest.raises(NeedsAPerson):
            vouch(rollout, actor=actor)


def test_one_word_is_enough(rollout: Rollout) -> None:
    vouch(rollout)
    with pytest.raises(AlreadyAttested):
        vouch(rollout, actor=rollout.as_eve)


def test_a_milestone_of_nobody_is_not_found(rollout: Rollout) -> None:
    with pytest.raises(NotFound):
        vouch(rollout, key="ghost")


def test_a_word_given_before_the_proof_was_lost_does_not_stand(rollout: Rollout, facts: dict[str, Any]) -> None:
    """`acceptance` may be attested; nothing registered proves it, so its criteria are met here by hand."""
    from gangway.rollout.plans.models import Milestone, MilestoneCriterion
    from gangway.rollout.plans.rules.state import Result

    vouch(rollout, key="acceptance")
    uses = MilestoneCriterion.objects.filter(milestone__key="acceptance")
    row = Milestone.objects.select_related("plan").get(key="acceptance")
    told = {"plan": row.plan, "milestone_ids": [row.pk], "actor": rollout.as_dee}
    uses.update(result=Result.MET)
    actions.evaluation.restate(**told, now=K + timedelta(days=1))
    with pytest.raises(AlreadyProven):
        vouch(rollout, key="acceptance")
    uses.update(result=Result.UNMET)
    actions.evaluation.restate(**told, now=K + timedelta(days=2))
    assert rollout.milestone("acceptance").state is State.DECAYED
    vouch(rollout, key="acceptance", now=K + timedelta(days=3))
    assert rollout.milestone("acceptance").state is State.ATTESTED
