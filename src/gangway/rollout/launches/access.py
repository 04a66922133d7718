"""Who may plan and send launches. A right's scope says which: a channel manager plans the partners they look after."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    SPONSOR,
    TRAINER,
    Right,
)

SEE_LAUNCHES = Right(
    "launches.wave.see",
    "sees launches and what became of them",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER, SPONSOR),
)
SEE_UNTOLD = Right(
    "launches.untold.see",
    "sees who a launch did not reach",
    roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER),
)
PLAN_LAUNCHES = Right(
    "launches.wave.plan",
    "puts partners into waves and holds them",
    roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER),
)
SEND_WAVE = Right("launches.wave.send", "makes, sends and undoes waves", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN))
