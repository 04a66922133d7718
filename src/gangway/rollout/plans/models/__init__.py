"""Tables of a plan, one module per noun. They belong to the host partner: the vendor's own rollout."""

from gangway.rollout.plans.models.evidence import Attestation, DueCheck, Evaluation
from gangway.rollout.plans.models.gate import Decision
from gangway.rollout.plans.models.plan import KickoffAttendance, Milestone, MilestoneCriterion, Plan
from gangway.rollout.plans.models.raci import RaciCell, RaciContest, RaciRow

__all__ = [
    "Attestation",
    "Decision",
    "DueCheck",
    "Evaluation",
    "KickoffAttendance",
    "Milestone",
    "MilestoneCriterion",
    "Plan",
    "RaciCell",
    "RaciContest",
    "RaciRow",
]
