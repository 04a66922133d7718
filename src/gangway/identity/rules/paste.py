"""What our values are called at a provider, what is chosen beside them there, and where it shows what we need. Pure.

The names are the provider's own, as its administration shows them in English, so they are not translated. What is not
listed goes by the names of the standard.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.trial import Provider

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paste:
    """`ours`: (name there, which of our addresses); `choose`: (name there, what to set it to); `theirs`: (field here,
    where it stands there)."""

    ours: Pairs
    choose: Pairs = ()
    theirs: Pairs = ()


_SAML, _OIDC, _SCIM = ConnectionKind.SAML, ConnectionKind.OIDC, ConnectionKind.SCIM

PASTE: Mapping[tuple[Provider, ConnectionKind], Paste] = {
    (Provider.ENTRA, _OIDC): Paste(
        ours=(("Redirect URI (Web)", "redirect"), ("Home page URL", "start")),
        theirs=(
            ("issuer", "https://login.microsoftonline.com/Directory (tenant) ID/v2.0"),
            ("client_id", "Overview › Application (client) ID"),
            ("client_secret", "Certificates & secrets › Value"),
        ),
    ),
    (Provider.ENTRA, _SAML): Paste(
        ours=(
            ("Identifier (Entity ID)", "entity"),
            ("Reply URL (Assertion Consumer Service URL)", "acs"),
            ("Sign on URL", "start"),
        ),
        choose=(
            ("Unique User Identifier › Name identifier format", "Persistent"),
            ("Unique User Identifier › Source attribute", "user.objectid"),
            ("Token encryption", "off"),
        ),
        theirs=(("metadata_url", "SAML Certificates › App Federation Metadata Url"),),
    ),
    (Provider.ENTRA, _SCIM): Paste(
        ours=(("Tenant URL", "scim"),),
        choose=(
            ("Provisioning Mode", "Automatic"),
            ("Secret Token", "token"),
            ("Attribute mapping › objectId", "externalId"),
        ),
    ),
    (Provider.OKTA, _OIDC): Paste(
        ours=(("Sign-in redirect URIs", "redirect"), ("Initiate login URI", "start")),
        choose=(("Application type", "Web Application"), ("Grant type", "Authorization Code")),
        theirs=(
            ("issuer", "https://your-company.okta.com"),
            ("client_id", "General › Client ID"),
            ("client_secret", "General › Client secrets"),
        ),
    ),
    (Provider.OKTA, _SAML): Paste(
        ours=(("Single sign-on URL", "acs"), ("Audience URI (SP Entity ID)", "entity")),
        choose=(
            ("Name ID format", "Persistent"),
            ("Application username", "Custom: user.id"),
            ("Assertion Encryption", "Unencrypted"),
        ),
        theirs=(("metadata_url", "Sign On › Metadata URL"),),
    ),
    (Provider.OKTA, _SCIM): Paste(
        ours=(("SCIM connector base URL", "scim"),),
        choose=(
            ("Unique identifier field for users", "userName"),
            ("Authentication Mode", "HTTP Header"),
            ("Authorization", "token"),
        ),
    ),
    (Provider.GOOGLE, _OIDC): Paste(
        ours=(("Authorized redirect URIs", "redirect"),),
        choose=(("Application type", "Web application"),),
        theirs=(
            ("issuer", "https://accounts.google.com"),
            ("client_id", "Clients › Client ID"),
            ("client_secret", "Clients › Client secrets"),
            ("must_say", "hd=your-domain.example"),
        ),
    ),
    (Provider.GOOGLE, _SAML): Paste(
        ours=(("ACS URL", "acs"), ("Entity ID", "entity"), ("Start URL", "start")),
        choose=(("Name ID format", "PERSISTENT"), ("Name ID", "Employee Details › Employee ID")),
        theirs=(("metadata", "Download Metadata"),),
    ),
    (Provider.KEYCLOAK, _OIDC): Paste(
        ours=(("Valid redirect URIs", "redirect"), ("Home URL", "start")),
        choose=(("Client authentication", "On"), ("Standard flow", "On")),
        theirs=(
            ("issuer", "https://your-keycloak/realms/your-realm"),
            ("client_id", "Settings › Client ID"),
            ("client_secret", "Credentials › Client Secret"),
        ),
    ),
    (Provider.KEYCLOAK, _SAML): Paste(
        ours=(("Client ID", "entity"), ("Valid redirect URIs", "acs"), ("Home URL", "start")),
        choose=(
            ("Name ID format", "persistent"),
            ("Force name ID format", "On"),
            ("Sign assertions", "On"),
            ("Client signature required", "Off"),
            ("Encrypt assertions", "Off"),
        ),
        theirs=(("metadata_url", "https://your-keycloak/realms/your-realm/protocol/saml/descriptor"),),
    ),
}
