"""Pages of the plan, one module per noun."""

from gangway.rollout.plans.views.documents import checklist, document, letter
from gangway.rollout.plans.views.gantt import gantt
from gangway.rollout.plans.views.gates import decide, gates, kickoff
from gangway.rollout.plans.views.milestone import attest, milestone, withdraw
from gangway.rollout.plans.views.planning import evaluate, new_plan
from gangway.rollout.plans.views.raci import contest, raci, remove_cell, set_cell, settle
from gangway.rollout.plans.views.wall import wall
from gangway.rollout.plans.views.week import week

__all__ = [
    "attest",
    "checklist",
    "contest",
    "decide",
    "document",
    "evaluate",
    "gantt",
    "gates",
    "kickoff",
    "letter",
    "milestone",
    "new_plan",
    "raci",
    "remove_cell",
    "set_cell",
    "settle",
    "wall",
    "week",
    "withdraw",
]
