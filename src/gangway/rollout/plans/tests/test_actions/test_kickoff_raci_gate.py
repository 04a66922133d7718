"""The plan's own facts: who attended, who answers, what was decided; and the milestones they close and re-open."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from gangway.kernel.actor import Actor
from gangway.kernel.ids import new_id
from gangway.kernel.refusal import Invalid, NotFound
from gangway.rollout.plans import actions, queries
from gangway.rollout.plans.actions.gate import NotAccountable
from gangway.rollout.plans.actions.kickoff import KickoffAhead
from gangway.rollout.plans.actions.person import NeedsAPerson
from gangway.rollout.plans.models import Decision, Milestone, RaciCell
from gangway.rollout.plans.rules.raci import Fault, complaints
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.tests.conftest import K, Rollout

pytestmark = pytest.mark.usefixtures("at_host")


def settle_due() -> None:
    actions.evaluate_due(actor=Actor.job("plans"), now=K + timedelta(hours=1))


def put(rollout: Rollout, row: str, letter: str, holder: str = "staff", **who: Any) -> UUID:
    told: dict[str, Any] = {"person_id": rollout.dee} if holder == "staff" else {}
    return actions.set_raci_cell(
        plan_id=rollout.plan_id,
        row_key=row,
        letter=letter,
        holder=holder,
        **{**told, **who},
        actor=rollout.as_dee,
        now=K,
    )


def name_every_a(rollout: Rollout) -> list[UUID]:
    """Replace each starter A, a job, by Dee."""
    RaciCell.objects.filter(letter="A").delete()
    return [put(rollout, row, "A") for row in ("sponsor", "content", "platform")]


def faults(rollout: Rollout) -> set[Fault]:
    return {found.fault for found in complaints(queries.matrix(queries.raci(rollout.plan_id)))}


def test_a_starter_matrix_says_what_is_missing(rollout: Rollout) -> None:
    assert faults(rollout) == {Fault.A_UNNAMED, Fault.NO_CONTACT}


def test_the_raci_closes_its_milestone_and_reopens_it(rollout: Rollout) -> None:
    name_every_a(rollout)
    put(rollout, "sponsor", "I", "contact", person_id=rollout.ben, contact_partner_id=rollout.partner_id)
    settle_due()
    assert faults(rollout) == set()
    assert rollout.milestone("raci").state is State.PROVEN
    second = put(rollout, "content", "A", person_id=rollout.eve)
    settle_due()
    assert faults(rollout) == {Fault.TWO_AS, Fault.A_NEVER_SIGNED_IN}
    assert rollout.milestone("raci").state is State.DECAYED
    actions.remove_raci_cell(plan_id=rollout.plan_id, cell_id=second, actor=rollout.as_dee, now=K)
    settle_due()
    assert rollout.milestone("raci").state is State.PROVEN


def test_a_cell_needs_somebody_who_fits_it(rollout: Rollout) -> None:
    for holder, who in (
        ("staff", {"person_id": None}),
        ("job", {"label": " "}),
        ("contact", {"person_id": rollout.ben}),
        ("ghost", {}),
    ):
        with pytest.raises(Invalid):
            put(rollout, "sponsor", "C", holder, **who)
    with pytest.raises(Invalid):
        put(rollout, "sponsor", "X")
    with pytest.raises(NotFound):
        put(rollout, "ghost", "A")


def test_the_database_refuses_another_partners_person_as_staff(rollout: Rollout) -> None:
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        put(rollout, "sponsor", "A", person_id=rollout.ben)


def test_a_line_is_contested_decided_and_kept(rollout: Rollout) -> None:
    contest = actions.contest_row(
        plan_id=rollout.plan_id, row_key="content", reason="I was never asked about this.", actor=rollout.as_eve, now=K
    )
    told = {"plan_id": rollout.plan_id, "contest_id": contest, "actor": rollout.as_dee, "now": K}
    actions.settle_contest(**told, decision="Eve keeps C; Dee takes the A.")
    (kept,) = next(row for row in queries.raci(rollout.plan_id) if row.key == "content").contests
    assert (kept.person, kept.decided_by) == ("Eve", "Dee")
    with pytest.raises(NotFound):
        actions.settle_contest(**told, decision="A second decision on it.")


def test_the_kickoff_counts_when_somebody_with_an_a_was_there(rollout: Rollout) -> None:
    actions.confirm_attendance(plan_id=rollout.plan_id, actor=rollout.as_dee, now=K)
    actions.confirm_attendance(plan_id=rollout.plan_id, actor=rollout.as_dee, now=K)
    settle_due()
    assert len(queries.attendance(rollout.plan_id)) == 1
    assert rollout.milestone("kickoff").state is State.UNPROVEN, "Dee holds no A yet"
    name_every_a(rollout)
    settle_due()
    assert rollout.milestone("kickoff").state is State.PROVEN
    RaciCell.objects.filter(letter="A").delete()
    put(rollout, "sponsor", "A", person_id=rollout.eve)
    settle_due()
    assert rollout.milestone("kickoff").state is State.DECAYED, "nobody who attended holds an A any more"


def test_nobody_attended_a_kickoff_that_lies_ahead(rollout: Rollout) -> None:
    with pytest.raises(KickoffAhead):
        actions.confirm_attendance(plan_id=rollout.plan_id, actor=rollout.as_dee, now=K - timedelta(days=1))
    with pytest.raises(NeedsAPerson):
        actions.confirm_attendance(plan_id=rollout.plan_id, actor=Actor.operator(), now=K)


def decide(rollout: Rollout, choice: str = "go", reason: str = "", **who: Any) -> None:
    told = {"actor": rollout.as_dee, "now": K, "gate": "pilot", **who}
    actions.decide_gate(plan_id=rollout.plan_id, choice=choice, reason=reason, **told)


def test_only_the_accountable_person_decides(rollout: Rollout) -> None:
    name_every_a(rollout)
    with pytest.raises(NotAccountable):
        decide(rollout, actor=rollout.as_eve)
    with pytest.raises(NeedsAPerson):
        decide(rollout, actor=Actor.operator())


def test_going_against_the_evidence_needs_a_reason_and_stands_beside_it(rollout: Rollout) -> None:
    name_every_a(rollout)
    with pytest.raises(Invalid):
        decide(rollout)
    decide(rollout, reason="The pilot partners cannot wait another week.")
    row = Decision.objects.get()
    assert (row.choice, row.verdict) == ("go", "missing")
    assert "essentials" in row.missing
    settle_due()
    assert rollout.milestone("pilot-gate").state is State.PROVEN
    decide(rollout, choice="hold", reason="The restore failed last night.")
    settle_due()
    assert Decision.objects.count() == 2
    assert rollout.milestone("pilot-gate").state is State.DECAYED


def test_decisions_are_never_edited(rollout: Rollout) -> None:
    name_every_a(rollout)
    decide(rollout, choice="extend")
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        Decision.objects.update(choice="go")


def test_what_is_no_gate_or_no_choice_is_refused(rollout: Rollout) -> None:
    name_every_a(rollout)
    with pytest.raises(NotFound):
        decide(rollout, gate="ghost")
    with pytest.raises(Invalid):
        decide(rollout, choice="maybe")
    with pytest.raises(NotFound):
        actions.decide_gate(plan_id=new_id(), gate="pilot", choice="go", actor=rollout.as_dee, now=K)


def test_the_checklist_is_complete_when_every_line_is_closed(rollout: Rollout) -> None:
    lines = Milestone.objects.filter(is_check=True)
    lines.exclude(key="check-privacy").update(state=State.PROVEN)
    reason = "The notice stands on the sign-in page since today."
    actions.attest(plan_id=rollout.plan_id, key="check-privacy", reason=reason, actor=rollout.as_dee, now=K)
    settle_due()
    assert rollout.milestone("final-checklist").state is State.PROVEN
    actions.withdraw(plan_id=rollout.plan_id, key="check-privacy", actor=rollout.as_dee, now=K)
    settle_due()
    assert rollout.milestone("final-checklist").state is State.DECAYED
