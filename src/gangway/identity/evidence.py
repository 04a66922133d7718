"""Criteria about getting in: real people of real partners, and what was signed about how they do."""

from datetime import timedelta

from django.urls import reverse

from gangway.identity import queries
from gangway.identity.events import AccessConfirmed, ConnectionChanged, PersonSignedIn, SheetSigned, SpecSigned
from gangway.identity.rules.proven import Way
from gangway.identity.rules.sheets import Standing
from gangway.kernel.evidence import Asking, Criterion, Finding
from gangway.kernel.said import N_, said, together
from gangway.partners import queries as partners
from gangway.partners.events import PartnerApplied, PartnerLaunched, PartnerStateChanged, TierChanged
from gangway.people import queries as people
from gangway.people.events import PersonMerged, PersonUnmerged, RoleGranted, RoleRevoked

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


NOBODY_BY = {
    Way.COMPANY: N_("Nobody came by their company's own sign-in yet: {names}."),
    Way.PORTAL: N_("Nobody came by your sign-in for partners yet: {names}."),
    Way.MAIL: N_("Nobody came by a code by mail yet: {names}."),
    Way.BESIDE: N_("Nobody came by the code that stands in for another sign-in in use yet: {names}."),
}
SHOWN = 5  # names in a sentence


def methods_proven(asking: Asking) -> Finding:
    """Of each partner type in use a real person came in by its first way, and by the code that stands in for it at a
    partner where the first is in use. Robots, shells and links of the operator do not count."""
    types = queries.ways_proven()
    ways = sum(len(one.ways) for one in types)
    missing = sum(len(one.missing) for one in types)
    late = {way: [one.name for one in types if way in one.missing] for way in Way}
    words = said("No active partner has a type yet.")
    if types:
        words = said(
            "Ways in that the partner types in use propose, and by which somebody came: {proven} of {n}.",
            proven=ways - missing,
            n=ways,
        )
    return Finding(
        holds=bool(types) and not missing,
        value=ways - missing,
        n=ways,
        words=together(words, *(said(NOBODY_BY[way], names=names[:SHOWN]) for way, names in late.items() if names)),
        breaks=said("It ends when another type comes into use, or a type proposes another way in."),
        link=reverse("identity:specs"),
    )


def no_duplicates(asking: Asking) -> Finding:
    """No mailbox, and no id in another system, is more than one account's at the same partner."""
    found = people.shared_by_accounts()
    words = said("There are no people at partners yet.")
    if found.people:
        words = said(
            "Mailboxes that two of {people} accounts share: {mailboxes}; numbers in other systems: {numbers}.",
            people=found.people,
            mailboxes=found.mailboxes,
            numbers=found.numbers,
        )
    where = said("It happened at {names}.", names=list(found.homes[:SHOWN])) if found.homes else ""
    return Finding(
        holds=bool(found.people) and not found.homes,
        value=found.mailboxes + found.numbers,
        n=found.people,
        words=together(words, where),
        breaks=said("It ends when two systems give one id to two accounts of a partner."),
        link=reverse("people:list"),
    )


def admins_signed_in(asking: Asking) -> Finding:
    """Every partner admin of an active partner who may come in has come in, and not on the operator's word."""
    found = queries.admins_came(asking.now)
    words = [said("There is no partner admin yet.")]
    if found.admins:
        words = [said("Partner admins who have signed in: {proven} of {n}.", proven=found.came, n=found.admins)]
    words += [said("Missing: {names}.", names=list(found.missing[:SHOWN]))] if found.missing else []
    words += [said("Partners without an admin: {n}.", n=found.without)] if found.without else []
    return Finding(
        holds=found.admins > 0 and not found.missing,
        value=found.came,
        n=found.admins,
        words=together(*words),
        breaks=said("It ends when somebody becomes a partner admin who has never signed in."),
        link=reverse("people:list"),
    )


def access_reviewed(asking: Asking) -> Finding:
    """An admin of every launched partner confirmed its access list within so many days."""
    since = asking.now - timedelta(days=asking.number("days", 100))
    rows = queries.lists_reviewed()
    late = [row for row in rows if row.confirmed_at is None or row.confirmed_at < since]
    words = [said("No partner is launched yet, so nobody was asked.")]
    if rows:
        proven = len(rows) - len(late)
        words = [said("Launched partners that confirmed who has access: {proven} of {n}.", proven=proven, n=len(rows))]
    words += [said("Missing: {names}.", names=[row.name for row in late[:SHOWN]])] if late else []
    unasked = sum(1 for row in late if not row.asked)
    asks = said("Not asked at the moment: {n}. A partner is asked once a quarter, if it has an admin.", n=unasked)
    words += [asks] if unasked else []
    return Finding(
        holds=bool(rows) and not late,
        value=len(rows) - len(late),
        n=len(rows),
        words=together(*words),
        newest_at=max((row.confirmed_at for row in rows if row.confirmed_at), default=None),
        breaks=said("It ends when a confirmation is older than that, or another partner is launched."),
        link=reverse("partners:list"),
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
    Criterion(
        key="identity.methods_proven",
        words="A real person of each partner type in use got in by its primary and its fallback method",
        query=methods_proven,
        depends_on=(PersonSignedIn.name, PartnerApplied.name, PartnerStateChanged.name),
    ),
    Criterion(
        key="identity.no_duplicates",
        words="No two accounts of a partner share a mailbox or an external id",
        query=no_duplicates,
        depends_on=(PersonMerged.name, PersonUnmerged.name),
    ),
    Criterion(
        key="identity.admins_signed_in",
        words="Every partner admin signed in at least once",
        query=admins_signed_in,
        depends_on=(
            PersonSignedIn.name,
            RoleGranted.name,
            RoleRevoked.name,
            PartnerApplied.name,
            PartnerStateChanged.name,
        ),
    ),
    Criterion(
        key="identity.access_reviewed",
        words="The access list was reviewed within {days} days",
        query=access_reviewed,
        depends_on=(AccessConfirmed.name, PartnerLaunched.name, PartnerStateChanged.name),
        defaults={"days": 100},
    ),
)
