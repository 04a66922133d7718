"""Connections as configuration: by key, without secrets, without what an installation or a day makes of its own."""

from typing import Any
from uuid import UUID

from gangway.identity.models import OidcSettings, SamlSettings
from gangway.identity.queries.connections import ConnectionRow, connections
from gangway.identity.queries.reach import accounts_of
from gangway.identity.queries.sheets import without_secrets
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners


def connection_settings() -> dict[UUID, dict[str, dict[str, Any]]]:
    """Of every partner: its id → key of the connection → what it is told. Opens scope host; six statements.

    Left out: routes and addresses, which each installation has of its own; tokens, secrets and certificates.
    """
    with scopes.host():
        rows = [row for row in connections() if row.owner is None]  # those of others stand with their owner's accounts
        told = _oidc() | _saml()
        slugs = {partner.id: partner.slug for partner in partners.list_partners()}
    served = accounts_of([row.id for row in rows if row.account_claim])
    keys = {row.id: row.key for row in rows}
    found: dict[UUID, dict[str, dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row.partner_id, {})[row.key] = {
            **_of(row, keys),
            **told.get(row.id, {}),
            "accounts": {key: slugs.get(one, "") for key, one in served.get(row.id, {}).items()},
        }
    return found


def _of(row: ConnectionRow, keys: dict[UUID, str]) -> dict[str, Any]:
    return {
        "kind": row.kind.value,
        "name": row.name,
        "state": row.state.value,
        "joined": keys[row.joined_id] if row.joined_id else "",
        "join_claim": row.join_claim,
        "join_attribute": row.join_attribute.value if row.join_attribute else "",
        "admits": row.admits,
        "claims": row.claims,
        "group_rules": row.group_rules,
        "domains": sorted(row.domains),
        "fallback": row.fallback.value,
        "head_count": row.head_count,
        "account_claim": row.account_claim,
    }


def _oidc() -> dict[UUID, dict[str, Any]]:
    """The secret is not even read."""
    rows = OidcSettings.objects.values("connection", "issuer", "client_id", "scopes", "must_say").order_by("id")
    return {
        row["connection"]: {
            "issuer": without_secrets(row["issuer"]),
            "client_id": row["client_id"],
            "scopes": row["scopes"],
            "must_say": row["must_say"],
        }
        for row in rows
    }


def _saml() -> dict[UUID, dict[str, Any]]:
    rows = SamlSettings.objects.values("connection", "entity_id", "sso_url", "subject_attribute", "metadata_url")
    return {
        row["connection"]: {
            "entity_id": without_secrets(row["entity_id"]),
            "sso_url": without_secrets(row["sso_url"]),
            "subject_attribute": row["subject_attribute"],
            "metadata_url": without_secrets(row["metadata_url"]),
        }
        for row in rows.order_by("id")
    }
