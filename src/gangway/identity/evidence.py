"""Criteria about getting in: real people of real partners, and what was signed about how they do."""

from django.urls import reverse

from gangway.identity import queries
from gangway.identity.events import ConnectionChanged, PersonSignedIn, SheetSigned, SpecSigned
from gangway.identity.rules.sheets import Standing
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import said
from gangway.partners import queries as partners
from gangway.partners.events import PartnerApplied, PartnerStateChanged, TierChanged

HELD = (Standing.HOLDS, Standing.TOLD)


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


def specs_signed(asking: Asking) -> Finding:
    """Types that partners have: the vendor signed the spec of each, and nothing that was agreed moved since."""
    used = [page for page in queries.spec_pages(asking.now) if page.partners]
    held = [page for page in used if page.standing in HELD]
    again = [page for page in used if page.standing is Standing.OPEN]
    return Finding(
        holds=bool(used) and len(held) == len(used),
        value=len(held),
        n=len(used),
        words=said(
            "Partner types in use whose signed spec matches what runs: {proven} of {n}; to be signed again: {missing}.",
            proven=len(held),
            n=len(used),
            missing=len(again),
        ),
        breaks=said("It ends when what was agreed about a type changes, or a type without a signed spec is given."),
        link=reverse("identity:specs"),
    )


def sheets_signed(asking: Asking) -> Finding:
    """Partners whose own IT signed their sheet, with nothing moved since that was agreed. Whoever signed and has to
    sign again counts against it."""
    stands = queries.signed_sheets(asking.now)
    held = [one for one in stands.values() if one in HELD]
    again = len(stands) - len(held)
    wanted = asking.number("partners", 1)
    return Finding(
        holds=len(held) >= wanted and not again,
        value=len(held),
        n=len(stands),
        words=said(
            "Partners whose signed connection sheet matches what runs: {proven}; to be signed again: {missing}; "
            "wanted: {needed}.",
            proven=len(held),
            missing=again,
            needed=wanted,
        ),
        breaks=said("It ends when what a partner agreed to changes, until it signs again."),
        link=reverse("identity:specs"),
    )


SIGNED_AGAIN_AFTER = (ConnectionChanged.name, PartnerApplied.name, PartnerStateChanged.name)
CRITERIA = (
    Criterion(
        key="identity.partners_signed_in",
        words="At least {partners} partners in at least {tiers} tiers have a person who signed in",
        query=partners_signed_in,
        depends_on=(PersonSignedIn.name, PartnerApplied.name, PartnerStateChanged.name, TierChanged.name),
        defaults={"partners": 1, "tiers": 1},
    ),
    Criterion(
        key="identity.specs_signed",
        words="The tech spec of every partner type in use is signed by the vendor, and what runs still matches it",
        query=specs_signed,
        depends_on=(SpecSigned.name, *SIGNED_AGAIN_AFTER),
    ),
    Criterion(
        key="identity.sheets_signed",
        words="At least {partners} partners signed their connection sheet, and what runs still matches each one signed",
        query=sheets_signed,
        depends_on=(SheetSigned.name, *SIGNED_AGAIN_AFTER),
        defaults={"partners": 1},
    ),
)
