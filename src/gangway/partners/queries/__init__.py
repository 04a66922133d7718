"""Reads of partners: ids in, frozen rows out. They stay in the scope that is open, except the listed routing reads.

Routing reads (they open their own scope, before any other exists): find_partner, host_partner, partner_ids,
route_host_name, brand_for, partners_of_domain, may_serve.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gangway.kernel.lists import Column, Filter, ListSpec
from gangway.kernel.prepared import prepared
from gangway.kernel.refusal import NotFound, Refusal
from gangway.kernel.tenancy import scopes
from gangway.kernel.values import sort_key
from gangway.partners.models import Brand, Contact, HostName, Partner, PartnerTier, PartnerType, Tier
from gangway.partners.queries.brands import BrandRow, brand_for, route_host_name, vendor_and_brand
from gangway.partners.queries.contacts import ContactRow, contacts, main_contacts
from gangway.partners.queries.domains import DomainRow, domain_names, domain_proven, domains, partners_of_domain
from gangway.partners.queries.launched import launched_at as launched_at
from gangway.partners.queries.portfolio import (
    looked_after,
    looked_after_by,
    managers_in_use,
    portfolio_of,
    portfolio_rows,
    portfolios,
)
from gangway.partners.queries.runs import RunLine, RunRow, rows_of_run, run, run_line, runs, users_of
from gangway.partners.queries.shells import ShellDoors, shells
from gangway.partners.queries.tree import may_serve, partners_above
from gangway.partners.queries.vocabulary import (
    FALLBACK_WORDS,
    PRIMARY_WORDS,
    Ways,
    WordRow,
    offered,
    tiers,
    tiers_in_use,
    types,
    types_in_use,
    ways_of,
    ways_of_each,
)
from gangway.partners.rules import DEFAULT_ACCENT, Fallback, Kind, Primary, Register, State, fresh

__all__ = [
    "FALLBACK_WORDS",
    "JOINABLE",
    "PARTNER_LIST",
    "PRIMARY_WORDS",
    "STATE_WORDS",
    "BrandRow",
    "ContactRow",
    "DomainRow",
    "NotFound",
    "PartnerRow",
    "RunLine",
    "RunRow",
    "ShellDoors",
    "TierStep",
    "UnknownPartner",
    "Ways",
    "WordRow",
    "active_partners",
    "brand_for",
    "contacts",
    "domain_names",
    "domain_proven",
    "domains",
    "facts_of",
    "find_partner",
    "get_partner",
    "host_id",
    "host_partner",
    "list_partners",
    "looked_after",
    "looked_after_by",
    "main_contacts",
    "managers_in_use",
    "may_serve",
    "offered",
    "partner_by_id",
    "partner_ids",
    "partners_above",
    "partners_called",
    "partners_of_domain",
    "portfolio_of",
    "portfolio_rows",
    "portfolios",
    "register",
    "route_host_name",
    "rows_of_run",
    "run",
    "run_line",
    "runs",
    "session_hours",
    "shells",
    "tier_history",
    "tiers",
    "tiers_in_use",
    "typed_partners",
    "types",
    "types_in_use",
    "users_of",
    "vendor_and_brand",
    "ways_of",
    "ways_of_each",
]

# Columns that contexts above may join to in their own queries (house.md, data-model.md "Pages").
JOINABLE = frozenset(
    {"partners_partner.id", "kind", "slug", "name", "sort_key", "type_id", "tier_id", "zone", "state", "launched_at"}
)


@dataclass(frozen=True, slots=True)
class PartnerRow:
    """A partner. `type`, `tier` and `parent` are keys and slugs; `parent` is None where the scope does not reach it."""

    id: UUID
    kind: str
    slug: str
    name: str
    parent: str | None
    type: str | None
    type_name: str | None
    tier: str | None
    tier_name: str | None
    zone: str
    locale: str
    state: str
    parent_sees: str
    session_hours: int | None
    host_name: str | None
    created_at: datetime
    launched_at: datetime | None


@dataclass(frozen=True, slots=True)
class TierStep:
    """One line of the tier's history: from `since` on the partner held `tier`."""

    since: datetime
    was: str | None
    tier: str | None
    reason: str


class UnknownPartner(Refusal):
    """For operators and files, who name partners by slug; pages answer NotFound."""

    code = "partners.unknown"
    status = 404
    message = "There is no partner “{slug}”."
    next_step = "Look at the list of partners, or add it first: “Partners”, or `gangway partner apply`."


def _annotated() -> QuerySet[Any]:
    """Partners in scope with what a row says beside its own columns. Parent and host name are looked up in scope."""
    above: Any = Partner.objects.filter(pk=OuterRef("parent_id"))
    hosts = HostName.objects.filter(partner=OuterRef("pk")).order_by("id")
    annotated: QuerySet[Any] = Partner.objects.annotate(
        parent_slug=Subquery(above.values("slug")[:1]),
        type_key=F("type__key"),
        type_name=F("type__name"),
        tier_key=F("tier__key"),
        tier_name=F("tier__name"),
        host_name=Subquery(hosts.values("name")[:1]),
    )
    return annotated


def _row(partner: Any) -> PartnerRow:
    return PartnerRow(
        id=partner.id,
        kind=partner.kind,
        slug=partner.slug,
        name=partner.name,
        parent=partner.parent_slug,
        type=partner.type_key,
        type_name=partner.type_name,
        tier=partner.tier_key,
        tier_name=partner.tier_name,
        zone=partner.zone,
        locale=partner.locale,
        state=partner.state,
        parent_sees=partner.parent_sees,
        session_hours=partner.session_hours,
        host_name=partner.host_name,
        created_at=partner.created_at,
        launched_at=partner.launched_at,
    )


# Where a column of PartnerRow is called otherwise in the query.
_COLUMNS = {"parent": "parent_slug", "type": "type_key", "tier": "tier_key"}


def partner_by_id(partner_id: UUID) -> PartnerRow:
    """The partner of this id, if the scope reaches it; NotFound otherwise."""
    for row in _by_id(partner_id):
        return PartnerRow(*row)
    raise NotFound


@prepared
def _by_id(partner_id: UUID) -> Any:
    names = [_COLUMNS.get(one.name, one.name) for one in fields(PartnerRow)]
    return _annotated().filter(pk=partner_id).values_list(*names)


def get_partner(slug: str) -> PartnerRow:
    """The partner of this slug, if the scope reaches it; NotFound otherwise. Commands use find_partner."""
    found = _annotated().filter(slug=slug).first()
    if found is None:
        raise NotFound
    return _row(found)


def list_partners() -> tuple[PartnerRow, ...]:
    """Every partner the scope reaches, by name, the host among them."""
    return tuple(_row(partner) for partner in _annotated().order_by("sort_key", "id"))


def active_partners() -> QuerySet[Any]:
    """Active partners in scope, no host and no shell, as rows that contexts above narrow by JOINABLE columns."""
    rows: QuerySet[Any] = Partner.objects.filter(kind=Kind.PARTNER, state=State.ACTIVE)
    return rows


def typed_partners(type_keys: Iterable[str]) -> tuple[PartnerRow, ...]:
    """The partners of these types that the scope reaches and that are not closed, oldest first; shells too."""
    rows = _annotated().filter(type__key__in=list(type_keys)).exclude(state=State.CLOSED).exclude(kind=Kind.HOST)
    return tuple(_row(partner) for partner in rows.order_by("created_at", "id"))


def partners_called(begins: str, most: int) -> tuple[PartnerRow, ...]:
    """Partners the scope reaches whose name or key begins so, by name, the host among them; no more than `most`."""
    bare = begins.replace("\x00", "")
    rows = _annotated().filter(Q(sort_key__startswith=sort_key(bare)) | Q(slug__startswith=bare))
    return tuple(_row(partner) for partner in rows.order_by("sort_key", "id")[:most])


def find_partner(slug: str) -> PartnerRow:
    """Routing: the partner a command or a file names. UnknownPartner names the slug."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        found = _annotated().filter(slug=slug).first()
    if found is None:
        raise UnknownPartner(slug=slug)
    return _row(found)


def host_partner() -> PartnerRow | None:
    """Routing: the vendor itself, None before it is set up."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        found = _annotated().filter(kind=Kind.HOST).first()
    return _row(found) if found else None


def host_id() -> UUID:
    """Routing: the key of the vendor, who owns what the console makes; NotFound before there is one."""
    host = host_partner()
    if host is None:
        raise NotFound
    return host.id


def partner_ids(kinds: tuple[str, ...] = (Kind.PARTNER,)) -> tuple[UUID, ...]:
    """Routing: partners that are not closed, oldest first, for work that opens `scopes.one` for each in turn."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        rows = Partner.objects.filter(kind__in=kinds).exclude(state=State.CLOSED)
        return tuple(rows.order_by("id").values_list("pk", flat=True))


def session_hours(partner_id: UUID) -> int | None:
    """How many hours people of a partner stay signed in, if it says so; None: as usual."""
    return partner_by_id(partner_id).session_hours


def tier_history(partner_id: UUID) -> tuple[TierStep, ...]:
    """Every tier the partner held, latest first; the one it began with stands last, from the day it was made."""
    partner = Partner.objects.filter(pk=partner_id).select_related("tier").first()
    if partner is None:
        return ()
    rows = list(PartnerTier.objects.filter(partner=partner_id).select_related("was", "tier").order_by("-since", "-id"))
    steps = [TierStep(row.since, row.was and row.was.name, row.tier and row.tier.name, row.reason) for row in rows]
    first = rows[-1].was if rows else partner.tier
    return (*steps, TierStep(partner.created_at, None, first.name, "")) if first else tuple(steps)


def facts_of(partner_id: UUID) -> dict[str, str]:
    """What is true of one partner, by the columns of a partner file. Opens scope host: its parent has a name too."""
    with scopes.host():
        row = partner_by_id(partner_id)
        brand = Brand.objects.filter(partner=partner_id).first()
        return _facts(row, brand, Contact.objects.filter(partner=partner_id, main=True).first())


def register() -> Register:
    """Routing: everything a partner file is judged against, in seven statements."""
    with scopes.unscoped(scopes.Reason.ROUTING):
        brands = {row.partner_id: row for row in Brand.objects.all()}
        mains = {row.partner_id: row for row in Contact.objects.filter(main=True)}
        ranked = {key: (name, rank) for key, name, rank in offered(Tier).values_list("key", "name", "rank")}
        known = Register(tiers=ranked)
        for key, name, primary, fallback in offered(PartnerType).values_list("key", "name", "primary", "fallback"):
            known.types[key], known.ways[key] = name, (Primary(primary), Fallback(fallback))
        for row in map(_row, _annotated()):
            known.note(row.slug, _facts(row, brands.get(row.id), mains.get(row.id)))
            known.ids[row.slug] = row.id
    return known


def _facts(row: PartnerRow, brand: Any, contact: Any) -> dict[str, str]:
    return fresh(
        name=row.name,
        kind=row.kind,
        parent=row.parent or "",
        type=row.type or "",
        tier=row.tier or "",
        zone=row.zone,
        locale=row.locale,
        accent=brand.accent if brand else DEFAULT_ACCENT,
        display_name=brand.display_name if brand else "",
        session_hours=str(row.session_hours or ""),
        host=row.host_name or "",
        parent_sees=row.parent_sees,
        contact_name=contact.name if contact else "",
        contact_email=contact.email if contact else "",
    )


# Words are marked here and translated where they are shown.
STATE_WORDS: dict[str, str] = {
    State.ACTIVE.value: _("active"),
    State.SUSPENDED.value: _("suspended"),
    State.CLOSED.value: _("closed"),
}


def _cells(partner: Any) -> Mapping[str, Any]:
    return {
        "name": partner.name,
        "slug": partner.slug,
        "type": partner.type_name,
        "tier": partner.tier_name,
        "parent": partner.parent_slug,
        "state": gettext(STATE_WORDS[partner.state]),
        "host_name": partner.host_name,
        "href": reverse("partners:one", args=[partner.id]),
    }


PARTNER_LIST = ListSpec(
    key="partners",
    noun=(_("partner"), _("partners")),
    rows=lambda: _annotated().filter(kind=Kind.PARTNER),  # neither the vendor nor a shell
    columns=(
        Column("name", _("Name")),
        Column("slug", _("Key")),
        Column("type", _("Type")),
        Column("tier", _("Tier")),
        Column("parent", _("Parent")),
        Column("state", _("State"), "state"),
        Column("host_name", _("Host name")),
    ),
    cells=_cells,
    order=("sort_key", "id"),
    search=("sort_key", "slug"),
    fold=sort_key,
    filters=(
        Filter("type", _("Type"), types, lambda rows, value: rows.filter(type__key=value)),
        Filter("tier", _("Tier"), tiers, lambda rows, value: rows.filter(tier__key=value)),
        Filter("state", _("State"), tuple(STATE_WORDS.items()), lambda rows, value: rows.filter(state=value)),
    ),
)
