"""The connection sheet of the open scope's partner: as the live configuration has it, and as it was last signed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

from gangway.identity.models import OidcSettings, SamlSettings, SignedSheet
from gangway.identity.queries.connections import ConnectionRow, connections, tokens
from gangway.identity.rules import sheets as rules
from gangway.identity.rules.connections import USUAL_CLAIMS, ConnectionKind, ConnectionState
from gangway.identity.rules.saml import service_provider
from gangway.identity.rules.sheets import WHOLE, Change, Fact, Said, Sheet, Standing
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners

BY_MAIL = "mail"
PERSISTENT = "NameID (persistent)"


@dataclass(frozen=True, slots=True)
class Signature:
    """Who confirmed which version, when, and by which link."""

    sheet: Sheet
    text: str
    digest: str
    signer: str
    link_id: UUID
    at: datetime


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


def last_signature() -> Signature | None:
    row = SignedSheet.objects.order_by("-at", "-id").first()
    if row is None:
        return None
    return Signature(rules.read(row.text), row.text, row.digest, row.signer, row.link_id, row.at)


def live_sheet(now: datetime) -> Sheet:
    """What the configuration of this moment says; a connection that is off is not part of it."""
    partner = partners.partner_by_id(scopes.writer())
    rows = tuple(row for row in connections() if row.state is not ConnectionState.OFF)
    facts = list(_of_partner(partner, rows))
    for row in rows:
        facts += _of_connection(row, rows, now)
    return Sheet(partner.slug, tuple(one for one in facts if one.values))


def _of_partner(partner: partners.PartnerRow, rows: tuple[ConnectionRow, ...]) -> Iterator[Said]:
    signing = [row.kind.value for row in rows if row.kind.signs_in]
    directory = any(not row.kind.signs_in for row in rows)
    groups = any(row.group_rules for row in rows)
    said: dict[Fact, tuple[str, ...]] = {
        Fact.PARTNER: (partner.name,),
        Fact.TYPE: (partner.type_name or "",),
        Fact.TIER: (partner.tier_name or "",),
        Fact.LANGUAGE: (partner.locale,),
        Fact.ZONE: (partner.zone,),
        Fact.ADDRESS: (settings.BASE_URL,),
        Fact.PRIMARY: tuple(dict.fromkeys(signing)) or (BY_MAIL,),
        Fact.DATA: ("name", "email", "locale", *(("groups",) if groups or directory else ())),
        Fact.SEEN_BY_PARENT: (partner.parent_sees,),
        Fact.LEAVERS: ("directory" if directory else "hand",),
        Fact.DOMAINS: tuple(sorted(domain.name for domain in partners.domains(partner.id))),
        Fact.SESSION_HOURS: (str(partner.session_hours),) if partner.session_hours else (),
    }
    for fact, values in said.items():
        yield Said(WHOLE, fact, tuple(value for value in values if value))


def _of_connection(row: ConnectionRow, rows: tuple[ConnectionRow, ...], now: datetime) -> Iterator[Said]:
    said: dict[Fact, tuple[str, ...]] = {
        Fact.KIND: (row.kind.value,),
        Fact.NAME: (row.name,),
        Fact.STATE: (row.state.value,),
        Fact.HEAD_COUNT: (str(row.head_count),) if row.head_count else (),
        **_PROTOCOLS[row.kind](row, now),
    }
    if row.kind.signs_in:
        joined = next((other.key for other in rows if other.id == row.joined_id), "")
        said |= {
            Fact.CLAIMS: tuple(f"{field} ← {row.claims.get(field) or usual[0]}" for field, usual in _fields()),
            Fact.JOIN: (f"{joined}: {row.join_attribute} ← {row.join_claim}",) if row.joined_id else (),
            Fact.ROUTED: tuple(sorted(row.domains)),
            Fact.ADMITS: ("yes" if row.admits else "no",),
            Fact.FALLBACK: (row.fallback.value,),
        }
    if row.group_rules:
        said[Fact.GROUPS] = tuple(sorted(_group(rule) for rule in row.group_rules))
    return (Said(row.key, fact, said[fact]) for fact in Fact if fact in said)


def _fields() -> list[tuple[str, tuple[str, ...]]]:
    return sorted(USUAL_CLAIMS.items())


def _group(rule: dict[str, Any]) -> str:
    means = [str(rule[part]) for part in ("into", "role") if rule.get(part)]
    return f"{rule.get('group', '')} → {', '.join(means)}"


def _oidc(row: ConnectionRow, now: datetime) -> dict[Fact, tuple[str, ...]]:
    """The secret is not even read."""
    base = settings.BASE_URL
    said: dict[Fact, tuple[str, ...]] = {
        Fact.ADDRESSES: (f"{base}/sso/{row.route}/callback", f"{base}/sso/{row.route}"),
        Fact.SUBJECT: ("sub",),
    }
    columns = ("issuer", "client_id", "scopes", "must_say", "secret_expires_on")
    told = OidcSettings.objects.filter(connection=row.id).values(*columns).first()
    if told is None:
        return said
    ends = told["secret_expires_on"]
    return said | {
        Fact.PROVIDER: (without_secrets(told["issuer"]),),
        Fact.CLIENT_ID: (told["client_id"],),
        Fact.SCOPES: tuple(told["scopes"].split()),
        Fact.MUST_SAY: tuple(f"{claim} = {value}" for claim, value in sorted(told["must_say"].items())),
        Fact.SECRET_ENDS: (ends.isoformat(),) if ends else (),
    }


def _saml(row: ConnectionRow, now: datetime) -> dict[Fact, tuple[str, ...]]:
    us = service_provider(settings.BASE_URL, row.route)
    said: dict[Fact, tuple[str, ...]] = {Fact.ADDRESSES: (us.entity_id, us.acs_url)}
    told = SamlSettings.objects.filter(connection=row.id).first()
    if told is None:
        return said
    certificates = sorted(f"{one['fingerprint']} ({one['not_after'][:10]})" for one in told.certificates)
    return said | {
        Fact.PROVIDER: (without_secrets(told.entity_id),),
        Fact.SIGN_ON: (without_secrets(told.sso_url),),
        Fact.METADATA: (without_secrets(told.metadata_url),) if told.metadata_url else (),
        Fact.SUBJECT: (told.subject_attribute or PERSISTENT,),
        Fact.CERTIFICATES: tuple(certificates),
    }


def _scim(row: ConnectionRow, now: datetime) -> dict[Fact, tuple[str, ...]]:
    holding = [one for one in tokens(row.id) if one.revoked_at is None and one.expires_at > now]
    return {
        Fact.ADDRESSES: (f"{settings.BASE_URL}/scim/v2",),
        Fact.SUBJECT: ("id", "externalId"),
        Fact.TOKENS_END: tuple(sorted(one.expires_at.date().isoformat() for one in holding)),
    }


_PROTOCOLS: dict[ConnectionKind, Callable[[ConnectionRow, datetime], dict[Fact, tuple[str, ...]]]] = {
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
