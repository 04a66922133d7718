"""Who compares this installation with another, and who promotes a configuration into it."""

from gangway.kernel.access import CONTENT_OWNER, PLATFORM_ADMIN, PROGRAMME_LEAD, Right

SEE_OUTWARD = Right(
    "operations.outward.see",
    "sees whether everything still connects, and compares environments",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CONTENT_OWNER),
)
PROMOTE = Right(
    "operations.configuration.promote",
    "promotes a configuration into this installation, and takes it back",
    roles=(PLATFORM_ADMIN,),
)
