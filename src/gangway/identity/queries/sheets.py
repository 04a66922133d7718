"""The connection sheet of the open scope's partner: as the live configuration has it, and as it was last signed."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from gangway.identity.models import OidcSettings, SamlSettings, SignedSheet
from gangway.identity.queries.connections import ConnectionRow, connections, tokens_ending
from gangway.identity.queries.handover import vendor_portal
from gangway.identity.queries.reach import account_keys
from gangway.identity.rules import sheets as rules
from gangway.identity.rules.connections import USUAL_CLAIMS, ConnectionKind, ConnectionState, narrowed
from gangway.identity.rules.saml import service_provider
from gangway.identity.rules.sheet_words import BY_MAIL, BY_PORTAL, worded
from gangway.identity.rules.sheets import WHOLE, Change, Fact, Said, Sheet, Standing
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

DIRECTORY, BY_HAND = "directory", "hand"  # who takes leavers away
PERSISTENT = "NameID (persistent)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who confirmed which version, read in which language ("": not kept), when, and by which link."""

    sheet: Sheet
    text: str
    digest: str
    signer: str
    link_id: UUID
    at: datetime
    locale: str = ""


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The sheet of now, the last signature, and what moved between them."""

    live: Sheet
    signed: Signature | None
    moved: tuple[Change, ...]
    standing: Standing


def sheet_page(now: datetime) -> SheetPage:
    """Everything about the sheet of the open scope's partner."""
    live, signed = live_sheet(now), last_signature()
    moved = rules.changes(signed.sheet, live) if signed else ()
    return SheetPage(live, signed, moved, rules.standing(signed.sheet if signed else None, moved))


def signed_sheets(now: datetime) -> dict[UUID, Standing]:
    """How the sheet of each real partner stands that ever signed one, and is not closed. Opens scope host."""
    with scopes.host():
        signed = last_signatures()
        rows = [row for row in partners.list_partners() if row.id in signed and row.kind == "partner"]
        live = live_sheets([row for row in rows if row.state != "closed"], now)
    return {key: rules.standing(signed[key].sheet, rules.changes(signed[key].sheet, one)) for key, one in live.items()}


def last_signature() -> Signature | None:
    """The last one of the open scope's partner."""
    return last_signatures([scopes.writer()]).get(scopes.writer())


def last_signatures(partner_ids: Iterable[UUID] | None = None) -> dict[UUID, Signature]:
    """The last signature of each of these partners, or of all that the scope reaches. One statement."""
    rows = SignedSheet.objects.order_by("at", "id")
    if partner_ids is not None:
        rows = rows.filter(partner__in=list(partner_ids))
    last = {row.tenant_id: row for row in rows}
    return {
        key: Signature(rules.read(row.text), row.text, row.digest, row.signer, row.link_id, row.at, row.locale)
        for key, row in last.items()
    }


def live_sheet(now: datetime) -> Sheet:
    """What the configuration of this moment says; a connection that is off is not part of it."""
    partner = partners.partner_by_id(scopes.writer())
    return live_sheets([partner], now)[partner.id]


def live_sheets(of: Sequence[partners.PartnerRow], now: datetime) -> dict[UUID, Sheet]:
    """The same of many partners that the scope reaches. Nine statements, whatever their number; one
    more where another company's sign-in is among them."""
    told = _Told.read([partner.id for partner in of], now)
    found: dict[UUID, Sheet] = {}
    for partner in of:
        rows = told.connections.get(partner.id, ())
        facts = list(_of_partner(partner, rows, told))
        for row in rows:
            facts += _of_connection(row, rows, told)
        found[partner.id] = Sheet(partner.slug, worded(one for one in facts if one.values))
    return found


@dataclass(frozen=True, slots=True)
class _Told:
    """What the sheets of some partners are made of: by partner, and by connection. A secret is not even read."""

    connections: dict[UUID, tuple[ConnectionRow, ...]]
    domains: dict[UUID, tuple[str, ...]]
    ways: dict[UUID, partners.Ways]
    oidc: dict[UUID, dict[str, Any]]
    saml: dict[UUID, SamlSettings]
    tokens_end: dict[UUID, list[str]]
    account_keys: dict[UUID, list[str]]
    host: UUID | None
    portal: bool  # whether the vendor's portal hands people over

    @classmethod
    def read(cls, partner_ids: list[UUID], now: datetime) -> "_Told":
        rows = [row for row in connections(partner_ids) if row.state is not ConnectionState.OFF]
        by_partner: dict[UUID, tuple[ConnectionRow, ...]] = {}
        for row in rows:
            by_partner[row.partner_id] = (*by_partner.get(row.partner_id, ()), row)
        ids = [row.id for row in rows]
        columns = ("connection", "issuer", "client_id", "scopes", "must_say", "secret_expires_on")
        return cls(
            by_partner,
            partners.domain_names(partner_ids),
            partners.ways_of_each(partner_ids),
            {told["connection"]: told for told in OidcSettings.objects.filter(connection__in=ids).values(*columns)},
            {told.connection_id: told for told in SamlSettings.objects.filter(connection__in=ids)},
            tokens_ending(ids, now),
            account_keys([row.id for row in rows if row.owner is not None]),
            host.id if (host := partners.host_partner()) else None,
            (portal := vendor_portal()) is not None and portal.state is ConnectionState.ACTIVE,
        )


def _of_partner(partner: partners.PartnerRow, rows: tuple[ConnectionRow, ...], told: _Told) -> Iterator[Said]:
    opened = tuple(row for row in rows if row.state is ConnectionState.ACTIVE)
    leavers, leavers_now = _leavers(rows), _leavers(opened)
    groups = any(row.group_rules for row in rows)
    said: dict[Fact, tuple[str, ...]] = {
        Fact.PARTNER: (partner.name,),
        Fact.TYPE: (partner.type_name or "",),
        Fact.TIER: (partner.tier_name or "",),
        Fact.LANGUAGE: (partner.locale,),
        Fact.ZONE: (partner.zone,),
        Fact.ADDRESS: (settings.BASE_URL,),
        Fact.NOW: _ways_in(opened, partner.id, told),
        Fact.PRIMARY: _ways_in(rows, partner.id, told),
        Fact.DATA: ("name", "email", "locale", *(("groups",) if groups or leavers == DIRECTORY else ())),
        Fact.SEEN_BY_PARENT: (partner.parent_sees,),
        Fact.LEAVERS_NOW: (leavers_now,) if leavers_now != leavers else (),
        Fact.LEAVERS: (leavers,),
        Fact.DOMAINS: told.domains.get(partner.id, ()),
        Fact.SESSION_HOURS: (str(partner.session_hours),) if partner.session_hours else (),
    }
    for fact, values in said.items():
        yield Said(WHOLE, fact, tuple(value for value in values if value))


def _ways_in(rows: Sequence[ConnectionRow], partner_id: UUID, told: _Told) -> tuple[str, ...]:
    """By the company's own sign-in, the vendor's for partners, or, without any, a code; where the partner's type
    proposes the vendor's and its portal is open, people come in from there."""
    signing_in = [row for row in rows if row.kind.signs_in]
    if not signing_in and told.portal and told.ways[partner_id].primary == BY_PORTAL:
        return (BY_PORTAL,)
    ways = (BY_PORTAL if row.owner is not None and row.owner == told.host else row.kind.value for row in signing_in)
    return tuple(dict.fromkeys(ways)) or (BY_MAIL,)


def _leavers(rows: Sequence[ConnectionRow]) -> str:
    return DIRECTORY if any(not row.kind.signs_in for row in rows) else BY_HAND


def _of_connection(row: ConnectionRow, rows: tuple[ConnectionRow, ...], told: _Told) -> Iterator[Said]:
    said: dict[Fact, tuple[str, ...]] = {
        Fact.KIND: (row.kind.value,),
        Fact.NAME: (row.name,),
        Fact.STATE: (row.state.value,),
        Fact.HEAD_COUNT: (str(row.head_count),) if row.head_count else (),
        **(_of_owner(row, told) if row.owner is not None else _PROTOCOLS[row.kind](row, told)),
    }
    if row.kind.signs_in:
        joined = next((other.key for other in rows if other.id == row.joined_id), "")
        said |= {
            Fact.CLAIMS: tuple(f"{field} ← {row.claims.get(field) or usual[0]}" for field, usual in _fields()),
            Fact.JOIN: (f"{joined}: {row.join_attribute} ← {row.join_claim}",) if row.joined_id else (),
            Fact.ROUTED: tuple(sorted(row.domains)),
            Fact.ADMITS: ("yes" if row.admits else "no",),
            Fact.FALLBACK: (narrowed(row.fallback, proposed=told.ways[row.partner_id].by_mail).value,),
        }
    if row.group_rules:
        said[Fact.GROUPS] = tuple(sorted(_group(rule) for rule in row.group_rules))
    return (Said(row.key, fact, said[fact]) for fact in Fact if fact in said)


def _of_owner(row: ConnectionRow, told: _Told) -> dict[Fact, tuple[str, ...]]:
    """Another company's sign-in has no settings here: only the account keys by which it names this one."""
    return {Fact.PROVIDER: tuple(told.account_keys.get(row.id, ()))}


def _fields() -> list[tuple[str, tuple[str, ...]]]:
    return sorted(USUAL_CLAIMS.items())


def _group(rule: dict[str, Any]) -> str:
    means = [str(rule[part]) for part in ("into", "role") if rule.get(part)]
    return f"{rule.get('group', '')} → {', '.join(means)}"


def _oidc(row: ConnectionRow, told: _Told) -> dict[Fact, tuple[str, ...]]:
    said: dict[Fact, tuple[str, ...]] = {Fact.ADDRESSES: addresses(row.kind, row.route), Fact.SUBJECT: ("sub",)}
    provider = told.oidc.get(row.id)
    if provider is None:
        return said
    ends = provider["secret_expires_on"]
    return said | {
        Fact.PROVIDER: (without_secrets(provider["issuer"]),),
        Fact.CLIENT_ID: (provider["client_id"],),
        Fact.SCOPES: tuple(provider["scopes"].split()),
        Fact.MUST_SAY: tuple(f"{claim} = {value}" for claim, value in sorted(provider["must_say"].items())),
        Fact.SECRET_ENDS: (ends.isoformat(),) if ends else (),
    }


def _saml(row: ConnectionRow, told: _Told) -> dict[Fact, tuple[str, ...]]:
    said: dict[Fact, tuple[str, ...]] = {Fact.ADDRESSES: addresses(row.kind, row.route)}
    provider = told.saml.get(row.id)
    if provider is None:
        return said
    certificates = sorted(f"{one['fingerprint']} ({one['not_after'][:10]})" for one in provider.certificates)
    return said | {
        Fact.PROVIDER: (without_secrets(provider.entity_id),),
        Fact.SIGN_ON: (without_secrets(provider.sso_url),),
        Fact.METADATA: (without_secrets(provider.metadata_url),) if provider.metadata_url else (),
        Fact.SUBJECT: (provider.subject_attribute or PERSISTENT,),
        Fact.CERTIFICATES: tuple(certificates),
    }


def _scim(row: ConnectionRow, told: _Told) -> dict[Fact, tuple[str, ...]]:
    return {
        Fact.ADDRESSES: addresses(row.kind, row.route),
        Fact.SUBJECT: ("id", "externalId"),
        Fact.TOKENS_END: tuple(told.tokens_end.get(row.id, ())),
    }


def addresses(kind: ConnectionKind, route: str) -> tuple[str, ...]:
    """Ours, as the other side is told them: of OpenID back and out; of SAML entity id and where answers go."""
    base = settings.BASE_URL
    match kind:
        case ConnectionKind.OIDC:
            return (f"{base}/sso/{route}/callback", f"{base}/sso/{route}")
        case ConnectionKind.SAML:
            us = service_provider(base, route)
            return (us.entity_id, us.acs_url)
        case ConnectionKind.SCIM:
            return (f"{base}/scim/v2",)


_PROTOCOLS: dict[ConnectionKind, Callable[[ConnectionRow, _Told], dict[Fact, tuple[str, ...]]]] = {
    ConnectionKind.OIDC: _oidc,
    ConnectionKind.SAML: _saml,
    ConnectionKind.SCIM: _scim,
}


def without_secrets(address: str) -> str:
    """An address without what may be a secret in it: who calls, and what stands behind the question mark."""
    parts = urlsplit(address)
    if not parts.netloc or not (parts.username or parts.password or parts.query):
        return address
    host = parts.netloc.rsplit("@", 1)[-1]
    return f"{parts.scheme}://{host}{parts.path}{'?…' if parts.query else ''}"
