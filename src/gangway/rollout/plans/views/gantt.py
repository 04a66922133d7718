"""The Gantt: twelve weeks on one page."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse

from gangway.kernel import clock
from gangway.kernel.language import say
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, queries
from gangway.rollout.plans.rules import gantt as rules
from gangway.rollout.plans.rules.clock import week_starts_on
from gangway.rollout.plans.rules.slip import slip_of
from gangway.rollout.plans.rules.state import count
from gangway.rollout.plans.rules.template import TRACK_WORDS, SprintLine, Track
from gangway.rollout.plans.views.plan import at_host, owners, raci_of, running
from gangway.ui import render
from gangway.ui.charts import Span


@route(right=access.SEE_PLAN)
def gantt(request: Request) -> HttpResponse:
    """Bars by track in the colours of the sprints, today's line, the forecast of what slips."""
    now = clock.now()
    with at_host(request):
        plan = running()
        every = queries.milestones(plan.id)
    names = owners(raci_of(request, plan))
    tasks = queries.tasks(every)
    slip = slip_of(tasks, now)
    owned = {row.key: names.get(row.owner, "") for row in every}
    bars = rules.bars(plan.kickoff_on, tasks, slip.by_track, plan.zone)
    return render(
        request,
        "plans/gantt.jinja",
        {
            "plan": plan,
            "slip": slip,
            "overall": count(task.state for task in tasks),
            "spans": [_span(bar, owned[bar.key]) for bar in bars],
            "first": rules.first_day(plan.kickoff_on),
            "last": rules.last_day(plan.kickoff_on),
            "sprints": [_sprint(plan, line) for line in plan.template.sprints],
            "weeks": [(str(n), day) for n, day in enumerate(rules.week_starts(plan.kickoff_on), start=1)],
            "today": rules.today_line(plan.kickoff_on, plan.today(now)),
        },
    )


def _sprint(plan: queries.PlanRow, line: SprintLine) -> tuple[str, date, date]:
    ends = week_starts_on(plan.kickoff_on, line.last_week) + timedelta(days=6)
    return line.title, week_starts_on(plan.kickoff_on, line.first_week), ends


def _span(bar: rules.Bar, owner: str) -> Span:
    return Span(
        label=bar.title,
        start=bar.starts_on,
        end=bar.ends_on,
        sprint=bar.sprint,
        state=bar.state,
        href=reverse("plans:milestone", args=[bar.key]),
        owner=owner,
        group=say(TRACK_WORDS[Track(bar.track)]),
        forecast=bar.expected_on,
    )
