"""What a sign-in says of a person becomes a field or a group here. Pure.

What providers call things differs; the names they use by default are known (rules.connections.USUAL_CLAIMS), so that a
connection need not name any. Groups that a sign-in names never give a role: they give a place in a group. Those of a
directory may give one, where an admin said so (actions.scim.lead_group).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gangway.identity.rules.connections import WS_CLAIMS, Asserted, ConnectionKind
from gangway.identity.rules.scim import given_by
from gangway.identity.rules.trial import Provider

GROUP_RULES_AT_MOST = 50
GROUP_NAME_LENGTH = 255
_ENTRA_GROUPS = "http://schemas.microsoft.com/ws/2008/06/identity/claims/groups"
_STANDARD = {
    "email": "email",
    "name": "name",
    "given_name": "given_name",
    "family_name": "family_name",
    "locale": "locale",
    "groups": "groups",
}

# How each provider names things where nobody changed it; what is missing it does not send by itself.
DEFAULTS: Mapping[ConnectionKind, Mapping[Provider, Mapping[str, str]]] = {
    ConnectionKind.OIDC: {
        Provider.ENTRA: {name: claim for name, claim in _STANDARD.items() if name != "locale"},
        Provider.OKTA: _STANDARD,
        Provider.GOOGLE: {name: claim for name, claim in _STANDARD.items() if name != "groups"},
        Provider.KEYCLOAK: _STANDARD,
    },
    ConnectionKind.SAML: {
        Provider.ENTRA: {
            "email": f"{WS_CLAIMS}emailaddress",
            "name": "http://schemas.microsoft.com/identity/claims/displayname",
            "given_name": f"{WS_CLAIMS}givenname",
            "family_name": f"{WS_CLAIMS}surname",
            "groups": _ENTRA_GROUPS,
        },
        Provider.OKTA: {"email": "email", "given_name": "firstName", "family_name": "lastName", "groups": "groups"},
        Provider.GOOGLE: {"email": "email", "given_name": "firstName", "family_name": "lastName", "groups": "groups"},
        Provider.KEYCLOAK: {
            "email": "urn:oid:1.2.840.113549.1.9.1",
            "given_name": "urn:oid:2.5.4.42",
            "family_name": "urn:oid:2.5.4.4",
        },
    },
}


@dataclass(frozen=True, slots=True)
class GroupRule:
    """Whoever is in their group `group` (as the claim says it) is in our group with the key `into`."""

    group: str
    into: str


@dataclass(frozen=True, slots=True)
class Moves:
    """Keys of groups that somebody joins and quits."""

    join: frozenset[str] = frozenset()
    quit: frozenset[str] = frozenset()


def moves(rules: Sequence[Mapping[str, Any]], said: Sequence[str] | None, inside: Collection[str]) -> Moves:
    """What a sign-in moves. said: the groups it names, None where it says nothing of groups, which moves nobody;
    inside: keys of the groups that the person is in. Groups that no rule names are never touched."""
    if said is None:
        return Moves()
    named = frozenset(str(rule["into"]) for rule in rules if rule.get("into"))
    given = frozenset(one.into for one in given_by(rules, [(value, value) for value in said]) if one.into)
    return Moves(join=given - frozenset(inside), quit=(named - given) & frozenset(inside))


def groups_said(asserted: Asserted, claims: Mapping[str, str]) -> tuple[str, ...] | None:
    """The groups a sign-in names, by the claim that the connection names for it; None where it was not sent."""
    return asserted.all_of("groups", claims)
