"""Who may see and revoke awards, and say what courses earn.

The public page needs no right: who holds a number may ask whether it is genuine.
"""

from gangway.kernel.access import CHANNEL_MANAGER, CONTENT_OWNER, PLATFORM_ADMIN, PROGRAMME_LEAD, TRAINER, Right

SEE_OWN = Right("credentials.award.see_own", "sees their own certificates", own=True)
SEE_AWARDS = Right(
    "credentials.award.see",
    "sees who is certified",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER),
)
REVOKE = Right("credentials.award.revoke", "revokes awards", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN))
DEFINE = Right(
    "credentials.credential.define",
    "says what courses earn, and for how long",
    roles=(PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN),
)
