"""The words of the facts of a sheet or a spec, in English, as a signature keeps them; pages translate them. Pure.

They are part of what is signed: a clause that is said otherwise is another clause, whatever its key.
"""

from collections.abc import Iterable

from gangway.identity.rules.sheets import Fact, Said
from gangway.kernel.said import N_

BY_MAIL, BY_PORTAL = "mail", "portal"
NONE, LETTER = "none", "letter"

LABELS = {
    Fact.PARTNER: N_("Partner"),
    Fact.TYPE: N_("Type"),
    Fact.TIER: N_("Tier"),
    Fact.LANGUAGE: N_("Language"),
    Fact.ZONE: N_("Time zone"),
    Fact.ADDRESS: N_("Portal"),
    Fact.TIERS: N_("Tiers (partners / people)"),
    Fact.LANGUAGES: N_("Languages"),
    Fact.BRAND: N_("Brand"),
    Fact.HOSTS: N_("Own host names"),
    Fact.NOW: N_("First way in today"),
    Fact.PRIMARY: N_("First way in, as agreed"),
    Fact.SECOND: N_("Second way in"),
    Fact.RETENTION: N_("Kept"),
    Fact.CRM_KEY: N_("Key in the CRM"),
    Fact.LEAVERS_NOW: N_("Leavers, until the directory is open"),
    Fact.LIMITS: N_("Limits"),
    Fact.TEST_ACCOUNTS: N_("Test accounts"),
    Fact.CUTOVER: N_("Cutover"),
    Fact.ROLLBACK: N_("Way back"),
    Fact.USED_BY: N_("Partners that use it"),
    Fact.PROVIDERS: N_("Providers, by partner"),
    Fact.LED: N_("Domains led to it, by partner"),
    Fact.DATA: N_("Data that flows"),
    Fact.SEEN_BY_PARENT: N_("What a parent partner sees"),
    Fact.LEAVERS: N_("Leavers"),
    Fact.DOMAINS: N_("Proven mail domains"),
    Fact.SESSION_HOURS: N_("Signed in for, in hours"),
    Fact.KIND: N_("Kind"),
    Fact.NAME: N_("Called"),
    Fact.STATE: N_("State"),
    Fact.ADDRESSES: N_("Our addresses"),
    Fact.PROVIDER: N_("Provider"),
    Fact.CLIENT_ID: N_("Client ID"),
    Fact.SIGN_ON: N_("Their sign-on address"),
    Fact.METADATA: N_("Their metadata"),
    Fact.SCOPES: N_("Scopes"),
    Fact.MUST_SAY: N_("Must be said"),
    Fact.SUBJECT: N_("Stable id"),
    Fact.CLAIMS: N_("Our field and their claim"),
    Fact.JOIN: N_("Joined to directory"),
    Fact.ROUTED: N_("Domains led to it"),
    Fact.ADMITS: N_("Lets in whom nobody knows yet"),
    Fact.FALLBACK: N_("Code by mail beside it"),
    Fact.GROUPS: N_("Their group and what it is here"),
    Fact.HEAD_COUNT: N_("Head count"),
    Fact.CERTIFICATES: N_("Certificates (SHA-256, until)"),
    Fact.SECRET_ENDS: N_("Client secret runs out"),
    Fact.TOKENS_END: N_("Tokens run out"),
}
_KINDS = {
    "scim": N_("Directory (SCIM)"),
    "saml": N_("Sign-in (SAML)"),
    "oidc": N_("Sign-in (OpenID Connect)"),
    BY_MAIL: N_("a code sent to their mailbox"),
}
_LEAVERS = {
    "directory": N_("shut out with the answer to their directory; what they learned stays"),
    "hand": N_("shut out when an admin takes them away; what they learned stays"),
}
_FALLBACKS = {
    "on_failure": N_("for a day after a failure that we saw"),
    "open": N_("always"),
    "never": N_("never"),
}
_NONE_YET = {NONE: N_("none yet")}
_WAYS = _KINDS | {"company": N_("their company's own sign-in"), BY_PORTAL: N_("our sign-in for partners")}
VALUES: dict[Fact, dict[str, str]] = {
    Fact.NOW: _WAYS,
    Fact.PRIMARY: _WAYS,
    Fact.KIND: _KINDS,
    Fact.STATE: {"draft": N_("being set up"), "active": N_("opened")},
    Fact.DATA: {"name": N_("name"), "email": N_("work mail address"), "locale": N_("language"), "groups": N_("groups")},
    Fact.SEEN_BY_PARENT: {"none": N_("nothing"), "figures": N_("figures, no names"), "people": N_("people by name")},
    Fact.LEAVERS_NOW: _LEAVERS,
    Fact.LEAVERS: _LEAVERS,
    Fact.ADMITS: {"yes": N_("yes"), "no": N_("no")},
    Fact.FALLBACK: _FALLBACKS,
    Fact.SECOND: {
        BY_MAIL: N_("a code by mail, for a day after a failure that we saw"),
        NONE: N_("none: they wait until it works again"),
        LETTER: N_("the link in the same letter"),
    },
    Fact.RETENTION: {
        "erased": N_("what is known of a person until they are erased; awards stay without their name"),
        "log": N_("log of a directory, in days: %(n)s"),
        "links": N_("links of letters that were used, in days: %(n)s"),
    },
    Fact.CRM_KEY: _NONE_YET,
    Fact.TEST_ACCOUNTS: _NONE_YET,
    Fact.LIMITS: {
        "letters": N_("letters with a code to one mailbox in %(m)s minutes: %(n)s"),
        "letters_a_day": N_("letters with a code to one mailbox a day: %(n)s"),
        "wrong_codes": N_("wrong codes for one mailbox a day: %(n)s"),
        "removals": N_("taken away by a directory within an hour: up to %(n)s %% of its people, and %(m)s in any case"),
    },
    Fact.CUTOVER: {
        "told": N_("both sides told their addresses"),
        "tried": N_("a try that passed, signing nobody in"),
        "opened": N_("opened by their IT or their admin; it counts from the next sign-in"),
    },
    Fact.ROLLBACK: {
        "closed": N_("close the connection: codes by mail open at once (gangway connection state off)"),
        "kept": N_("accounts, and what was learned, stay as they are"),
    },
}


def worded(facts: Iterable[Said]) -> tuple[Said, ...]:
    """Facts with the words in which they are said: first what the fact is called, then each value that has words."""
    return tuple(Said(one.of, one.fact, one.values, _words(one)) for one in facts)


def _words(said: Said) -> tuple[str, ...]:
    known = VALUES.get(said.fact)
    values = () if known is None else (known.get(value.split(":")[0], value) for value in said.values)
    return (LABELS[said.fact], *values)
