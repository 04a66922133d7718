"""Who may see and change partners. A right's scope says which ones: the grants' reach decides."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    CONTENT_OWNER,
    PARTNER_ADMIN,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    SPONSOR,
    TRAINER,
    Right,
)

STAFF = (PROGRAMME_LEAD, CONTENT_OWNER, PLATFORM_ADMIN, TRAINER, CHANNEL_MANAGER, SPONSOR)

SEE_PARTNERS = Right("partners.partner.see", "sees partners and how they stand", roles=STAFF)
EDIT_PARTNERS = Right(
    "partners.partner.edit", "changes partners", roles=(PROGRAMME_LEAD, PLATFORM_ADMIN, CHANNEL_MANAGER)
)
BRING_PARTNERS = Right(
    "partners.partner.bring",
    "brings partners by a file, takes files back, and names types and tiers",
    roles=(PROGRAMME_LEAD, PLATFORM_ADMIN),
)
EDIT_OWN_PARTNER = Right(
    "partners.own.edit", "sets how long people of the own company stay signed in", roles=(PARTNER_ADMIN,)
)
