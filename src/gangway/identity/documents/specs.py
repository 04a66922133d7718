"""A partner type's tech spec in the reader's words: one paper for page, PDF and Markdown, what moved, who departs."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext

from gangway.identity.documents import sheets
from gangway.identity.documents.sheets import Moved
from gangway.identity.queries.specs import OfType, SpecPage
from gangway.identity.rules.sheet_words import LABELS, VALUES
from gangway.identity.rules.sheets import WHOLE, Fact, Sheet
from gangway.kernel.refusal import NotFound
from gangway.ui import words
from gangway.ui.papers import Block, Line, Paper

MOST_LINES = 12
MOST_PARTNERS = 200


def sentence(page: SpecPage) -> str:
    """Whether it is signed and still holds, and how many partners depart from it."""
    signed = gettext("Nobody has signed this spec yet.")
    if page.signed is not None:
        who = page.signed.signer or gettext("Somebody who is no longer here")
        signed = sheets.signed_words(who, page.signed.at, page.standing, page.moved)
    if not page.partners:
        return f"{signed} {gettext('No partner is of this type yet.')}"
    told = {"n": len(page.departing), "all": len(page.partners)}
    return f"{signed} {gettext('Partners that depart from it: %(n)s of %(all)s.') % told}"


def departs(one: OfType) -> str:
    """What a partner does otherwise, by the names of the facts."""
    return words.listing(list(dict.fromkeys(gettext(LABELS[fact.fact]) for fact in one.departs)))


def paper(page: SpecPage, now: datetime) -> Paper:
    """The spec of now. Departures and contacts are shown, and are no part of what is signed."""
    blocks = list(_blocks(page.live))
    if page.departing:
        departing = tuple(Line(one.name, (departs(one),)) for one in page.departing[:MOST_LINES])
        more = len(page.departing) - MOST_LINES
        rest = (Line(gettext("and more"), (str(more),)),) if more > 0 else ()
        blocks.append(Block(gettext("Departs from this spec"), departing + rest))
    if page.contacts:
        blocks.append(Block(gettext("Contacts"), _contacts(page)))
    return Paper(_title(page.name), sentence(page), tuple(blocks), sheets.foot(page.live, now))


def signed_paper(page: SpecPage) -> Paper:
    """The spec as it was signed last, in the words it had then. NotFound: nobody signed it."""
    if page.signed is None:
        raise NotFound
    spec = page.signed.spec
    name = spec.values(WHOLE, Fact.TYPE)[0]
    return Paper(_title(name), sheets.signature(page.signed), _blocks(spec), sheets.signed_foot(page.signed))


def _title(name: str) -> str:
    return gettext("Tech spec: %(type)s") % {"type": name}


def _blocks(spec: Sheet) -> tuple[Block, ...]:
    lines = tuple(sheets.line(one) for one in spec.of(WHOLE) if one.fact is not Fact.TYPE)
    blocks = [Block(gettext("The type"), lines)]
    for kind in spec.connections:
        lines = tuple(sheets.line(one) for one in spec.of(kind) if one.fact is not Fact.KIND)
        blocks.append(Block(_kind(kind), lines))
    return tuple(blocks)


def _contacts(page: SpecPage) -> tuple[Line, ...]:
    vendor = tuple(who for partner, who in page.contacts if not partner)
    theirs = tuple(f"{partner}: {who}" for partner, who in page.contacts if partner)
    lines = (Line(gettext("At the vendor"), vendor), Line(gettext("At the partners"), theirs))
    return tuple(line for line in lines if line.values)


def _kind(kind: str) -> str:
    return gettext(VALUES[Fact.KIND][kind])


def moved(page: SpecPage) -> list[Moved]:
    """What moved since the signature, what breaks the agreement first."""
    of = {one.of for one in page.moved} - {WHOLE}
    return sheets.in_words(page.moved, {kind: _kind(kind) for kind in of} | {WHOLE: gettext("The type")})


@dataclass(frozen=True, slots=True)
class Departing:
    """A partner on the page: how its sheet stands, and what it does otherwise."""

    of: OfType
    light: tuple[str, str]
    facts: str


def of_type(page: SpecPage) -> list[Departing]:
    """The partners of the type, those that depart first."""
    rows = sorted(page.partners, key=lambda one: not one.departs)
    return [Departing(one, sheets.light(one.standing), departs(one)) for one in rows[:MOST_PARTNERS]]
