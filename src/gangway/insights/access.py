"""Who may see figures and set baselines. The right's scope says whose figures they are."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    SPONSOR,
    TRAINER,
    Right,
)

SEE_FIGURES = Right(
    "insights.figures.see",
    "sees the figures of the programme",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER, SPONSOR),
)
SET_BASELINE = Right(
    "insights.baseline.set", "records what a figure was before the programme", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN)
)
