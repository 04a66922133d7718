"""Criteria about partners: who is there, and whether type and tier are set."""

from django.urls import reverse

from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said, together
from gangway.partners import queries
from gangway.partners.events import PartnerApplied, PartnerRemoved, PartnerStateChanged, TierChanged
from gangway.partners.queries import PartnerRow
from gangway.partners.rules import Kind, State

CHANGES = (PartnerApplied.name, PartnerRemoved.name, PartnerStateChanged.name, TierChanged.name)


def _active() -> list[PartnerRow]:
    rows = queries.list_partners()
    return [row for row in rows if row.kind == Kind.PARTNER and row.state == State.ACTIVE]


def in_place(asking: Asking) -> Finding:
    """Active partners, without the host and shells."""
    count, minimum = len(_active()), asking.number("minimum", 1)
    return Finding(
        holds=count >= minimum,
        value=count,
        n=count,
        words=said("Partners set up and active: {n}; wanted: at least {minimum}.", n=count, minimum=minimum),
        breaks=said("It ends when fewer than {minimum} partners are active.", minimum=minimum),
        link=reverse("partners:list"),
    )


def types_set(asking: Asking) -> Finding:
    """Every active partner has a type and a tier."""
    rows = _active()
    whole = [row for row in rows if row.type and row.tier]
    missing = [row.name for row in rows if not (row.type and row.tier)]
    words = said("{n} of {m} partners have a type and a tier.", n=len(whole), m=len(rows))
    return Finding(
        holds=not missing and len(rows) >= asking.number("minimum", 1),
        value=len(whole),
        n=len(rows),
        words=together(words, said("Missing: {names}.", names=missing[:5])) if missing else words,
        breaks=said("It ends when a partner without a type or a tier is added."),
        link=reverse("partners:list"),
    )


def spread(asking: Asking) -> Finding:
    """Enough partners over enough tiers to try things out with."""
    rows = [row for row in _active() if row.tier]
    tiers = len({row.tier for row in rows})
    partners, wanted = asking.number("partners", 5), asking.number("tiers", 2)
    return Finding(
        holds=len(rows) >= partners and tiers >= wanted,
        value=len(rows),
        n=len(rows),
        words=said(
            "{n} active partners over {tiers} tiers; wanted are {partners} over {wanted}.",
            n=len(rows),
            tiers=tiers,
            partners=partners,
            wanted=wanted,
        ),
        breaks=said("It ends when partners leave or tiers change."),
        link=reverse("partners:list"),
    )


CRITERIA = (
    Criterion(
        key="partners.in_place",
        words="At least {minimum} partners are set up and active",
        query=in_place,
        depends_on=CHANGES,
        defaults={"minimum": 1},
    ),
    Criterion(
        key="partners.types_set",
        words="Every active partner has a type and a tier",
        query=types_set,
        depends_on=CHANGES,
    ),
    Criterion(
        key="partners.spread",
        words="At least {partners} active partners over at least {tiers} tiers",
        query=spread,
        depends_on=CHANGES,
        defaults={"partners": 5, "tiers": 2},
    ),
)
