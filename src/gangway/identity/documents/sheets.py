"""The connection sheet in the reader's words: one paper for page, PDF and Markdown, and what moved since.

The words of the facts are those of a type's spec too (documents/specs.py).
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _

from gangway.identity.queries.sheets import SheetPage, Signature
from gangway.identity.queries.specs import SpecSignature
from gangway.identity.rules.sheet_words import LABELS, VALUES
from gangway.identity.rules.sheets import WHOLE, Change, Drift, Fact, Said, Sheet, Standing
from gangway.kernel.language import language_name
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people.queries import manager_of
from gangway.ui import words
from gangway.ui.papers import Block, Line, Paper, pair

TECHNICAL = frozenset(
    {
        Fact.ADDRESS, Fact.ZONE, Fact.DOMAINS, Fact.ADDRESSES, Fact.PROVIDER, Fact.CLIENT_ID, Fact.SIGN_ON,
        Fact.METADATA, Fact.SCOPES, Fact.MUST_SAY, Fact.SUBJECT, Fact.CLAIMS, Fact.JOIN, Fact.ROUTED, Fact.GROUPS,
        Fact.CERTIFICATES, Fact.SECRET_ENDS, Fact.TOKENS_END, Fact.HOSTS, Fact.PROVIDERS, Fact.LED,
    }
)  # fmt: skip
APART = frozenset({Fact.RETENTION, Fact.LIMITS, Fact.CUTOVER, Fact.ROLLBACK})  # clauses
PAIRED = frozenset({Fact.CLAIMS, Fact.JOIN, Fact.GROUPS})  # theirs becomes ours


def shown(fact: Fact, values: tuple[str, ...], said: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The values of a fact in the reader's words; `said`: the English words of each, where others than today's."""
    if fact in (Fact.LANGUAGE, Fact.LANGUAGES):
        return tuple(language_name(value) for value in values)
    known = VALUES.get(fact, {})
    said = said or tuple(known.get(value.split(":")[0], value) for value in values)
    return tuple(
        value if words == value and value not in known else _in_words(value, words)  # the key “name” is its own word
        for value, words in zip(values, said, strict=True)
    )


def _in_words(value: str, words: str) -> str:
    """A value that is a key, or a key with figures behind colons, by its words."""
    figures = value.split(":")[1:]
    return gettext(words) % dict(zip("nm", figures, strict=False)) if figures else gettext(words)


def line(said: Said) -> Line:
    """A fact as a paper shows it, in the words that it came with."""
    fact, (label, *words) = said.fact, said.words or (LABELS[said.fact],)
    values = shown(fact, said.values, tuple(words))
    return Line(gettext(label), values, fact in TECHNICAL, fact in PAIRED, fact in APART)


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
    contacts = tuple(Line(whose, (who,)) for whose, who in _contacts())
    more = (Block(gettext("Contacts"), contacts),) if contacts else ()
    return Paper(_title(page.live), sentence(page), (*_blocks(page.live), *more), foot(page.live, now))


def signed_paper(page: SheetPage) -> Paper:
    """The sheet as it was signed last, in the words it had then. NotFound: nobody signed it."""
    if page.signed is None:
        raise NotFound
    sheet = page.signed.sheet
    return Paper(_title(sheet), signature(page.signed), _blocks(sheet), signed_foot(page.signed))


def _title(sheet: Sheet) -> str:
    return gettext("Connection sheet of %(partner)s") % {"partner": sheet.values(WHOLE, Fact.PARTNER)[0]}


def _blocks(sheet: Sheet) -> tuple[Block, ...]:
    lines = tuple(line(one) for one in sheet.of(WHOLE) if one.fact is not Fact.PARTNER)
    blocks = [Block(gettext("The partner"), lines)]
    for key in sheet.connections:
        lines = tuple(line(one) for one in sheet.of(key) if one.fact is not Fact.NAME)
        name, behind = sheet.values(key, Fact.NAME)[0], f" ({key})"
        blocks.append(Block(f"{name.removesuffix(behind)}{behind}", lines))
    return tuple(blocks)


def foot(sheet: Sheet, now: datetime) -> str:
    """What a paper is of, and what a signature of it confirms."""
    return gettext("As configured %(moment)s. SHA-256 of what is signed: %(digest)s") % {
        "moment": words.moment(now).striptags(),
        "digest": sheet.digest,
    }


def signature(signed: Signature | SpecSignature) -> str:
    """Who signed, when, and in which language they read it."""
    who = signed.signer or gettext("Somebody who is no longer here")
    told = {"name": who, "when": words.moment(signed.at).striptags()}
    if not signed.locale:
        return gettext("As %(name)s signed it on %(when)s.") % told
    told |= {"language": language_name(signed.locale)}
    return gettext("As %(name)s signed it on %(when)s, who read it in this language: %(language)s.") % told


def signed_foot(signed: Signature | SpecSignature) -> str:
    """By which hash it was signed."""
    return gettext("SHA-256 of what was signed: %(digest)s") % {"digest": signed.digest}


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
    """A change as the page shows it. `reworded`: the values are the same, and are said in other words."""

    drift: Drift
    where: str
    label: str
    was: str
    now: str
    technical: bool
    reworded: bool


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
    (label, *was), (_now, *now) = (words or (LABELS[change.fact],) for words in change.words)
    return Moved(
        drift=change.drift,
        where=names.get(change.of, change.of),
        label=gettext(LABELS[change.fact]),
        was=_called(change, label, together(change.fact, change.was, tuple(was))),
        now=_called(change, LABELS[change.fact], together(change.fact, change.now, tuple(now))),
        technical=change.fact in TECHNICAL - PAIRED,
        reworded=change.reworded,
    )


def _called(change: Change, label: str, told: str) -> str:
    """With what the fact is called, where it is called otherwise by now."""
    before, after = change.words
    return f"{gettext(label)}: {told}" if before[:1] != after[:1] else told


def together(fact: Fact, values: tuple[str, ...], said: tuple[str, ...] = ()) -> str:
    """All the values of a fact in one line; `said` as in shown."""
    told = [pair(one).text for one in values] if fact in PAIRED else list(shown(fact, values, said))
    return ", ".join(told) if fact in TECHNICAL else words.listing(told)
