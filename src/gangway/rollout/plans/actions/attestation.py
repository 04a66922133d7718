"""Vouch for a milestone, or take that back."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Invalid, NotFound, Refusal
from gangway.rollout.plans.actions.evaluation import restate
from gangway.rollout.plans.actions.person import person_of
from gangway.rollout.plans.actions.planning import running_plan
from gangway.rollout.plans.models import Attestation, Milestone, Plan
from gangway.rollout.plans.rules.state import State

REASON_MIN = 10
REASON_MAX = 1000


class AttestingClosed(Refusal):
    code = "plans.attesting_closed"
    status = 403
    message = "“{title}” closes on evidence only. Nobody can vouch for it."
    next_step = "See on its page what would prove it."


class AlreadyProven(Refusal):
    code = "plans.already_proven"
    message = "“{title}” is proven. It needs nobody's word."
    next_step = "Nothing to do."


class AlreadyAttested(Refusal):
    code = "plans.already_attested"
    message = "Somebody already vouches for “{title}”."
    next_step = "Withdraw that first, if it is wrong."


class NotAttested(Refusal):
    code = "plans.not_attested"
    message = "Nobody vouches for “{title}”."
    next_step = "Nothing to withdraw."


@action("plans.milestone.attest")
def attest(*, plan_id: UUID, key: str, reason: str, actor: Actor, now: datetime) -> None:
    """A signed-in person vouches for a milestone, with a reason. Refuses where the template does not allow it."""
    person_id = person_of(actor)
    plan, row = _milestone(plan_id, key)
    said = clean_reason(reason)
    if not row.may_attest:
        raise AttestingClosed(title=row.title)
    if row.state == State.PROVEN:
        raise AlreadyProven(title=row.title)
    if row.state == State.ATTESTED:
        raise AlreadyAttested(title=row.title)
    _withdraw_standing(row, person_id, now)  # one from before the proof was lost
    Attestation.objects.create(milestone=row, person_id=person_id, reason=said, given_at=now)
    restate(plan=plan, milestone_ids=[row.pk], actor=actor, now=now)
    _record("plans.milestone.attest", row, actor, now, reason=said)


@action("plans.milestone.withdraw")
def withdraw(*, plan_id: UUID, key: str, actor: Actor, now: datetime) -> None:
    """Take back the word that stands for a milestone. NotAttested where none does."""
    person_id = person_of(actor)
    plan, row = _milestone(plan_id, key)
    if not _withdraw_standing(row, person_id, now):
        raise NotAttested(title=row.title)
    restate(plan=plan, milestone_ids=[row.pk], actor=actor, now=now)
    _record("plans.milestone.withdraw", row, actor, now)


def clean_reason(reason: str, field: str = "reason") -> str:
    """A reason that says something: 10 to 1000 characters."""
    said = " ".join(reason.replace("\x00", "").split())
    if not REASON_MIN <= len(said) <= REASON_MAX:
        raise Invalid(
            field=field,
            problem="The reason has {count} characters.",
            mend="Say in {reason_min} to {reason_max} characters what you saw.",
            count=len(said),
            reason_min=REASON_MIN,
            reason_max=REASON_MAX,
        )
    return said


def _milestone(plan_id: UUID, key: str) -> tuple[Plan, Milestone]:
    plan = running_plan(plan_id)
    row = Milestone.objects.filter(plan=plan, key=key).first()
    if row is None:
        raise NotFound()
    return plan, row


def _withdraw_standing(row: Milestone, person_id: UUID, now: datetime) -> int:
    standing = Attestation.objects.filter(milestone=row, withdrawn_at=None)
    count: int = standing.update(withdrawn_at=now, withdrawn_by_id=person_id)
    return count


def _record(verb: str, row: Milestone, actor: Actor, now: datetime, reason: str = "") -> None:
    audit.record(
        actor=actor,
        verb=verb,
        object_type="milestone",
        object_id=row.pk,
        changes={"key": row.key},
        changes_personal={"reason": reason} if reason else {},
        now=now,
    )
