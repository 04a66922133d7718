"""Rights of identity."""

from gangway.kernel.access import (
    CHANNEL_MANAGER,
    PARTNER_ADMIN,
    PARTNER_IT,
    PLATFORM_ADMIN,
    PROGRAMME_LEAD,
    Right,
)

OWN_SESSIONS = Right("identity.session.own", "sees and ends their own sign-ins", own=True)
VIEW_AS = Right(
    "identity.person.view_as",
    "sees a partner's pages as one of its people sees them",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
HELP_PEOPLE = Right(
    "identity.request.answer",
    "helps people of partners who cannot sign in",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
HELP_TEAM = Right(
    "identity.team_request.answer", "helps people of the own team who cannot sign in", roles=(PARTNER_ADMIN,)
)
SEE_STRANGERS = Right(
    "identity.stranger.see", "sees sign-ins tried with addresses that nobody has", roles=(PLATFORM_ADMIN,)
)
OWN_FACTORS = Right("identity.factor.own", "adds and removes their own passkeys and authenticator app", own=True)
RESET_FACTORS = Right(
    "identity.factor.reset",
    "takes a lost second factor from people of partners",
    (PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
SET_FACTOR_POLICY = Right(
    "identity.factor_policy.set", "says whether the partner's admins must hold a second factor", (PARTNER_ADMIN,)
)
JOIN_TEAM = Right(
    "identity.joining.own", "says how colleagues join by themselves, and lets in who waits", roles=(PARTNER_ADMIN,)
)
ADMIT_STRANGERS = Right(
    "identity.joining.admit",
    "lets in people of whom nobody knows the company",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
CONNECT_TEAM = Right(
    "identity.connection.own",
    "connects the own company's directory and sign-in",
    roles=(PARTNER_ADMIN, PARTNER_IT),
)
SEE_CONNECTIONS = Right(
    "identity.connection.see",
    "sees how partners are connected, and what failed",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
SET_PORTAL = Right(
    "identity.portal.set", "says how people come in from the vendor's own portal", roles=(PLATFORM_ADMIN,)
)
SEE_SPECS = Right(
    "identity.spec.see",
    "sees what was agreed about each partner type, and which partners depart from it",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD),
)
SIGN_SPECS = Right(
    "identity.spec.sign", "signs the tech spec of a partner type for the vendor", roles=(PLATFORM_ADMIN, PROGRAMME_LEAD)
)
HOST_CONNECTIONS = Right(
    "identity.host_connection.manage",
    "opens the vendor's own sign-in to people of partners",
    roles=(PLATFORM_ADMIN,),
)
ASK_ACCESS = Right(
    "identity.access.ask",
    "asks a partner's admins now to confirm who has rights over its data",
    roles=(PLATFORM_ADMIN, PROGRAMME_LEAD, CHANNEL_MANAGER),
)
CONFIRM_ACCESS = Right(
    "identity.access.confirm", "sees and confirms who has rights over the own company's data", (PARTNER_ADMIN,)
)
