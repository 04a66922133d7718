"""Who may do what with the plan. All of them work at the host."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    SPONSOR,
    TRAINER,
    Right,
)

TEAM = (PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER, SPONSOR)

SEE_PLAN = Right("plans.plan.see", "see the rollout plan", roles=TEAM)
SEE_WALL = Right("plans.wall.see", "see where each partner stands", roles=TEAM)
START_PLAN = Right("plans.plan.start", "start a rollout plan", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN))
EDIT_RACI = Right("plans.raci.edit", "change the RACI", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN))
CONTEST_RACI = Right("plans.raci.contest", "contest a line of the RACI", roles=TEAM)
ATTEST = Right(
    "plans.milestone.attest", "vouch for a milestone", roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, SPONSOR)
)
CONFIRM_KICKOFF = Right("plans.kickoff.confirm", "confirm that they attended the kickoff", roles=TEAM)
DECIDE = Right("plans.gate.decide", "decide at a gate", roles=TEAM)
EVALUATE = Right("plans.plan.evaluate", "have the plan looked at now", roles=TEAM)
