"""The tech spec of a partner type: what most of its partners do, and who departs from it. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gangway.identity.rules.sheets import WHOLE, Fact, Said, Sheet

# What a spec is the template of, in each partner's sheet: of the partner, and of its connections of a kind.
OF_PARTNER = (Fact.DATA, Fact.SEEN_BY_PARENT, Fact.LEAVERS)
OF_KIND = (Fact.SUBJECT, Fact.CLAIMS, Fact.ADMITS, Fact.FALLBACK)
# The first way in that a type proposes → what meets it in a sheet.
MEETS = {"company": {"oidc", "saml"}, "mail": {"mail"}, "portal": {"portal"}}


def meets(proposed: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a partner comes in as its type proposes."""
    wanted = {way for one in proposed for way in MEETS.get(one, {one})}
    return bool(theirs) and set(theirs) <= wanted


def usual(found: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """What most of them say; of several that as many say, the one that was said first. () where nobody says a thing."""
    counted = Counter(found).most_common(1)
    return counted[0][0] if counted else ()


def templated(sheets: Sequence[Sheet]) -> Iterator[Said]:
    """What the sheets of a type have in common: of the partner, then of each kind of connection. Facts of which no
    sheet speaks are left out."""
    for fact in OF_PARTNER:
        yield Said(WHOLE, fact, usual(values for one in sheets if (values := one.values(WHOLE, fact))))
    for kind in kinds(sheets):
        for fact in OF_KIND:
            yield Said(kind, fact, usual(values for one in sheets for values in _of_kind(one, kind, fact) if values))


def kinds(sheets: Iterable[Sheet]) -> tuple[str, ...]:
    """The kinds of connection that the sheets speak of, by name."""
    return tuple(sorted({_kind(one, key) for one in sheets for key in one.connections}))


def _kind(sheet: Sheet, key: str) -> str:
    return "".join(sheet.values(key, Fact.KIND))


def _of_kind(sheet: Sheet, kind: str, fact: Fact) -> Iterator[tuple[str, ...]]:
    return (sheet.values(key, fact) for key in sheet.connections if _kind(sheet, key) == kind)


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a partner's sheet says something else than its type's spec. `of`: WHOLE, or the kind of connection."""

    of: str
    fact: Fact
    spec: tuple[str, ...]
    theirs: tuple[str, ...]


def departures(spec: Sheet, sheet: Sheet) -> tuple[Departure, ...]:
    """What a partner does otherwise. A kind of connection of which the spec says nothing departs by being there."""
    proposed, first = spec.values(WHOLE, Fact.PRIMARY), sheet.values(WHOLE, Fact.PRIMARY)
    found = [] if meets(proposed, first) else [Departure(WHOLE, Fact.PRIMARY, proposed, first)]
    found += [Departure(WHOLE, fact, spec.values(WHOLE, fact), sheet.values(WHOLE, fact)) for fact in OF_PARTNER]
    for kind in kinds([sheet]):
        known = kind in spec.connections
        found += [
            Departure(kind, fact, spec.values(kind, fact), theirs)
            for fact in (OF_KIND if known else (Fact.KIND,))
            for theirs in dict.fromkeys(_of_kind(sheet, kind, fact))
        ]
    return tuple(one for one in found if one.theirs != one.spec)
