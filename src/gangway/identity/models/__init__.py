"""Tables of identity, by noun: doors (sessions, challenges, invitations), factors, connections (directories and
identity providers of partners), scim (what directories
bring), handover (the vendor's own portal)."""

from gangway.identity.models.connections import ApiToken, Connection, ConnectionRoute, Departure, Identity
from gangway.identity.models.domains import DomainClaim
from gangway.identity.models.doors import Acceptance, Challenge, FailedSignIn, Invitation, Session
from gangway.identity.models.factors import (
    AuthenticatorApp,
    Ceremony,
    FactorPolicy,
    Passkey,
    RecoveryCode,
)
from gangway.identity.models.handover import HandOver, PortalKey, VendorPortal
from gangway.identity.models.joining import AccessCode, CodeUse, JoinPolicy, JoinRequest
from gangway.identity.models.oidc import OidcSettings
from gangway.identity.models.reach import ConnectionReach
from gangway.identity.models.renewal import ExpiryNotice, RenewalLink
from gangway.identity.models.reviews import AccessReview
from gangway.identity.models.saml import SamlAnswer, SamlSettings
from gangway.identity.models.scim import (
    ScimExchange,
    ScimGroup,
    ScimHold,
    ScimRemoval,
    ScimUser,
    ScimValue,
)
from gangway.identity.models.setup import SetUpLink, SignedSheet, SignedSpec, Trial

__all__ = [
    "Acceptance",
    "AccessCode",
    "AccessReview",
    "ApiToken",
    "AuthenticatorApp",
    "Ceremony",
    "Challenge",
    "CodeUse",
    "Connection",
    "ConnectionReach",
    "ConnectionRoute",
    "Departure",
    "DomainClaim",
    "ExpiryNotice",
    "FactorPolicy",
    "FailedSignIn",
    "HandOver",
    "Identity",
    "Invitation",
    "JoinPolicy",
    "JoinRequest",
    "OidcSettings",
    "Passkey",
    "PortalKey",
    "RecoveryCode",
    "RenewalLink",
    "SamlAnswer",
    "SamlSettings",
    "ScimExchange",
    "ScimGroup",
    "ScimHold",
    "ScimRemoval",
    "ScimUser",
    "ScimValue",
    "Session",
    "SetUpLink",
    "SignedSheet",
    "SignedSpec",
    "Trial",
    "VendorPortal",
]
