"""The connection sheet in the reader's words: one paper for page, PDF and Markdown, and what moved since."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from gangway.identity.queries.sheets import BY_MAIL, SheetPage
from gangway.identity.rules.sheets import WHOLE, Change, Drift, Fact, Said, Standing
from gangway.kernel.language import language_name
from gangway.ui import words
from gangway.ui.papers import Block, Line, Paper

LABELS = {
    Fact.PARTNER: _("Partner"),
    Fact.TYPE: _("Type"),
    Fact.TIER: _("Tier"),
    Fact.LANGUAGE: _("Language"),
    Fact.ZONE: _("Time zone"),
    Fact.ADDRESS: _("Portal"),
    Fact.PRIMARY: _("First way in"),
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
    Fact.CLAIMS: _("Our field ← their claim"),
    Fact.JOIN: _("Joined to directory"),
    Fact.ROUTED: _("Domains led to it"),
    Fact.ADMITS: _("Lets in whom nobody knows yet"),
    Fact.FALLBACK: _("Code by mail beside it"),
    Fact.GROUPS: _("Their group → here"),
    Fact.HEAD_COUNT: _("Head count"),
    Fact.CERTIFICATES: _("Certificates (SHA-256, until)"),
    Fact.SECRET_ENDS: _("Client secret runs out"),
    Fact.TOKENS_END: _("Tokens run out"),
}
TECHNICAL = frozenset(
    {
        Fact.ADDRESS, Fact.ZONE, Fact.DOMAINS, Fact.ADDRESSES, Fact.PROVIDER, Fact.CLIENT_ID, Fact.SIGN_ON,
        Fact.METADATA, Fact.SCOPES, Fact.MUST_SAY, Fact.SUBJECT, Fact.CLAIMS, Fact.JOIN, Fact.ROUTED, Fact.GROUPS,
        Fact.CERTIFICATES, Fact.SECRET_ENDS, Fact.TOKENS_END,
    }
)  # fmt: skip
_KINDS = {
    "scim": _("Directory (SCIM)"),
    "saml": _("Sign-in (SAML)"),
    "oidc": _("Sign-in (OpenID Connect)"),
    BY_MAIL: _("a code sent to their mailbox"),
}
VALUES: dict[Fact, dict[str, str]] = {
    Fact.PRIMARY: _KINDS,
    Fact.KIND: _KINDS,
    Fact.STATE: {"draft": _("being set up"), "active": _("opened")},
    Fact.DATA: {"name": _("name"), "email": _("work mail address"), "locale": _("language"), "groups": _("groups")},
    Fact.SEEN_BY_PARENT: {"none": _("nothing"), "figures": _("figures, no names"), "people": _("people by name")},
    Fact.LEAVERS: {
        "directory": _("shut out with the answer to their directory; what they learned stays"),
        "hand": _("shut out when an admin takes them away; what they learned stays"),
    },
    Fact.ADMITS: {"yes": _("yes"), "no": _("no")},
    Fact.FALLBACK: {
        "on_failure": _("for a day after a failure that we saw"),
        "open": _("always"),
        "never": _("never"),
    },
}


def shown(fact: Fact, values: tuple[str, ...]) -> tuple[str, ...]:
    """The values of a fact in the reader's words."""
    if fact is Fact.LANGUAGE:
        return tuple(language_name(value) for value in values)
    known = VALUES.get(fact, {})
    return tuple(gettext(known[value]) if value in known else value for value in values)


def _line(said: Said) -> Line:
    return Line(gettext(LABELS[said.fact]), shown(said.fact, said.values), said.fact in TECHNICAL)


def sentence(page: SheetPage) -> str:
    """Whether it is signed, and whether that still holds."""
    if page.signed is None:
        return gettext("Nobody has signed this sheet yet.")
    by = {"name": page.signed.signer, "day": words.day(page.signed.at).striptags()}
    material = sum(1 for one in page.moved if one.drift is Drift.MATERIAL)
    match page.standing:
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
                len(page.moved),
            )
            return told % {**by, "n": len(page.moved)}
        case _:
            return gettext("%(name)s signed it on %(day)s; nothing has changed since.") % by


_LIGHTS = {
    Standing.UNSIGNED: ("unproven", _("not signed")),
    Standing.HOLDS: ("proven", _("signed")),
    Standing.TOLD: ("proven", _("signed")),
    Standing.OPEN: ("decayed", _("to be signed again")),
}


def light(page: SheetPage) -> tuple[str, str]:
    """How it stands, as a chip shows it."""
    state, name = _LIGHTS[page.standing]
    return state, gettext(name)


def paper(page: SheetPage, contacts: list[tuple[str, str]], now: datetime) -> Paper:
    """The sheet of now. `contacts`: (whose, name and address); they are shown, and are no part of what is signed."""
    live = page.live
    names = {one.of: one.values[0] for one in live.facts if one.fact is Fact.NAME}
    partner = next(one.values[0] for one in live.of(WHOLE) if one.fact is Fact.PARTNER)
    of_partner = tuple(_line(one) for one in live.of(WHOLE) if one.fact is not Fact.PARTNER)
    blocks = [Block(gettext("The partner"), of_partner)]
    for key in live.connections:
        lines = tuple(_line(one) for one in live.of(key) if one.fact is not Fact.NAME)
        blocks.append(Block(f"{names[key]} ({key})", lines))
    if contacts:
        blocks.append(Block(gettext("Contacts"), tuple(Line(whose, (who,)) for whose, who in contacts)))
    foot = gettext("As configured %(moment)s. SHA-256 of what is signed: %(digest)s") % {
        "moment": words.moment(now).striptags(),
        "digest": live.digest,
    }
    return Paper(gettext("Connection sheet of %(partner)s") % {"partner": partner}, sentence(page), tuple(blocks), foot)


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
    found = [_moved(page, one) for one in page.moved]
    return sorted(found, key=lambda one: one.drift is Drift.ROUTINE)


def _moved(page: SheetPage, change: Change) -> Moved:
    sheets = [page.live, *([page.signed.sheet] if page.signed else [])]
    names = {one.of: one.values[0] for sheet in reversed(sheets) for one in sheet.facts if one.fact is Fact.NAME}
    return Moved(
        drift=change.drift,
        where=names.get(change.of, change.of) if change.of != WHOLE else gettext("The partner"),
        label=gettext(LABELS[change.fact]),
        was=_together(change.fact, change.was),
        now=_together(change.fact, change.now),
        technical=change.fact in TECHNICAL,
    )


def _together(fact: Fact, values: tuple[str, ...]) -> str:
    told = shown(fact, values)
    return ", ".join(told) if fact in TECHNICAL else words.listing(list(told))
