"""Reads of a plan, one module per noun: ids in, frozen rows out."""

from gangway.rollout.plans.queries.criteria import criteria_after, registry
from gangway.rollout.plans.queries.gates import GateRow, gate_choices, gates
from gangway.rollout.plans.queries.kickoff import AttendanceRow, attendance
from gangway.rollout.plans.queries.milestones import (
    CriterionRow,
    EvaluationRow,
    MilestoneRow,
    history,
    milestone,
    milestones,
)
from gangway.rollout.plans.queries.plans import PlanRow, current_plan, tasks
from gangway.rollout.plans.queries.raci import CellRow, ContestRow, RaciRowRow, matrix, name_contacts, raci
from gangway.rollout.plans.queries.templates import shipped_template, template_file

__all__ = [
    "AttendanceRow",
    "CellRow",
    "ContestRow",
    "CriterionRow",
    "EvaluationRow",
    "GateRow",
    "MilestoneRow",
    "PlanRow",
    "RaciRowRow",
    "attendance",
    "criteria_after",
    "current_plan",
    "gate_choices",
    "gates",
    "history",
    "matrix",
    "milestone",
    "milestones",
    "name_contacts",
    "raci",
    "registry",
    "shipped_template",
    "tasks",
    "template_file",
]
