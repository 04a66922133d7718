"""Criteria about getting in: real people of real partners."""

from django.urls import reverse

from gangway.identity import queries
from gangway.identity.events import PersonSignedIn
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said
from gangway.partners import queries as partners
from gangway.partners.events import PartnerApplied, PartnerStateChanged, TierChanged


def partners_signed_in(asking: Asking) -> Finding:
    """Active partners with a first sign-in by a human who proved a mailbox; robots, host and shells do not count."""
    active = {row.id: row for row in partners.list_partners() if row.kind == "partner" and row.state == "active"}
    found = [first for first in queries.first_human_sign_ins() if first.partner_id in active]
    tiers = {active[first.partner_id].tier for first in found} - {None}
    wanted, wanted_tiers = asking.number("partners", 1), asking.number("tiers", 1)
    people = sum(first.people for first in found)
    return Finding(
        holds=len(found) >= wanted and len(tiers) >= wanted_tiers,
        value=len(found),
        n=people,
        words=said(
            "{people} people of {partners} partners in {tiers} tiers signed in; "
            "wanted are {wanted} partners in {wanted_tiers}.",
            people=people,
            partners=len(found),
            tiers=len(tiers),
            wanted=wanted,
            wanted_tiers=wanted_tiers,
        ),
        breaks=said("It ends when so many partners are suspended or closed that too few are left."),
        link=reverse("people:list"),
    )


CRITERIA = (
    Criterion(
        key="identity.partners_signed_in",
        words="At least {partners} partners in at least {tiers} tiers have a person who signed in",
        query=partners_signed_in,
        depends_on=(PersonSignedIn.name, PartnerApplied.name, PartnerStateChanged.name, TierChanged.name),
        defaults={"partners": 1, "tiers": 1},
    ),
)
