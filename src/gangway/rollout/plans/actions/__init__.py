"""Writes of a plan, one module per noun."""

from gangway.rollout.plans.actions.attestation import attest, withdraw
from gangway.rollout.plans.actions.evaluation import Looked, ask_again, evaluate_due, evaluate_plan
from gangway.rollout.plans.actions.gate import decide_gate
from gangway.rollout.plans.actions.kickoff import confirm_attendance
from gangway.rollout.plans.actions.planning import new_plan
from gangway.rollout.plans.actions.raci import contest_row, remove_raci_cell, set_raci_cell, settle_contest

__all__ = [
    "Looked",
    "ask_again",
    "attest",
    "confirm_attendance",
    "contest_row",
    "decide_gate",
    "evaluate_due",
    "evaluate_plan",
    "new_plan",
    "remove_raci_cell",
    "set_raci_cell",
    "settle_contest",
    "withdraw",
]
