"""Decide at a gate."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.kernel.said import pack
from gangway.rollout.plans.actions.attestation import clean_reason
from gangway.rollout.plans.actions.evaluation import ask_again
from gangway.rollout.plans.actions.person import person_of
from gangway.rollout.plans.actions.planning import running_plan
from gangway.rollout.plans.models import Decision, Milestone, Plan, RaciCell
from gangway.rollout.plans.rules.gates import Choice, gate_verdict, reason_needed
from gangway.rollout.plans.rules.raci import Letter
from gangway.rollout.plans.rules.state import State
from gangway.rollout.plans.rules.template import GateLine, read


class NotAccountable(Refusal):
    code = "plans.not_accountable"
    status = 403
    message = "At this gate the person with the A for “{row}” decides."
    next_step = "Ask them, or change the A on the RACI page."


@action("plans.gate.decide")
def decide_gate(*, plan_id: UUID, gate: str, choice: str, reason: str = "", actor: Actor, now: datetime) -> None:
    """Record go, extend or hold beside what the evidence says now. Only the accountable person decides.

    A decision that differs from the evidence, or rests on somebody's word, needs a reason. Deciding again adds a
    decision; nothing is overwritten.
    """
    person_id = person_of(actor)
    plan = running_plan(plan_id)
    line = _gate(plan, gate)
    chosen = _choice(choice)
    _accountable(plan, line, person_id)
    states = dict(Milestone.objects.filter(plan=plan).values_list("key", "state"))
    verdict = gate_verdict(line.needs, {key: State(state) for key, state in states.items()})
    said = clean_reason(reason) if reason.strip() or reason_needed(verdict, chosen) else ""
    row = Decision.objects.create(
        plan=plan,
        gate=gate,
        choice=chosen,
        verdict=verdict.verdict,
        verdict_words=verdict.words,
        verdict_said=pack(verdict.words),
        missing=list(verdict.missing),
        reason=said,
        person_id=person_id,
        decided_at=now,
    )
    audit.record(
        actor=actor,
        verb="plans.gate.decide",
        object_type="decision",
        object_id=row.pk,
        changes={"gate": gate, "choice": chosen, "verdict": verdict.verdict},
        changes_personal={"reason": said} if said else {},
        now=now,
    )
    ask_again(keys=["plans.gate_decided"], actor=actor, now=now)


def _gate(plan: Plan, key: str) -> GateLine:
    for line in read(plan.definition).gates:
        if line.key == key:
            return line
    raise NotFound()


def _choice(choice: str) -> Choice:
    try:
        return Choice(choice)
    except ValueError as unknown:
        raise Invalid(
            field="choice", problem="“{choice}” is no decision.", mend="Choose go, extend or hold.", choice=choice[:40]
        ) from unknown


def _accountable(plan: Plan, line: GateLine, person_id: UUID) -> None:
    holders = RaciCell.objects.filter(row__plan=plan, row__key=line.accountable, letter=Letter.ACCOUNTABLE)
    if not holders.filter(person_id=person_id).exists():
        raise NotAccountable(row=line.accountable)
