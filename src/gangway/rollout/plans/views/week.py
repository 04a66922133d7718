"""C3: this week. What closes it?"""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect

from gangway.kernel import clock
from gangway.kernel.refusal import NotFound
from gangway.kernel.web import Request, route
from gangway.rollout.plans import access, queries
from gangway.rollout.plans.queries import documents
from gangway.rollout.plans.rules import clock as k_clock
from gangway.rollout.plans.rules.slip import days_late, next_one, slip_of
from gangway.rollout.plans.rules.state import count
from gangway.rollout.plans.rules.template import TRACK_WORDS
from gangway.rollout.plans.views.plan import at_host, owners, raci_of
from gangway.ui import render


@route(right=access.SEE_PLAN)
def week(request: Request, number: int | None = None) -> HttpResponse:
    """Four tracks of one week, with state, owner and what slips."""
    now = clock.now()
    with at_host(request):
        plan = queries.current_plan()
        if plan is None:
            return redirect("plans:new")
        shown = number if number is not None else plan.shown_week(now)
        if not 1 <= shown <= k_clock.WEEKS:
            raise NotFound()
        every = queries.milestones(plan.id)
    raci = raci_of(request, plan)
    tasks = queries.tasks(every)
    rows = [row for row in every if row.week == shown and not row.is_check]
    slip = slip_of(tasks, now)
    states = {row.key: row.state for row in every}
    return render(
        request,
        "plans/week.jinja",
        {
            "plan": plan,
            "now": now,
            "number": shown,
            "running": plan.week(now),
            "tracks": [(key, words, [row for row in rows if row.track == key]) for key, words in TRACK_WORDS.items()],
            "late": {task.key: days_late(task, now) for task in slip.late},
            "owners": owners(raci),
            "slip": slip,
            "counts": count(row.state for row in rows),
            "overall": count(task.state for task in tasks),
            "next": next_one(tasks),
            "sprint": plan.template.sprints[k_clock.sprint_of(shown) - 1],
            "sprint_number": k_clock.sprint_of(shown),
            "due_at": k_clock.due_at(plan.kickoff_on, shown, plan.zone),
            "gate": next((gate for gate in queries.gates(plan, states) if gate.line.day == 7 * shown), None),
            "closed_weeks": _closed_weeks(every),
            "text": documents.as_markdown(documents.plan_document(plan, every, owners(raci), slip.words)),
        },
    )


def _closed_weeks(every: Sequence[queries.MilestoneRow]) -> frozenset[int]:
    """The weeks in which nothing is open any more."""
    still_open = {row.week for row in every if not row.is_check and not row.state.closed}
    return frozenset(range(1, k_clock.WEEKS + 1)) - still_open
