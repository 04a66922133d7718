"""SAML connections: their settings, those that are refreshed, and the request that an answer is awaited for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from gangway.identity.models import Departure, SamlSettings
from gangway.identity.queries.connections import ConnectionRow, departure_digest
from gangway.identity.queries.doors import browser_digest
from gangway.identity.rules.connections import ConnectionState
from gangway.identity.rules.saml import Expected, ServiceProvider, SigningCertificate, service_provider
from gangway.kernel import secrets
from gangway.kernel.tenancy import scopes


@dataclass(frozen=True, slots=True)
class SamlRow:
    """What is known of a connection's provider. `problem`: why the last refresh brought nothing; "" where it did."""

    connection_id: UUID
    entity_id: str
    sso_url: str
    certificates: tuple[SigningCertificate, ...]
    subject_attribute: str
    metadata_url: str
    fetched_at: datetime
    problem: str
    problem_at: datetime | None


def saml_settings(connection_id: UUID) -> SamlRow | None:
    """The settings of a connection of the open scope; None where nobody gave any, or beyond it."""
    row = SamlSettings.objects.filter(connection=connection_id).first()
    return _row(row) if row else None


def saml_settings_of(connection: ConnectionRow) -> SamlRow | None:
    """The same, before a scope is open: for the door at which the provider's people stand."""
    with scopes.one(connection.partner_id):
        return saml_settings(connection.id)


def us(connection: ConnectionRow) -> ServiceProvider:
    """What we are to this connection's provider, whatever host name was asked."""
    return service_provider(settings.BASE_URL, connection.route)


def expected(connection: ConnectionRow, row: SamlRow, request_id: str, now: datetime) -> Expected:
    """What an answer of this connection's provider to this request must say."""
    return Expected(
        provider_id=row.entity_id,
        certificates=tuple(one.pem for one in row.certificates if one.may_sign(now)),
        us=us(connection),
        request_id=request_id,
        subject_attribute=row.subject_attribute,
    )


def is_awaited(state: str, connection_id: UUID, now: datetime) -> bool:
    """Whether a browser was sent to this connection's provider with this state, and may still come back once."""
    open_rows = Departure.objects.filter(connection=connection_id, used_at=None, expires_at__gt=now)
    return open_rows.filter(digest=departure_digest(state)).exists()


def sent_lately(connection_id: UUID, browser: str, now: datetime) -> int:
    """How often within a minute a browser was sent to this provider and did not come back to an end."""
    lately = Departure.objects.filter(connection=connection_id, used_at=None, asked_at__gt=now - timedelta(minutes=1))
    return lately.filter(browser=browser_digest(browser)).count() if browser else 0


@dataclass(frozen=True, slots=True)
class Refreshable:
    """A connection whose metadata stand at an address. `entity_id`: which of several providers there is meant."""

    partner_id: UUID
    connection_id: UUID
    metadata_url: str
    entity_id: str


def saml_refreshable() -> list[Refreshable]:
    """Those of all partners that are not turned off, for the nightly refresh."""
    with scopes.unscoped(scopes.Reason.WORKER):
        rows = SamlSettings.objects.exclude(metadata_url="").exclude(connection__state=ConnectionState.OFF)
        found = list(rows.order_by("id").values_list("partner", "connection", "metadata_url", "entity_id"))
    return [Refreshable(*row) for row in found]


def partners_with_saml() -> list[UUID]:
    """Partners that have a SAML connection with settings, whatever its state."""
    with scopes.unscoped(scopes.Reason.WORKER):
        return list(SamlSettings.objects.order_by("partner").values_list("partner", flat=True).distinct())


def answer_digest(handle: str) -> bytes:
    return secrets.digest(f"saml answer:{handle}")


def assertion_digest(assertion_id: str) -> bytes:
    return secrets.digest(f"saml assertion:{assertion_id}")


def _row(row: SamlSettings) -> SamlRow:
    return SamlRow(
        connection_id=row.connection_id,
        entity_id=row.entity_id,
        sso_url=row.sso_url,
        certificates=tuple(
            SigningCertificate(
                one["pem"],
                one["fingerprint"],
                datetime.fromisoformat(one["not_after"]),
                datetime.fromisoformat(one["until"]) if "until" in one else None,
            )
            for one in row.certificates
        ),
        subject_attribute=row.subject_attribute,
        metadata_url=row.metadata_url,
        fetched_at=row.fetched_at,
        problem=row.problem,
        problem_at=row.problem_at,
    )
