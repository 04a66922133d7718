"""The plan that runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from gangway.kernel.said import content
from gangway.rollout.plans.models import Plan
from gangway.rollout.plans.queries.milestones import MilestoneRow
from gangway.rollout.plans.rules import clock
from gangway.rollout.plans.rules.slip import Task
from gangway.rollout.plans.rules.template import Template, read


@dataclass(frozen=True, slots=True)
class PlanRow:
    """The running plan. `template` is its own copy."""

    id: UUID
    partner_id: UUID
    title: str
    template: Template
    kickoff_on: date
    zone: str
    created_at: datetime
    evaluated_at: datetime | None

    @property
    def k(self) -> date:
        return clock.monday(self.kickoff_on)

    def week(self, now: datetime) -> int:
        """The week that runs; below 1 before K, above 12 after."""
        return clock.week_of(self.kickoff_on, now, self.zone)

    def shown_week(self, now: datetime) -> int:
        return clock.shown_week(self.kickoff_on, now, self.zone)

    def today(self, now: datetime) -> date:
        return clock.local_day(now, self.zone)


def current_plan() -> PlanRow | None:
    """The plan that runs, where the scope may see it."""
    plan = Plan.objects.filter(archived_at=None).first()
    if plan is None:
        return None
    return PlanRow(
        id=plan.pk,
        partner_id=plan.partner_id,
        title=content(plan.title),
        template=read(plan.definition),
        kickoff_on=plan.kickoff_on,
        zone=plan.zone,
        created_at=plan.created_at,
        evaluated_at=plan.evaluated_at,
    )


def tasks(rows: Iterable[MilestoneRow]) -> list[Task]:
    """Milestones as slip and forecast read them: without the lines of the final checklist."""
    return [Task(row.key, row.title, row.track, row.due_at, row.state) for row in rows if not row.is_check]
