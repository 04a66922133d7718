"""Attend the kickoff."""

from datetime import datetime
from uuid import UUID

from gangway.kernel import audit
from gangway.kernel.actions import action
from gangway.kernel.actor import Actor
from gangway.kernel.refusal import Refusal
from gangway.rollout.plans.actions.evaluation import ask_again
from gangway.rollout.plans.actions.person import person_of
from gangway.rollout.plans.actions.planning import running_plan
from gangway.rollout.plans.models import KickoffAttendance
from gangway.rollout.plans.rules import clock


class KickoffAhead(Refusal):
    code = "plans.kickoff_ahead"
    message = "The kickoff is on {kickoff_on}. Nobody can have attended it yet."
    next_step = "Confirm on the day or after it."


@action("plans.kickoff.confirm")
def confirm_attendance(*, plan_id: UUID, actor: Actor, now: datetime) -> None:
    """The signed-in person says: I was there. Saying it twice is saying it once. KickoffAhead before the day."""
    person_id = person_of(actor)
    plan = running_plan(plan_id)
    if clock.local_day(now, plan.zone) < plan.kickoff_on:
        raise KickoffAhead(kickoff_on=plan.kickoff_on)
    _, made = KickoffAttendance.objects.get_or_create(plan=plan, person_id=person_id, defaults={"confirmed_at": now})
    if made:
        audit.record(actor=actor, verb="plans.kickoff.confirm", object_type="plan", object_id=plan.pk, now=now)
        ask_again(keys=["plans.kickoff_held"], actor=actor, now=now)
