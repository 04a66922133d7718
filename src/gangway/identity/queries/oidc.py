"""How a connection of the open scope speaks OpenID Connect."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from gangway.identity.models import OidcSettings
from gangway.kernel import secrets
from gangway.kernel.tenancy import scopes
from gangway.partners import queries as partners
from gangway.partners.queries import ShellDoors


@dataclass(frozen=True, slots=True)
class OidcRow:
    """`client_secret`, `old_secret`: readable, for the token endpoint; `document`, `keys`: as they were fetched."""

    connection_id: UUID
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    secret_expires_on: date | None
    old_secret: str = field(repr=False)
    old_secret_until: date | None
    scopes: str
    asks_userinfo: bool
    must_say: dict[str, str]
    document: dict[str, Any] = field(repr=False)
    fetched_at: datetime | None
    keys: dict[str, Any] = field(repr=False)
    keys_fetched_at: datetime | None
    shell: ShellDoors | None = None

    def inside(self, now: datetime) -> frozenset[tuple[str, int]]:
        """Which addresses of the house its provider may stand at: those the operator named; for a shell partner's own
        connection the one port of its process as well, while a rehearsal walks."""
        named: frozenset[tuple[str, int]] = settings.PROVIDERS_INSIDE
        return named | self.shell.provider(now) if self.shell else named


def oidc_settings(connection_id: UUID, now: datetime | None = None) -> OidcRow | None:
    """None where the connection is none of the scope's, or nobody said yet who its provider is. `now`: given where the
    provider is to be spoken to."""
    row = OidcSettings.objects.filter(connection=connection_id).first()
    if row is None:
        return None
    return OidcRow(
        connection_id=connection_id,
        issuer=row.issuer,
        client_id=row.client_id,
        client_secret=secrets.unseal(row.secret),
        secret_expires_on=row.secret_expires_on,
        old_secret=secrets.unseal(row.old_secret) if row.old_secret else "",
        old_secret_until=row.old_secret_until,
        scopes=row.scopes,
        asks_userinfo=row.asks_userinfo,
        must_say=row.must_say,
        document=row.document,
        fetched_at=row.fetched_at,
        keys=row.keys,
        keys_fetched_at=row.keys_fetched_at,
        shell=partners.shells(now).get(scopes.writer()) if now else None,
    )
