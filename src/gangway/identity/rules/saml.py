"""SAML: what a partner's provider says of itself, what of its answers counts, and why an answer does not. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from gangway.identity.rules import Step
from gangway.identity.rules.connections import Asserted

CLOCK_DRIFT = timedelta(minutes=2)  # between the provider's clock and ours
ANSWER_LIFE = timedelta(minutes=2)  # from the provider's POST to the page that opens the session
RESPONSE_LIMIT = 256 * 1024  # bytes of an answer, as it is sent (base64)
METADATA_LIMIT = 1024 * 1024
CIRCLES = 5  # departures of one browser within a minute, none of which ended
SAML_NAME_LENGTH = 1024  # of an entity id (saml-metadata-2.0, 2.2.1), and of what else is stored beside it


class SamlReason(StrEnum):
    """Why an answer of a provider opens nothing. Codes of failed sign-ins; they never change their meaning."""

    SETTINGS = "saml.no_settings"
    CIRCLES = "saml.goes_in_circles"
    SILENT = "saml.no_answer"
    REFUSED = "saml.provider_refused"
    SIZE = "saml.too_large"
    ENCODING = "saml.not_base64"
    XML = "saml.not_xml"
    DTD = "saml.dtd_or_entities"
    RESPONSE = "saml.not_a_response"
    STATUS = "saml.no_status"
    ENCRYPTED = "saml.encrypted"
    ASSERTIONS = "saml.not_one_assertion"
    DUPLICATE_ID = "saml.duplicate_id"
    MARKUP = "saml.markup_in_a_value"
    UNSIGNED = "saml.not_signed"
    SIGNATURE_SHAPE = "saml.signature_shape"
    ALGORITHM = "saml.algorithm_refused"
    KEY = "saml.signed_by_unknown_key"
    DIGEST = "saml.content_changed"
    LIBRARY = "saml.second_opinion"
    ISSUER = "saml.wrong_issuer"
    DESTINATION = "saml.wrong_destination"
    RECIPIENT = "saml.wrong_recipient"
    AUDIENCE = "saml.wrong_audience"
    REQUEST = "saml.answers_another_request"
    NO_REQUEST = "saml.answers_no_request"
    CONDITIONS = "saml.no_conditions"
    EARLY = "saml.not_yet_valid"
    LATE = "saml.not_valid_any_more"
    AUTHN = "saml.no_authn_statement"
    SUBJECT = "saml.no_subject"
    SUBJECT_KIND = "saml.subject_not_persistent"
    REPLAYED = "saml.replayed"
    BROWSER = "saml.other_browser_or_late"


def step_of(reason: SamlReason) -> Step:
    """Where a sign-in got stuck. Only what nobody can bring about by posting something counts as a broken provider:
    that may open the fallback."""
    match reason:
        case SamlReason.REFUSED:
            return Step.PROVIDER_REFUSED
        case SamlReason.SETTINGS | SamlReason.SILENT:
            return Step.PROVIDER_BROKEN
        case _:
            return Step.PROVIDER_FOREIGN


class NotProven(Exception):
    """An answer that proves nothing. `detail` says what was expected and what came, and nothing about a person."""

    def __init__(self, reason: SamlReason, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason.value}: {detail}" if detail else reason.value)


@dataclass(frozen=True, slots=True)
class SigningCertificate:
    """One of the provider's: `fingerprint` is the SHA-256 of its DER, in hexadecimal. `until`: it may sign up to then,
    where a newer one was given beside it; None: as long as the provider names it."""

    pem: str
    fingerprint: str
    not_after: datetime
    until: datetime | None = None

    def may_sign(self, now: datetime) -> bool:
        return self.until is None or now <= self.until


@dataclass(frozen=True, slots=True)
class ProviderMetadata:
    """What a provider says of itself. `sso_url`: where a browser is sent (HTTP-Redirect binding)."""

    entity_id: str
    sso_url: str
    certificates: tuple[SigningCertificate, ...]


@dataclass(frozen=True, slots=True)
class ServiceProvider:
    """What we are to one connection's provider. Made from BASE_URL and the connection's route, from nothing else."""

    entity_id: str
    acs_url: str


def service_provider(base_url: str, route: str) -> ServiceProvider:
    """The fixed part stands at the end: whoever compares by prefix compares the route."""
    return ServiceProvider(f"{base_url}/sso/{route}/metadata", f"{base_url}/sso/{route}/acs")


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer must say to count. `subject_attribute`: where the subject is read; "" is a persistent NameID."""

    provider_id: str
    certificates: tuple[str, ...]
    us: ServiceProvider
    request_id: str
    subject_attribute: str = ""


@dataclass(frozen=True, slots=True)
class Proven:
    """What the provider signed. `assertion_id` may be used once, and not after `until`."""

    asserted: Asserted
    assertion_id: str
    until: datetime
