"""A sign-in that is only tried: which rules it meets, and what to change where one fails. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from gangway.identity.rules.connections import SUBJECT_LENGTH, Asserted
from gangway.identity.rules.reach import Where
from gangway.kernel.refusal import Invalid
from gangway.kernel.values import clean_mail

LINK_LIFE = timedelta(days=30)
LINKS_AT_ONCE = 5


class Rule(StrEnum):
    """What a provider has to send. The first two and the account key must pass; without the others people are known
    less well."""

    SIGNED = "signed"
    SUBJECT = "subject"
    STABLE = "stable"
    EMAIL = "email"
    DOMAIN = "domain"
    NAME = "name"
    JOIN = "join"
    ACCOUNT = "account"


MUST = frozenset({Rule.SIGNED, Rule.SUBJECT, Rule.ACCOUNT})


@dataclass(frozen=True, slots=True)
class Met:
    """Whether a rule was met, and by what: names of claims and codes, never the value of a claim."""

    rule: Rule
    passed: bool
    detail: str = ""


def judge(
    asserted: Asserted,
    claims: Mapping[str, str],
    *,
    proven: Sequence[str],
    join_claim: str | None,
    joins: bool,
    account: Where | None = None,
) -> tuple[Met, ...]:
    """What was signed, rule by rule. proven: the partner's mail domains; join_claim: None where no directory is joined;
    joins: it led to somebody whom the directory brought; account: where its account key led, if it needs one."""
    email = _mail(asserted.tells("email", claims))
    domain = email.rpartition("@")[2].lower()
    met = [
        Met(Rule.SIGNED, True),
        Met(Rule.SUBJECT, 0 < len(asserted.subject) <= SUBJECT_LENGTH),
        Met(Rule.STABLE, "@" not in asserted.subject),
        Met(Rule.EMAIL, bool(email)),
    ]
    if account in (None, Where.OWN):  # elsewhere no proven domain makes an address believed
        met.append(Met(Rule.DOMAIN, domain in proven, domain))
    met.append(Met(Rule.NAME, bool(asserted.name(claims))))
    if join_claim is not None:
        met.append(Met(Rule.JOIN, joins, join_claim or "subject"))
    if account is not None:
        met.append(Met(Rule.ACCOUNT, account in (Where.OWN, Where.SERVED), account.value))
    return tuple(met)


def refused(reason: str, detail: str) -> tuple[Met, ...]:
    """What came back was not accepted: the reason code, and what was expected and came."""
    return (Met(Rule.SIGNED, False, f"{reason} {detail}".strip()),)


def passes(met: Sequence[Met]) -> bool:
    """Whether people could sign in like this."""
    return all(one.passed for one in met if one.rule in MUST)


def _mail(text: str) -> str:
    try:
        return clean_mail(text)
    except Invalid:
        return ""


# ---------------------------------------------------------------- what provider goes with what


class Provider(StrEnum):
    ENTRA = "entra"
    OKTA = "okta"
    GOOGLE = "google"
    KEYCLOAK = "keycloak"
    OTHER = "other"


class Pair(StrEnum):
    """A way to connect: a sign-in alone, or with a directory that brings people."""

    OIDC = "oidc"
    SAML = "saml"
    OIDC_SCIM = "oidc_scim"
    SAML_SCIM = "saml_scim"


class Works(StrEnum):
    YES = "yes"
    TWICE = "twice"  # two applications over there, one for each part
    NO = "no"


# Entra: an app registration has no provisioning, a second enterprise application has it. Okta: the wizard offers SCIM
# with SAML and SWA only. Google: custom applications have no provisioning. Keycloak: brings no SCIM client along.
PAIRS: Mapping[Provider, Mapping[Pair, Works]] = {
    Provider.ENTRA: {
        Pair.OIDC: Works.YES,
        Pair.SAML: Works.YES,
        Pair.OIDC_SCIM: Works.TWICE,
        Pair.SAML_SCIM: Works.YES,
    },
    Provider.OKTA: {
        Pair.OIDC: Works.YES,
        Pair.SAML: Works.YES,
        Pair.OIDC_SCIM: Works.TWICE,
        Pair.SAML_SCIM: Works.YES,
    },
    Provider.GOOGLE: {
        Pair.OIDC: Works.YES,
        Pair.SAML: Works.YES,
        Pair.OIDC_SCIM: Works.NO,
        Pair.SAML_SCIM: Works.NO,
    },
    Provider.KEYCLOAK: {
        Pair.OIDC: Works.YES,
        Pair.SAML: Works.YES,
        Pair.OIDC_SCIM: Works.NO,
        Pair.SAML_SCIM: Works.NO,
    },
}
