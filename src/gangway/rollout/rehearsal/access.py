"""Who may see and start rehearsals."""

from gangway.kernel.access import CONTENT_OWNER, PLATFORM_ADMIN, PROGRAMME_LEAD, TRAINER, Right

SEE_REHEARSAL = Right(
    "rehearsal.run.see",
    "see what the robot did",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER),
)
SEND_ROBOT = Right("rehearsal.run.start", "send the robot", roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN))
