"""Rights over the shells' own pages."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    PARTNER_ADMIN,
    PARTNER_IT,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    TRAINER,
    Right,
)

SEE_HOME = Right("portal.home.see", "sees their own next step", own=True)
SEE_DESK = Right("portal.desk.see", "sees the partner's desk", (PARTNER_ADMIN, PARTNER_IT))
SEE_SETUP = Right(
    "portal.setup.see",
    "sees what is missing before day 1",
    (PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER, CONTENT_OWNER, TRAINER),
)
OPERATE = Right("portal.machine.operate", "watches over the machine", (PLATFORM_ADMIN,))
SEE_RESULTS = Right(
    "portal.result.see",
    "sees who passed what, or not yet",
    (PARTNER_ADMIN, PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER, CONTENT_OWNER, TRAINER),
)
OWN = Right("portal.account.own", "sees and changes what is held about themselves", own=True)
HAND_OUT = Right("portal.person.hand_out", "hands out and erases what is held about people", (PLATFORM_ADMIN,))
HAND_OUT_TEAM = Right(
    "portal.team.hand_out", "hands out and erases what is held about people of the own team", (PARTNER_ADMIN,)
)
