"""The tech spec of each partner type: as the live configuration has it, as the vendor signed it, who departs from it.

A spec is about partners all over, so these reads open scope host themselves; their surfaces ask for the right.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from gangway.identity.models import SignedSpec
from gangway.identity.queries.sheets import Signature, addresses, last_signatures, live_sheets
from gangway.identity.rules import ASK_WINDOW, ASKS_PER_DAY, ASKS_PER_WINDOW, KEPT_FOR, WRONG_CODES_PER_DAY, sheets
from gangway.identity.rules.connections import ConnectionKind
from gangway.identity.rules.scim import FREE_REMOVALS, LOG_LIFE, REMOVAL_SHARE
from gangway.identity.rules.sheet_words import BY_MAIL, LETTER, NONE, worded
from gangway.identity.rules.sheets import WHOLE, About, Change, Fact, Said, Sheet, Standing
from gangway.identity.rules.specs import Departure, departures, kinds, templated
from gangway.kernel.access import PROGRAMME_LEAD
from gangway.kernel.refusal import NotFound
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.people import queries as people

ROUTE = "{connection}"  # in an address, where the name of a connection stands
SHELL, PARTNER = "shell", "partner"


@dataclass(frozen=True, slots=True)
class SpecSignature:
    """Which version the vendor signed, who for it, read in which language ("": not kept), and when. `signer`: the name
    they have now."""

    spec: Sheet
    text: str
    digest: str
    signer: str
    at: datetime
    locale: str = ""


@dataclass(frozen=True, slots=True)
class OfType:
    """A partner of the type: how its own sheet stands, and where it departs from the spec."""

    id: UUID
    slug: str
    name: str
    standing: Standing
    departs: tuple[Departure, ...]


@dataclass(frozen=True, slots=True)
class SpecPage:
    """The spec of now, the last signature, what moved between them, and the partners it is the template for.

    `contacts`: (name of the partner, "" for the vendor; name and address of whom to ask there): their main contact, our
    main contact and programme leads.
    """

    key: str
    name: str
    live: Sheet
    signed: SpecSignature | None
    moved: tuple[Change, ...]
    standing: Standing
    partners: tuple[OfType, ...]
    contacts: tuple[tuple[str, str], ...]

    @property
    def departing(self) -> tuple[OfType, ...]:
        return tuple(one for one in self.partners if one.departs)


def spec_page(key: str, now: datetime) -> SpecPage:
    """Everything about the spec of a type; NotFound where there is no such type."""
    found = spec_pages(now, key)
    if not found:
        raise NotFound
    return found[0]


def live_spec(key: str, now: datetime) -> Sheet:
    """What the configuration of this moment says of a type; NotFound."""
    return spec_page(key, now).live


def spec_pages(now: datetime, key: str | None = None) -> tuple[SpecPage, ...]:
    """Of every type by name, or of one. As many statements for one type as for all."""
    with scopes.host():
        types = [one for one in partners.types_in_use() if key in (None, one.key)]
        if not types:
            return ()
        found = _Found.read(now, [one.key for one in types])
    return tuple(_page(one, found) for one in types)


@dataclass(frozen=True, slots=True)
class _Found:
    """What specs are made of: partners with their sheets, signatures and people; and what is the vendor's."""

    partners: tuple[partners.PartnerRow, ...]
    sheets: dict[UUID, Sheet]
    signed_sheets: dict[UUID, Signature]
    signed: dict[str, SpecSignature]
    people: dict[UUID, int]
    contacts: dict[UUID, str]
    ours: tuple[str, ...]
    brand: tuple[str, ...]

    @classmethod
    def read(cls, now: datetime, keys: list[str]) -> "_Found":
        rows, vendor = partners.typed_partners(keys), partners.host_id()
        ids = [row.id for row in rows]
        brand = partners.brand_for()
        counts = people.people_counts(ids)
        mains = partners.main_contacts([vendor, *ids])
        mine = [_who(mains[vendor])] if vendor in mains else []
        return cls(
            partners=rows,
            sheets=live_sheets(rows, now),
            signed_sheets=last_signatures(ids),
            signed=_signatures(vendor, keys),
            people={one: count.invited + count.active + count.suspended for one, count in counts.items()},
            contacts={one: _who(row) for one, row in mains.items() if one != vendor},
            ours=tuple(dict.fromkeys([*mine, *map(_who, people.holders(PROGRAMME_LEAD, now))])),
            brand=(f"{brand.name} {brand.accent}",) if brand else (),
        )


def _who(row: partners.ContactRow | people.GrantRow) -> str:
    return f"{row.name} {row.email or ''}".strip()


def _signatures(vendor: UUID, keys: list[str]) -> dict[str, SpecSignature]:
    rows = SignedSpec.objects.filter(partner=vendor, type_key__in=keys)
    last = {row.type_key: row for row in rows.order_by("at", "id")}
    names = people.names(row.signed_by for row in last.values())
    return {key: _signature(row, names.get(row.signed_by, "")) for key, row in last.items()}


def _signature(row: SignedSpec, signer: str) -> SpecSignature:
    return SpecSignature(sheets.read(row.text), row.text, row.digest, signer, row.at, row.locale)


def _page(word: partners.WordRow, found: _Found) -> SpecPage:
    key, name = word.key, word.name
    of_type = [row for row in found.partners if row.type == key]
    real = [row for row in of_type if row.kind == PARTNER]
    live = Sheet(key, worded(one for one in _facts(word, of_type, real, found) if one.values), About.TYPE)
    signed = found.signed.get(key)
    moved = sheets.changes(signed.spec, live) if signed else ()
    template = signed.spec if signed else live
    theirs = ((row.name, found.contacts[row.id]) for row in real if row.id in found.contacts)
    return SpecPage(
        key=key,
        name=name,
        live=live,
        signed=signed,
        moved=moved,
        standing=sheets.standing(signed.spec if signed else None, moved),
        partners=tuple(sorted((_of_type(row, template, found) for row in real), key=lambda one: one.name)),
        contacts=(*(("", who) for who in found.ours), *theirs),
    )


def _of_type(row: partners.PartnerRow, template: Sheet, found: _Found) -> OfType:
    live, last = found.sheets[row.id], found.signed_sheets.get(row.id)
    moved = sheets.changes(last.sheet, live) if last else ()
    stands = sheets.standing(last.sheet if last else None, moved)
    return OfType(row.id, row.slug, row.name, stands, departures(template, live))


# ---------------------------------------------------------------- the facts


def _facts(
    word: partners.WordRow, of_type: Sequence[partners.PartnerRow], real: Sequence[partners.PartnerRow], found: _Found
) -> Iterator[Said]:
    """In the order of the facts, first of the type, then of each kind of connection."""
    own = [found.sheets[row.id] for row in real]
    common = {(one.of, one.fact): one.values for one in templated(own)}
    whole = {fact: values for (of, fact), values in common.items() if of == WHOLE}
    second = LETTER if word.primary == BY_MAIL else word.fallback
    whole |= {Fact.TYPE: (word.name,), Fact.PRIMARY: (word.primary,), Fact.SECOND: (second,)}
    whole |= _of_vendor(found.brand) | _of_partners(of_type, real, found)
    yield from (Said(WHOLE, fact, whole[fact]) for fact in Fact if fact in whole)
    for kind in kinds(own):
        said = {fact: values for (of, fact), values in common.items() if of == kind}
        said |= _of_kind(ConnectionKind(kind), [row for row in real], found)
        yield from (Said(kind, fact, said[fact]) for fact in Fact if fact in said)


def _of_vendor(brand: tuple[str, ...]) -> dict[Fact, tuple[str, ...]]:
    """What the installation itself says of every type."""
    removals = f"{REMOVAL_SHARE:.0%}".rstrip("%")
    return {
        Fact.BRAND: brand,
        Fact.ADDRESS: (settings.BASE_URL,),
        Fact.RETENTION: ("erased", f"log:{LOG_LIFE.days}", f"links:{KEPT_FOR.days}"),
        Fact.CRM_KEY: (NONE,),  # no CRM can be connected yet
        Fact.LIMITS: (
            f"letters:{ASKS_PER_WINDOW}:{int(ASK_WINDOW.total_seconds() // 60)}",
            f"letters_a_day:{ASKS_PER_DAY}",
            f"wrong_codes:{WRONG_CODES_PER_DAY}",
            f"removals:{removals}:{FREE_REMOVALS}",
        ),
        Fact.CUTOVER: ("told", "tried", "opened"),
        Fact.ROLLBACK: ("closed", "kept"),
    }


def _of_partners(
    of_type: Sequence[partners.PartnerRow], real: Sequence[partners.PartnerRow], found: _Found
) -> dict[Fact, tuple[str, ...]]:
    """What the partners of the type add up to."""
    tiers: dict[str, list[partners.PartnerRow]] = {}
    for row in real:
        tiers.setdefault(row.tier_name or "–", []).append(row)
    locales = Counter(row.locale for row in real)
    return {
        Fact.TIERS: tuple(
            f"{tier}: {len(rows)} / {sum(found.people.get(row.id, 0) for row in rows)}"
            for tier, rows in sorted(tiers.items())
        ),
        Fact.LANGUAGES: tuple(sorted(locales, key=lambda locale: (-locales[locale], locale))),
        Fact.HOSTS: tuple(sorted(row.host_name for row in real if row.host_name)),
        Fact.TEST_ACCOUNTS: tuple(sorted(row.name for row in of_type if row.kind == SHELL)) or (NONE,),
    }


# Said by each partner's sheet → as the spec lists it, with the partner's key before it.
_LISTED = {
    Fact.PROVIDER: Fact.PROVIDERS,
    Fact.CERTIFICATES: Fact.CERTIFICATES,
    Fact.SECRET_ENDS: Fact.SECRET_ENDS,
    Fact.TOKENS_END: Fact.TOKENS_END,
    Fact.ROUTED: Fact.LED,
}


def _of_kind(kind: ConnectionKind, real: Sequence[partners.PartnerRow], found: _Found) -> dict[Fact, tuple[str, ...]]:
    """What the partners with a connection of a kind add up to."""
    own = [(sheet, key) for row in real for sheet in (found.sheets[row.id],) for key in sheet.connections]
    of_kind = [(sheet, key) for sheet, key in own if sheet.values(key, Fact.KIND) == (kind.value,)]
    listed = {
        to: tuple(sorted(f"{sheet.key}: {value}" for sheet, key in of_kind for value in sheet.values(key, fact)))
        for fact, to in _LISTED.items()
    }
    return {
        Fact.KIND: (kind.value,),
        Fact.USED_BY: (f"{len({sheet.key for sheet, _ in of_kind})} / {len(real)}",),
        Fact.ADDRESSES: addresses(kind, ROUTE),
        **listed,
    }
