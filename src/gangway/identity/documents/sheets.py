"""The connection sheet in the reader's words: one paper for page, PDF and Markdown, and what moved since.

The words of the facts are those of a type's spec too (documents/specs.py).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from gangway.identity.queries.sheets import BY_MAIL, BY_PORTAL, SheetPage
from gangway.identity.queries.specs import LETTER, NONE
from gangway.identity.rules.sheets import WHOLE, Change, Drift, Fact, Said, Standing
from gangway.kernel.language import language_name
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people.queries import manager_of
from gangway.ui import words
from gangway.ui.papers import Block, Line, Paper, pair

LABELS = {
    Fact.PARTNER: _("Partner"),
    Fact.TYPE: _("Type"),
    Fact.TIER: _("Tier"),
    Fact.LANGUAGE: _("Language"),
    Fact.ZONE: _("Time zone"),
    Fact.ADDRESS: _("Portal"),
    Fact.TIERS: _("Tiers (partners / people)"),
    Fact.LANGUAGES: _("Languages"),
    Fact.BRAND: _("Brand"),
    Fact.HOSTS: _("Own host names"),
    Fact.NOW: _("First way in today"),
    Fact.PRIMARY: _("First way in, as agreed"),
    Fact.SECOND: _("Second way in"),
    Fact.RETENTION: _("Kept"),
    Fact.CRM_KEY: _("Key in the CRM"),
    Fact.LEAVERS_NOW: _("Leavers, until the directory is open"),
    Fact.LIMITS: _("Limits"),
    Fact.TEST_ACCOUNTS: _("Test accounts"),
    Fact.CUTOVER: _("Cutover"),
    Fact.ROLLBACK: _("Way back"),
    Fact.USED_BY: _("Partners that use it"),
    Fact.PROVIDERS: _("Providers, by partner"),
    Fact.LED: _("Domains led to it, by partner"),
    Fact.DATA: _("Data that flows"),
    Fact.SEEN_BY_PARENT: _("What a parent partner sees"),
    Fact.LEAVERS: _("Leavers"),
    Fact.DOMAINS: _("Proven mail domains"),
    Fact.SESSION_HOURS: _("Signed in for, in hours"),
    Fact.KIND: _("Kind"),
    Fact.NAME: _("Called"),
    Fact.STATE: _("State"),
    Fact.ADDRESSES: _("Our addresses"),
    Fact.PROVIDER: _("Provider"),
    Fact.CLIENT_ID: _("Client ID"),
    Fact.SIGN_ON: _("Their sign-on address"),
    Fact.METADATA: _("Their metadata"),
    Fact.SCOPES: _("Scopes"),
    Fact.MUST_SAY: _("Must be said"),
    Fact.SUBJECT: _("Stable id"),
    Fact.CLAIMS: _("Our field and their claim"),
    Fact.JOIN: _("Joined to directory"),
    Fact.ROUTED: _("Domains led to it"),
    Fact.ADMITS: _("Lets in whom nobody knows yet"),
    Fact.FALLBACK: _("Code by mail beside it"),
    Fact.GROUPS: _("Their group and what it is here"),
    Fact.HEAD_COUNT: _("Head count"),
    Fact.CERTIFICATES: _("Certificates (SHA-256, until)"),
    Fact.SECRET_ENDS: _("Client secret runs out"),
    Fact.TOKENS_END: _("Tokens run out"),
}
TECHNICAL = frozenset(
    {
        Fact.ADDRESS, Fact.ZONE, Fact.DOMAINS, Fact.ADDRESSES, Fact.PROVIDER, Fact.CLIENT_ID, Fact.SIGN_ON,
        Fact.METADATA, Fact.SCOPES, Fact.MUST_SAY, Fact.SUBJECT, Fact.CLAIMS, Fact.JOIN, Fact.ROUTED, Fact.GROUPS,
        Fact.CERTIFICATES, Fact.SECRET_ENDS, Fact.TOKENS_END, Fact.HOSTS, Fact.PROVIDERS, Fact.LED,
    }
)  # fmt: skip
APART = frozenset({Fact.RETENTION, Fact.LIMITS, Fact.CUTOVER, Fact.ROLLBACK})  # clauses
PAIRED = frozenset({Fact.CLAIMS, Fact.JOIN, Fact.GROUPS})  # theirs becomes ours
_KINDS = {
    "scim": _("Directory (SCIM)"),
    "saml": _("Sign-in (SAML)"),
    "oidc": _("Sign-in (OpenID Connect)"),
    BY_MAIL: _("a code sent to their mailbox"),
}
_LEAVERS = {
    "directory": _("shut out with the answer to their directory; what they learned stays"),
    "hand": _("shut out when an admin takes them away; what they learned stays"),
}
_FALLBACKS = {
    "on_failure": _("for a day after a failure that we saw"),
    "open": _("always"),
    "never": _("never"),
}
_NONE_YET = {NONE: _("none yet")}
_WAYS = _KINDS | {"company": _("their company's own sign-in"), BY_PORTAL: _("our sign-in for partners")}
VALUES: dict[Fact, dict[str, str]] = {
    Fact.NOW: _WAYS,
    Fact.PRIMARY: _WAYS,
    Fact.KIND: _KINDS,
    Fact.STATE: {"draft": _("being set up"), "active": _("opened")},
    Fact.DATA: {"name": _("name"), "email": _("work mail address"), "locale": _("language"), "groups": _("groups")},
    Fact.SEEN_BY_PARENT: {"none": _("nothing"), "figures": _("figures, no names"), "people": _("people by name")},
    Fact.LEAVERS_NOW: _LEAVERS,
    Fact.LEAVERS: _LEAVERS,
    Fact.ADMITS: {"yes": _("yes"), "no": _("no")},
    Fact.FALLBACK: _FALLBACKS,
    Fact.SECOND: {
        BY_MAIL: _("a code by mail, for a day after a failure that we saw"),
        NONE: _("none: they wait until it works again"),
        LETTER: _("the link in the same letter"),
    },
    Fact.RETENTION: {
        "erased": _("what is known of a person until they are erased; awards stay without their name"),
        "log": _("log of a directory, in days: %(n)s"),
        "links": _("links of letters that were used, in days: %(n)s"),
    },
    Fact.CRM_KEY: _NONE_YET,
    Fact.TEST_ACCOUNTS: _NONE_YET,
    Fact.LIMITS: {
        "letters": _("letters with a code to one mailbox in %(m)s minutes: %(n)s"),
        "letters_a_day": _("letters with a code to one mailbox a day: %(n)s"),
        "wrong_codes": _("wrong codes for one mailbox a day: %(n)s"),
        "removals": _("taken away by a directory within an hour: up to %(n)s %% of its people, and %(m)s in any case"),
    },
    Fact.CUTOVER: {
        "told": _("both sides told their addresses"),
        "tried": _("a try that passed, signing nobody in"),
        "opened": _("opened by their IT or their admin; it counts from the next sign-in"),
    },
    Fact.ROLLBACK: {
        "closed": _("close the connection: codes by mail open at once (gangway connection state off)"),
        "kept": _("accounts, and what was learned, stay as they are"),
    },
}


def shown(fact: Fact, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a fact in the reader's words."""
    if fact in (Fact.LANGUAGE, Fact.LANGUAGES):
        return tuple(language_name(value) for value in values)
    return tuple(_in_words(VALUES.get(fact, {}), value) for value in values)


def _in_words(known: dict[str, str], value: str) -> str:
    """A value that is a key, or a key with figures behind colons, by its words; any other as it stands."""
    key, *figures = value.split(":")
    if key not in known:
        return value
    return gettext(known[key]) % dict(zip("nm", figures, strict=False)) if figures else gettext(known[key])


def line(said: Said) -> Line:
    """A fact as a paper shows it."""
    words = shown(said.fact, said.values)
    fact = said.fact
    return Line(gettext(LABELS[fact]), words, fact in TECHNICAL, fact in PAIRED, fact in APART)


def sentence(page: SheetPage) -> str:
    """Whether it is signed, and whether that still holds."""
    if page.signed is None:
        return gettext("Nobody has signed this sheet yet.")
    return signed_words(page.signed.signer, page.signed.at, page.standing, page.moved)


def signed_words(signer: str, at: datetime, standing: Standing, moved: tuple[Change, ...]) -> str:
    """Who signed, and whether that still holds."""
    by = {"name": signer, "day": words.day(at).striptags()}
    material = sum(1 for one in moved if one.drift is Drift.MATERIAL)
    match standing:
        case Standing.OPEN:
            told = ngettext(
                "%(name)s signed it on %(day)s; since then %(n)s thing changed that has to be signed again.",
                "%(name)s signed it on %(day)s; since then %(n)s things changed that have to be signed again.",
                material,
            )
            return told % {**by, "n": material}
        case Standing.TOLD:
            told = ngettext(
                "%(name)s signed it on %(day)s; since then %(n)s thing changed that needs no new signature.",
                "%(name)s signed it on %(day)s; since then %(n)s things changed that need no new signature.",
                len(moved),
            )
            return told % {**by, "n": len(moved)}
        case _:
            return gettext("%(name)s signed it on %(day)s; nothing has changed since.") % by


_LIGHTS = {
    Standing.UNSIGNED: ("unproven", _("not signed")),
    Standing.HOLDS: ("proven", _("signed")),
    Standing.TOLD: ("proven", _("signed")),
    Standing.OPEN: ("decayed", _("to be signed again")),
}


def light(standing: Standing) -> tuple[str, str]:
    """How it stands, as a chip shows it."""
    state, name = _LIGHTS[standing]
    return state, gettext(name)


def paper(page: SheetPage, now: datetime) -> Paper:
    """The sheet of now, in the scope of its partner. Contacts are shown, and are no part of what is signed."""
    live, contacts = page.live, _contacts()
    names = {one.of: one.values[0] for one in live.facts if one.fact is Fact.NAME}
    partner = next(one.values[0] for one in live.of(WHOLE) if one.fact is Fact.PARTNER)
    of_partner = tuple(line(one) for one in live.of(WHOLE) if one.fact is not Fact.PARTNER)
    blocks = [Block(gettext("The partner"), of_partner)]
    for key in live.connections:
        lines = tuple(line(one) for one in live.of(key) if one.fact is not Fact.NAME)
        blocks.append(Block(f"{names[key]} ({key})", lines))
    if contacts:
        blocks.append(Block(gettext("Contacts"), tuple(Line(whose, (who,)) for whose, who in contacts)))
    foot = gettext("As configured %(moment)s. SHA-256 of what is signed: %(digest)s") % {
        "moment": words.moment(now).striptags(),
        "digest": live.digest,
    }
    return Paper(gettext("Connection sheet of %(partner)s") % {"partner": partner}, sentence(page), tuple(blocks), foot)


def _contacts() -> list[tuple[str, str]]:
    """Whom to ask on both sides."""
    partner_id = scopes.writer()
    main = next((one for one in partners.contacts(partner_id) if one.main), None)
    manager = manager_of(partner_id)
    pairs = [
        (gettext("At the partner"), f"{main.name} {main.email}".strip() if main else ""),
        (gettext("At the vendor"), f"{manager.name} {manager.email}".strip() if manager else ""),
    ]
    return [pair for pair in pairs if pair[1]]


@dataclass(frozen=True, slots=True)
class Moved:
    """A change as the page shows it."""

    drift: Drift
    where: str
    label: str
    was: str
    now: str
    technical: bool


def moved(page: SheetPage) -> list[Moved]:
    """What moved since the signature, what breaks the agreement first."""
    sheets = [page.live, *([page.signed.sheet] if page.signed else [])]
    names = {one.of: one.values[0] for sheet in reversed(sheets) for one in sheet.facts if one.fact is Fact.NAME}
    return in_words(page.moved, names | {WHOLE: gettext("The partner")})


def in_words(moved: tuple[Change, ...], names: dict[str, str]) -> list[Moved]:
    """Changes, what breaks the agreement first. `names`: what a fact is of → its name."""
    found = [_moved(one, names) for one in moved]
    return sorted(found, key=lambda one: one.drift is Drift.ROUTINE)


def _moved(change: Change, names: dict[str, str]) -> Moved:
    return Moved(
        drift=change.drift,
        where=names.get(change.of, change.of),
        label=gettext(LABELS[change.fact]),
        was=together(change.fact, change.was),
        now=together(change.fact, change.now),
        technical=change.fact in TECHNICAL - PAIRED,
    )


def together(fact: Fact, values: tuple[str, ...]) -> str:
    """All the values of a fact in one line."""
    told = [pair(one).text for one in values] if fact in PAIRED else list(shown(fact, values))
    return ", ".join(told) if fact in TECHNICAL else words.listing(told)
