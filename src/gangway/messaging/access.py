"""Rights of messaging."""

from gangway.kernel.access import CHANNEL_MANAGER, PLATFORM_ADMIN, PROGRAMME_LEAD, Right

SEE_MAIL = Right(
    "messaging.message.see",
    "sees which letters went out, and what became of them",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
